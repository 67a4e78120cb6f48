//! How a runtime gets the same answer.

use super::inputs::Inputs;
use super::local_answer::local_answer;
use crate::api::types::RouteRequest;
use crate::base_path;
use crate::components::{CopyButton, Prose, Show};
use crate::paths::{Path, PreviewAddress};
use crate::state::SharedTable;
use leptos::prelude::*;
use waypost_routing::operation::Operation;

/// The call of the API and the command that ask for this route, with what each of them reads.
#[component]
pub(super) fn Runtime(
    inputs: Inputs,
    /// The routing table without the scenario.
    table: Memo<Option<SharedTable>>,
) -> impl IntoView {
    let request = Memo::new(move |_| request(inputs.address()));
    let origin = base_path::public_url();
    let call = Signal::derive(move || request.with(|request| call(&origin, request)));
    let local_answer = Memo::new(move |_| {
        let request = request.get();
        table.with(|table| Some(local_answer(table.as_ref()?, &request)))
    });
    let command = Signal::derive(move || {
        let secrets = local_answer.with(|answer| Some(answer.as_ref()?.secrets.clone()));
        request.with(|request| command(request, &secrets.unwrap_or_default()))
    });
    let agent = Memo::new(move |_| request.with(|request| request.agent.clone()));
    let in_scenario = Memo::new(move |_| inputs.scenario.with(|changes| !changes.is_empty()));
    let token = move || match agent.get() {
        Some(name) => {
            let page = Path::Agent(name.clone()).to_string();
            view! {
                <code>"$WAYPOST_TOKEN"</code>
                " is a token of this agent. Create one on "
                <a href=page>"the page of " <bdi>{name}</bdi></a>
                ". A service token works, too."
            }
            .into_any()
        }
        None => view! {
            <code>"$WAYPOST_TOKEN"</code>
            " is a service token. Create one in "
            <a href=Path::Settings.to_string()>"Settings"</a>
            ". With an agent's token, the ref is resolved as that agent sends it."
        }
        .into_any(),
    };
    let differences = move || {
        let differences = local_answer.with(|answer| Some(answer.as_ref()?.differences.clone()));
        let lines = differences.unwrap_or_default().into_iter().map(|unknown| {
            let text = format!("This command gives another route: {}", unknown.words());
            view! {
                <p class="small warn">
                    <Prose text=text />
                </p>
            }
        });
        lines.collect_view()
    };
    let local = move || match agent.get() {
        Some(_) => {
            "It reads the agent's document from the file, and the environment and providers file of the machine that it runs on."
        }
        None => "It reads the environment and providers file of the machine that it runs on.",
    };
    view! {
        <section class="runtime" aria-labelledby="runtime-heading">
            <h2 id="runtime-heading">"Get this route from a runtime"</h2>
            <p class="small">
                "A runtime sends its requests to Waypost with the token of an agent, or gets the route from the API and sends them itself."
            </p>
            <Show when=move || in_scenario.get()>
                <p class="small">
                    "The scenario exists on this page only. The API and the command line answer without it."
                </p>
            </Show>
            <dl class="facts">
                <dt>"API"</dt>
                <dd>
                    <div class="runtime-line">
                        <pre>
                            <code>{call}</code>
                        </pre>
                        <CopyButton text=call name="Copy the API call" />
                    </div>
                    <p class="small">{token}</p>
                </dd>
                <dt>"Command line"</dt>
                <dd>
                    <div class="runtime-line">
                        <pre>
                            <code>{command}</code>
                        </pre>
                        <CopyButton text=command name="Copy the command" />
                    </div>
                    {differences}
                    <p class="small">
                        {local}
                        " It reads no workspace: sources, models, settings and providers added here are unknown to it. "
                        <code>"--secret"</code> " names a stored key."
                    </p>
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
        format: None,
    }
}

/// The call of the API, for a POSIX shell that has the token in `$WAYPOST_TOKEN`.
fn call(origin: &str, request: &RouteRequest) -> String {
    let body = serde_json::to_string(request).unwrap_or_default();
    format!(
        "curl {} \\\n  -H \"authorization: Bearer $WAYPOST_TOKEN\" \\\n  -H 'content-type: application/json' \\\n  -d {}",
        argument(&format!("{origin}/api/v1/route")),
        quoted(&body)
    )
}

/// The equivalent command line. It reads the agent's document from a file; `secrets` are the stored
/// keys that the route uses.
fn command(request: &RouteRequest, secrets: &[String]) -> String {
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
    for name in secrets {
        add(" --secret ", name);
    }
    command
}

/// A value between single quotes as soon as a shell might read it otherwise.
fn argument(value: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._/:@".contains(letter);
    if value.chars().all(plain) && !value.starts_with('-') {
        value.to_owned()
    } else {
        quoted(value)
    }
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_with_shell_characters_is_quoted() {
        assert_eq!(
            command(&RouteRequest::of("openrouter/a:free", Operation::Chat), &[]),
            "waypost route --json openrouter/a:free"
        );
        assert_eq!(
            command(&RouteRequest::of("l/a$b'c*", Operation::Messages), &[]),
            r"waypost route --json 'l/a$b'\''c*' --operation messages"
        );
    }

    #[test]
    fn the_call_carries_a_token_and_quotes_its_body() {
        assert_eq!(
            call(
                "http://localhost:8700",
                &RouteRequest::of("l/a'b", Operation::Chat)
            ),
            r#"curl http://localhost:8700/api/v1/route \
  -H "authorization: Bearer $WAYPOST_TOKEN" \
  -H 'content-type: application/json' \
  -d '{"ref":"l/a'\''b","operation":"chat"}'"#
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
            command(&request(address), &["litellm/api-key".to_owned()]),
            "waypost route --json --agent 'support bot.yaml' --subagent analyst --secret litellm/api-key"
        );
    }
}
