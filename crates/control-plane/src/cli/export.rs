//! `waypost route --format`: the request in the form that another tool reads.

use super::{tell, tell_error};
use clap::ValueEnum;
use std::fmt::Write as _;
use waypost_routing::agent::Agent;
use waypost_routing::export::{Variable, agent_document, curl, model_list_entry};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Resolution;

/// What a route can be printed as.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A curl command that sends a small request
    Curl,
    /// An entry of the `model_list` of a LiteLLM proxy
    Litellm,
    /// An agent's document whose primary takes this route
    Yaml,
}

/// Prints the export to the standard output, and what prevents the request to the standard error.
pub(super) fn print(
    format: Format,
    resolution: &Resolution,
    operation: Operation,
    agent: Option<&Agent>,
) {
    match export(format, resolution, operation, agent) {
        Some(text) => tell(text.trim_end()),
        None => tell_error(match format {
            Format::Curl => "no curl command: the request has no URL",
            Format::Litellm => "no LiteLLM entry: the request has no base URL",
            Format::Yaml => "no agent document: a document cannot express this request",
        }),
    }
    if let Some(error) = &resolution.error {
        tell_error(&format!("rejected [{}] {}", error.code, error.message));
    }
}

fn export(
    format: Format,
    resolution: &Resolution,
    operation: Operation,
    agent: Option<&Agent>,
) -> Option<String> {
    match format {
        Format::Curl => {
            let curl = curl(resolution, operation)?;
            Some(comments(&curl.variables) + &curl.command)
        }
        Format::Litellm => {
            let entry = model_list_entry(resolution)?;
            Some(comments(&entry.variables) + &entry.yaml)
        }
        Format::Yaml => agent_document(resolution, agent),
    }
}

/// What each variable has to be set to, as comments that shells and YAML readers skip.
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
