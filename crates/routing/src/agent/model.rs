//! The `model` of an agent or subagent.

use super::reader::{CheckedRef, Fields, Reader, join};
use crate::codes;
use crate::model_id::{is_pattern_form, pattern_message};
use crate::model_ref::ModelRef;
use crate::problem::Severity;
use crate::yaml::Node;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Which model an agent or subagent sends, and by which way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentModel {
    /// The ref, or the model string that is sent. Without it the organisation's default model is
    /// used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// The ref to use if the primary fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// The older form: the gateway that `primary` and `fallback` belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    /// Whether requests go straight to the source. Where it is not set the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passthrough: Option<bool>,
    /// The slug of the custom source whose base URL and credential are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The normalised base URL that takes the place of the source's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

impl AgentModel {
    /// The primary as it is sent: in the older form with the gateway before it.
    #[must_use]
    pub fn primary_ref(&self) -> Option<Cow<'_, str>> {
        self.with_gateway(self.primary.as_deref()?)
    }

    /// The fallback as it would be sent: in the older form with the gateway before it.
    #[must_use]
    pub fn fallback_ref(&self) -> Option<Cow<'_, str>> {
        self.with_gateway(self.fallback.as_deref()?)
    }

    fn with_gateway<'a>(&'a self, model: &'a str) -> Option<Cow<'a, str>> {
        Some(match &self.gateway {
            Some(gateway) if !is_below(gateway, model) => format!("{gateway}/{model}").into(),
            _ => model.into(),
        })
    }
}

/// Whether a ref already begins with the gateway's name.
fn is_below(gateway: &str, model: &str) -> bool {
    model
        .strip_prefix(gateway)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The fields that are read, and the two that concern the model alone and not its route.
const FIELDS: Fields = Fields {
    known: &[
        "primary",
        "fallback",
        "gateway",
        "passthrough",
        "source",
        "base_url",
        "temperature",
        "max_tokens",
    ],
    unknown: Severity::Warning,
    secret: None,
};

/// Reads a `model`. Null is as good as absent here, for the whole and for each of its fields,
/// because files that leave a field empty are in use.
pub(super) fn read(reader: &mut Reader, path: &str, value: Option<&Node>) -> AgentModel {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return AgentModel::default();
    };
    let Some(fields) = reader.mapping(path, "a mapping with `primary`", value) else {
        return AgentModel::default();
    };
    reader.check_fields(path, fields, &FIELDS);
    let field = |name: &str| fields.get(name).filter(|value| !value.is_null());
    let mut text = |name: &str| {
        let value = field(name)?;
        let text = reader.filled(&join(path, name), codes::INVALID_FIELD, value)?;
        Some(text.to_owned())
    };
    let mut model = AgentModel {
        primary: text("primary"),
        fallback: text("fallback"),
        gateway: text("gateway"),
        source: text("source"),
        ..AgentModel::default()
    };
    model.passthrough =
        field("passthrough").and_then(|value| reader.bool(&join(path, "passthrough"), value));
    model.base_url =
        field("base_url").and_then(|value| reader.base_url(&join(path, "base_url"), value));
    check_refs(reader, path, &model, &field);
    model
}

/// Warns of refs that the resolver will refuse. The primary of a passthrough model is not looked
/// at: it is a plain string there, which only its upstream can judge.
fn check_refs<'a>(
    reader: &mut Reader,
    path: &str,
    model: &AgentModel,
    field: &impl Fn(&str) -> Option<&'a Node>,
) {
    let may_pass_through = model.passthrough.unwrap_or(model.source.is_some());
    let primary = model.primary_ref().filter(|_| !may_pass_through);
    for (name, text) in [("primary", primary), ("fallback", model.fallback_ref())] {
        let (Some(text), Some(value)) = (text, field(name)) else {
            continue;
        };
        let path = join(path, name);
        let position = value.position();
        if let Err(error) = ModelRef::parse(&text) {
            reader.warn(&path, error.code(), error.message(), position);
        } else if is_pattern_form(&text) {
            let message = pattern_message(&text);
            reader.warn(&path, codes::MODEL_IS_PATTERN, message, position);
        }
        reader.refs.push(CheckedRef {
            path,
            text: text.into_owned(),
            position,
        });
    }
}
