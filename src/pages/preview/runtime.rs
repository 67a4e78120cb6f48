//! How a runtime gets the same answer.

use super::inputs::Inputs;
use crate::api::types::RouteRequest;
use crate::components::CopyButton;
use crate::paths::PreviewAddress;
use leptos::prelude::*;
use waypost_routing::operation::Operation;

/// The requests and commands with which a runtime gets the route.
#[component]
pub(super) fn Runtime(inputs: Inputs) -> impl IntoView {
    let request = Signal::derive(move || request(inputs.address()));
    let body = Signal::derive(move || serde_json::to_string(&request.get()).unwrap_or_default());
    let command = Signal::derive(move || command(&request.get()));
    view! {
        <section class="runtime" aria-labelledby="runtime-heading">
            <h2 id="runtime-heading">"How a runtime asks"</h2>
            <p class="small">
                "Waypost does not forward inference yet. A runtime gets the route from the API and sends the request itself."
            </p>
            <dl class="facts">
                <dt>"API"</dt>
                <dd>
                    <code>"POST /api/v1/route "{body}</code>
                    " "
                    <CopyButton text=body name="Copy the body of the API request" />
                </dd>
                <dt>"Command line"</dt>
                <dd>
                    <code>{command}</code>
                    " "
                    <CopyButton text=command name="Copy the command" />
                </dd>
            </dl>
        </section>
    }
}

/// The equivalent API request.
fn request(inputs: PreviewAddress) -> RouteRequest {
    let given = |text: String| (!text.is_empty()).then_some(text);
    let agent = given(inputs.agent);
    let model_ref = match given(inputs.model_ref) {
        None if agent.is_none() => Some("REF".to_owned()),
        model_ref => model_ref,
    };
    RouteRequest {
        model_ref,
        agent,
        subagent: given(inputs.subagent),
        operation: inputs.operation,
    }
}

/// The equivalent command line. It reads the agent's document from a file.
fn command(request: &RouteRequest) -> String {
    let mut command = "waypost route --json".to_owned();
    let mut add = |option: &str, value: &str| {
        command.push_str(option);
        command.push_str(&argument(value));
    };
    if let Some(model_ref) = &request.model_ref {
        add(" ", model_ref);
    }
    if let Some(agent) = &request.agent {
        add(" --agent ", &[agent, ".yaml"].concat());
    }
    if let Some(alias) = &request.subagent {
        add(" --subagent ", alias);
    }
    if request.operation != Operation::default() {
        add(" --operation ", request.operation.name());
    }
    command
}

/// A value between single quotes as soon as a shell might read it otherwise.
fn argument(value: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._/:@".contains(letter);
    if value.chars().all(plain) && !value.starts_with('-') {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_with_shell_characters_is_quoted() {
        assert_eq!(
            command(&RouteRequest::of("openrouter/a:free", Operation::Chat)),
            "waypost route --json openrouter/a:free"
        );
        assert_eq!(
            command(&RouteRequest::of("l/a$b'c*", Operation::Messages)),
            r"waypost route --json 'l/a$b'\''c*' --operation messages"
        );
    }

    #[test]
    fn an_agent_is_asked_about_by_its_document() {
        let address = PreviewAddress {
            agent: "support bot".to_owned(),
            subagent: "analyst".to_owned(),
            ..PreviewAddress::default()
        };
        assert_eq!(
            command(&request(address)),
            "waypost route --json --agent 'support bot.yaml' --subagent analyst"
        );
    }
}
