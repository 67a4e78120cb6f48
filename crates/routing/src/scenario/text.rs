//! The text of a change: `kind:target` or `kind:target=value`.

use super::{ModelState, ScenarioChange};
use crate::base_url::BaseUrl;
use crate::catalog::{check_file_name, check_variable_name};
use crate::display_text::display_text;
use crate::model_ref::{MAX_LENGTH, ModelRef};
use std::fmt;
use std::str::FromStr;

/// Why a text is not a scenario change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    text: String,
    reason: String,
}

impl ScenarioError {
    fn new(text: &str, reason: impl Into<String>) -> Self {
        let (text, reason) = (text.to_owned(), reason.into());
        Self { text, reason }
    }

    /// What is wrong, in one sentence, for a place that shows the text itself.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What is wrong with which text.
    #[must_use]
    pub fn message(&self) -> String {
        let text = quoted(&self.text);
        format!("{text} is not a scenario change. {}", self.reason)
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl std::error::Error for ScenarioError {}

const KINDS: &str = "It must begin with one of `base-url:`, `passthrough:`, `key:`, `down:`, \
                     `removed:`, `env-base-url:`, `env:`, `model:`, `default-model:` and \
                     `managed-gateway:`.";

impl fmt::Display for ScenarioChange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word =
            |yes: bool, is: &'static str, is_not: &'static str| if yes { is } else { is_not };
        match self {
            Self::BaseUrl { owner, url } => write!(out, "base-url:{owner}={url}"),
            Self::Passthrough { source, on } => {
                write!(out, "passthrough:{source}={}", word(*on, "on", "off"))
            }
            Self::Key { owner, present } => {
                write!(out, "key:{owner}={}", word(*present, "present", "missing"))
            }
            Self::Down { owner } => write!(out, "down:{owner}"),
            Self::Removed { owner } => write!(out, "removed:{owner}"),
            Self::BaseUrlVariable { variable, url } => write!(out, "env-base-url:{variable}={url}"),
            Self::Variable { variable, set } => {
                write!(out, "env:{variable}={}", word(*set, "set", "unset"))
            }
            Self::Model { owner, id, state } => write!(out, "model:{owner}/{id}={}", state.name()),
            Self::DefaultModel { model_ref } => {
                write!(out, "default-model:{}", model_ref.as_deref().unwrap_or(""))
            }
            Self::ManagedGateway { gateway } => write!(out, "managed-gateway:{gateway}"),
        }
    }
}

impl ModelState {
    /// The word in the text of a change.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Removed => "removed",
        }
    }
}

impl FromStr for ScenarioChange {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, ScenarioError> {
        let Some((kind, rest)) = text.split_once(':') else {
            return Err(ScenarioError::new(text, KINDS));
        };
        let in_two = || {
            rest.split_once('=')
                .ok_or_else(|| ScenarioError::new(text, "After the name it needs `=` and a value."))
        };
        match kind {
            "base-url" => {
                let (owner, url) = in_two()?;
                let (owner, url) = (name(text, owner)?, address(text, url)?);
                Ok(Self::BaseUrl { owner, url })
            }
            "passthrough" => {
                let (source, value) = in_two()?;
                let (source, on) = (name(text, source)?, choice(text, value, ["on", "off"])?);
                Ok(Self::Passthrough { source, on })
            }
            "key" => {
                let (owner, value) = in_two()?;
                let present = choice(text, value, ["present", "missing"])?;
                let owner = name(text, owner)?;
                Ok(Self::Key { owner, present })
            }
            "down" => Ok(Self::Down {
                owner: name(text, rest)?,
            }),
            "removed" => Ok(Self::Removed {
                owner: name(text, rest)?,
            }),
            "env-base-url" => {
                let (variable, url) = in_two()?;
                let variable = base_url_variable(text, variable)?;
                let url = address(text, url)?;
                Ok(Self::BaseUrlVariable { variable, url })
            }
            "env" => {
                let (variable, value) = in_two()?;
                let set = choice(text, value, ["set", "unset"])?;
                if !check_variable_name(variable) && base_url_variable(text, variable).is_err() {
                    let reason = "The name of an environment variable has letters, digits and `_`, \
                                  and no digit first.";
                    return Err(ScenarioError::new(text, reason));
                }
                let variable = variable.to_owned();
                Ok(Self::Variable { variable, set })
            }
            "model" => model(text, rest),
            "default-model" => default_model(text, rest),
            "managed-gateway" => Ok(Self::ManagedGateway {
                gateway: name(text, rest)?,
            }),
            _ => Err(ScenarioError::new(text, KINDS)),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("`{}`", display_text(text, 80))
}

fn name(text: &str, name: &str) -> Result<String, ScenarioError> {
    match check_file_name(name) {
        Ok(()) => Ok(name.to_owned()),
        Err(error) => Err(ScenarioError::new(text, error.message())),
    }
}

/// A base URL as typed, without outer spaces, which every reader of one cuts.
fn address(text: &str, url: &str) -> Result<String, ScenarioError> {
    match BaseUrl::parse(url) {
        Ok(_) => Ok(url.trim().to_owned()),
        Err(error) => Err(ScenarioError::new(text, error.message())),
    }
}

/// The variables that override base URLs are made from names, which may hold more than those of
/// other variables.
fn base_url_variable(text: &str, variable: &str) -> Result<String, ScenarioError> {
    let is_plain =
        |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_.-".contains(&byte);
    let named = variable.strip_suffix("_BASE_URL");
    if named.is_some_and(|name| !name.is_empty() && name.bytes().all(is_plain)) {
        return Ok(variable.to_owned());
    }
    let reason = "The variable of a base URL is called `<NAME>_BASE_URL`, in upper case.";
    Err(ScenarioError::new(text, reason))
}

fn choice(text: &str, value: &str, [yes, no]: [&str; 2]) -> Result<bool, ScenarioError> {
    match value {
        value if value == yes => Ok(true),
        value if value == no => Ok(false),
        _ => {
            let reason = format!("The value must be `{yes}` or `{no}`.");
            Err(ScenarioError::new(text, reason))
        }
    }
}

/// The id may hold `=` and `/` itself, so the state is what stands last.
fn model(text: &str, rest: &str) -> Result<ScenarioChange, ScenarioError> {
    const STATES: [ModelState; 3] = [
        ModelState::Enabled,
        ModelState::Disabled,
        ModelState::Removed,
    ];
    let named = rest.rsplit_once('=').and_then(|(model, word)| {
        let state = STATES.into_iter().find(|state| state.name() == word)?;
        Some((model, state))
    });
    let Some((model, state)) = named else {
        let reason = "After the model it needs `=` and `enabled`, `disabled` or `removed`.";
        return Err(ScenarioError::new(text, reason));
    };
    let Some((owner, id)) = model.split_once('/').filter(|(_, id)| !id.is_empty()) else {
        return Err(ScenarioError::new(
            text,
            "A model is written as `owner/id`.",
        ));
    };
    if model.len() > MAX_LENGTH {
        return Err(ScenarioError::new(text, "The model is too long."));
    }
    Ok(ScenarioChange::Model {
        owner: name(text, owner)?,
        id: id.to_owned(),
        state,
    })
}

fn default_model(text: &str, model_ref: &str) -> Result<ScenarioChange, ScenarioError> {
    if model_ref.is_empty() {
        return Ok(ScenarioChange::DefaultModel { model_ref: None });
    }
    match ModelRef::parse(model_ref) {
        Ok(_) => Ok(ScenarioChange::DefaultModel {
            model_ref: Some(model_ref.to_owned()),
        }),
        Err(error) => Err(ScenarioError::new(text, error.message())),
    }
}
