//! How a runtime gets the same answer.

use crate::api::types::RouteRequest;
use crate::components::CopyButton;
use leptos::prelude::*;
use waypost_routing::operation::Operation;

/// Says that Waypost does not forward inference, and what a runtime asks instead.
#[component]
pub(super) fn Runtime(
    /// The ref as typed.
    text: RwSignal<String>,
    /// What the request asks for.
    operation: RwSignal<Operation>,
) -> impl IntoView {
    let asked = Signal::derive(move || {
        text.with(|text| {
            if text.is_empty() {
                "REF".to_owned()
            } else {
                text.clone()
            }
        })
    });
    let body = Signal::derive(move || {
        let request = RouteRequest::of(asked.get(), operation.get());
        serde_json::to_string(&request).unwrap_or_default()
    });
    let command = Signal::derive(move || command(&asked.get(), operation.get()));
    view! {
        <section class="runtime" aria-labelledby="runtime-heading">
            <h2 id="runtime-heading">"How a runtime asks"</h2>
            <p class="small">
                "Waypost does not forward inference yet. A runtime asks for the route and sends the request itself. The answer is the one on this page."
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

/// The command, with the ref between single quotes as soon as a shell might read it otherwise.
fn command(model_ref: &str, operation: Operation) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._/:@".contains(letter);
    let shown = if model_ref.chars().all(plain) && !model_ref.starts_with('-') {
        model_ref.to_owned()
    } else {
        format!("'{}'", model_ref.replace('\'', r"'\''"))
    };
    let mut command = format!("waypost route --json {shown}");
    if operation != Operation::default() {
        command.push_str(&format!(" --operation {}", operation.name()));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::command;
    use waypost_routing::operation::Operation;

    #[test]
    fn a_ref_with_shell_characters_is_quoted() {
        assert_eq!(
            command("openrouter/a:free", Operation::Chat),
            "waypost route --json openrouter/a:free"
        );
        assert_eq!(
            command("l/a$b'c*", Operation::Messages),
            r"waypost route --json 'l/a$b'\''c*' --operation messages"
        );
    }
}
