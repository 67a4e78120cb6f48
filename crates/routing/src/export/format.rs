//! The formats a resolution can be exported in.

use super::{Variable, agent_document, curl, model_list_entry};
use crate::agent::Agent;
use crate::operation::Operation;
use crate::resolution::Resolution;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// What a route can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A curl command that sends a small request.
    Curl,
    /// An entry of the `model_list` of a LiteLLM proxy.
    Litellm,
    /// An agent document whose primary takes this route.
    Yaml,
}

impl ExportFormat {
    /// Every format, in the order in which the documentation lists them.
    pub const ALL: [Self; 3] = [Self::Curl, Self::Litellm, Self::Yaml];

    /// The name used by the API and the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Litellm => "litellm",
            Self::Yaml => "yaml",
        }
    }

    /// The inverse of [`ExportFormat::name`]; `None` for a name no format has.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Why [`export`] has no text.
    #[must_use]
    pub fn unavailable(self) -> &'static str {
        match self {
            Self::Curl => "no curl command: the request has no URL",
            Self::Litellm => "no LiteLLM entry: the request has no base URL",
            Self::Yaml => "no agent document: a document cannot express this request",
        }
    }
}

/// Writes a resolution in a format, after comments that say what each variable in it stands for;
/// `None` where the format cannot express it. `agent` sends the request.
#[must_use]
pub fn export(
    format: ExportFormat,
    resolution: &Resolution,
    operation: Operation,
    agent: Option<&Agent>,
) -> Option<String> {
    match format {
        ExportFormat::Curl => {
            let curl = curl(resolution, operation)?;
            Some(comments(&curl.variables) + &curl.command)
        }
        ExportFormat::Litellm => {
            let entry = model_list_entry(resolution)?;
            Some(comments(&entry.variables) + &entry.yaml)
        }
        ExportFormat::Yaml => agent_document(resolution, agent),
    }
}

/// Comments that shells and YAML readers skip.
fn comments(variables: &[Variable]) -> String {
    variables.iter().fold(String::new(), |mut text, variable| {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "# {} stands for {}",
            variable.name, variable.stands_for
        );
        text
    })
}
