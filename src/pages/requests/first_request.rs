//! What is there before the first request: how an SDK is pointed at Waypost, and one command that
//! sends a first request.

use super::feed::Feed;
use super::first_token::{COPY_NOW, Created, FirstToken};
use crate::api::types::{RequestLogState, TokenInput, TokenKind};
use crate::api::use_api;
use crate::components::{
    Button, COPY_BLOCKED, Choice, CopyButton, EditLink, Empty, FailureNotice, Notice, Select, Show,
    Tone,
};
use crate::dom;
use crate::features::inference_address::use_inference_origin;
use crate::features::sample_workspace::{ADD_SAMPLE, use_add_sample};
use crate::paths::Path;
use crate::state::{use_announcer, use_routing_table};
use leptos::prelude::*;
use waypost_routing::export::{body_stub, shell_quoted};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Outcome;

/// The label of the token that is created here.
pub(super) const LABEL: &str = "first request";

/// How to point an SDK at Waypost, and a first request.
#[component]
pub(super) fn FirstRequest(feed: Feed, first: FirstToken) -> impl IntoView {
    let is_off = Memo::new(move |_| {
        feed.log.with(|log| {
            log.as_ref()
                .is_some_and(|log| log.state == RequestLogState::Off)
        })
    });
    let table = use_routing_table();
    let has_none = Memo::new(move |_| {
        table.with(|table| {
            table
                .as_ref()
                .is_some_and(|table| table.table().agents().is_empty())
        })
    });
    let origin = use_inference_origin();
    view! {
        <Show when=move || origin.with(Option::is_none)>
            <NotForwarding />
        </Show>
        <Show when=move || !is_off.get() && origin.with(Option::is_some)>
            <Empty title="No requests yet">
                <p>
                    "Requests appear here as they end. Point an SDK at Waypost, with the token of an agent as its API key; the agent's configuration decides the rest:"
                </p>
                <Sdk token=Signal::stored(None) />
                <Show when=move || has_none.get() fallback=move || view! { <Command first=first /> }>
                    <NoAgents />
                </Show>
            </Empty>
        </Show>
    }
}

/// What to do where there will never be a request.
#[component]
fn NotForwarding() -> impl IntoView {
    view! {
        <Empty title="This Waypost does not forward">
            <p>
                "It was started with " <code>"--no-forwarding"</code>
                ", so runtimes get their routes from the API and send the requests themselves. Start it without this option to send requests through it and see them here."
            </p>
        </Empty>
    }
}

/// Without an agent there is no token.
#[component]
fn NoAgents() -> impl IntoView {
    let sample = use_add_sample();
    view! {
        <p>"A token belongs to an agent, and there is none yet."</p>
        <p class="row-actions">
            <EditLink href=Path::NewAgent.to_string() text="Add agent" />
            <Show when=sample.offered>
                <Button edits=true busy=sample.busy press=sample.run>
                    {ADD_SAMPLE}
                </Button>
            </Show>
        </p>
    }
}

/// The lines for OpenAI's and Anthropic's SDKs.
#[component]
fn Sdk(token: Signal<Option<String>>) -> impl IntoView {
    let origin = use_inference_origin();
    let text = Signal::derive(move || {
        sdk_lines(&origin.get().unwrap_or_default(), token.get().as_deref())
    });
    view! { <Code text=text name="Copy both lines" /> }
}

/// The command that sends a first request, with a token once one is created.
#[component]
fn Command(first: FirstToken) -> impl IntoView {
    let api = use_api();
    let announcer = use_announcer();
    let writes = first.writes;
    let table = use_routing_table();
    let created = first.created;
    on_cleanup(move || first.leave());
    let error = RwSignal::new(None::<String>);
    let chosen = RwSignal::new(created.with_untracked(|created| {
        let created = created.as_ref()?;
        Some(created.agent.clone())
    }));
    // The agents, with the model string that each sends and whether that has a route.
    let senders = Memo::new(move |_| {
        let table = table.get()?;
        let senders = table.table().agents().iter().map(|agent| {
            let route = table.resolve_untraced(agent, None);
            let is_routed = route.outcome == Outcome::Routed;
            (agent.name.clone(), route.model_ref, is_routed)
        });
        Some(senders.collect::<Vec<_>>())
    });
    let sender = Memo::new(move |_| {
        senders.with(|senders| {
            let senders = senders.as_ref()?;
            let by_name = chosen.with(|chosen| {
                let chosen = chosen.as_deref()?;
                senders.iter().find(|(name, _, _)| name == chosen)
            });
            let routed = || senders.iter().find(|(_, _, is_routed)| *is_routed);
            by_name.or_else(routed).or(senders.first()).cloned()
        })
    });
    let name = Memo::new(move |_| {
        sender
            .with(|sender| sender.as_ref().map(|(name, _, _)| name.clone()))
            .unwrap_or_default()
    });
    let choices = Signal::derive(move || {
        senders.with(|senders| {
            let senders = senders.iter().flatten();
            senders
                .map(|(name, _, _)| Choice::new(name, name))
                .collect::<Vec<_>>()
        })
    });
    let choose = move |name: String| {
        // A token belongs to the agent that it was created for.
        first.dismiss();
        chosen.set(Some(name));
    };
    let create = move || {
        if writes.busy().get_untracked() {
            return;
        }
        error.set(None);
        let Some((agent, model, _)) = sender.get_untracked() else {
            return;
        };
        let input = TokenInput {
            kind: TokenKind::Agent,
            agent: Some(agent.clone()),
            role: None,
            label: LABEL.to_owned(),
            expires_in_days: None,
        };
        writes.send(
            "Creating the token",
            api.create_token(&input),
            |created| created,
            move |outcome| match outcome {
                Ok(answer) => {
                    announcer.say("Token created. The command contains it now, this once.");
                    first.keep(Created {
                        agent,
                        model,
                        token: answer.into_text(),
                    });
                    dom::focus_when_drawn(".first-request .button");
                }
                Err(problem) => {
                    announcer.say(problem.message());
                    error.try_set(Some(problem.message()));
                }
            },
        );
    };
    let origin = use_inference_origin();
    let text = Signal::derive(move || {
        let model = sender.with(|sender| sender.as_ref().map(|(_, model, _)| model.clone()));
        command(
            &origin.get().unwrap_or_default(),
            &model.unwrap_or_default(),
            created
                .with(|created| created.as_ref().map(|created| created.token.clone()))
                .as_deref(),
        )
    });
    let has_token = Memo::new(move |_| created.with(Option::is_some));
    let copied = Callback::new(move |done: bool| {
        if done {
            first.note_copied();
        }
    });
    view! {
        <Show when=move || sender.with(Option::is_some)>
            <div class="first-request">
                <p>"Or send a first request with one command, as this agent:"</p>
                <div class="bar">
                    <Select
                        label="Agent"
                        bare=true
                        choices=choices
                        value=name
                        choose=choose
                    />
                    <Show
                        when=move || has_token.get()
                        fallback=move || {
                            view! {
                                <Button edits=true busy=writes.busy() press=create>
                                    "Create token"
                                </Button>
                                <a href=move || name.with(|name| Path::Agent(name.clone()).to_string())>
                                    "Tokens of this agent"
                                </a>
                            }
                        }
                    >
                        <span class="small">{move || format!("Created the token “{LABEL}” for {}.", name.get())}</span>
                    </Show>
                </div>
                <Code text=text name="Copy the command" copied=copied />
                <Show when=move || has_token.get()>
                    <Notice
                        tone=Tone::Warn
                        text=COPY_NOW
                    />
                </Show>
                <FailureNotice error=error />
            </div>
        </Show>
    }
}

/// Lines to copy.
#[component]
pub(super) fn Code(
    text: Signal<String>,
    name: &'static str,
    /// Called with whether they were copied.
    #[prop(optional)]
    copied: Option<Callback<bool>>,
) -> impl IntoView {
    let announcer = use_announcer();
    let announce = move |done: bool| {
        announcer.say(match done {
            true => "Copied.",
            false => COPY_BLOCKED,
        });
        if let Some(copied) = copied {
            copied.try_run(done);
        }
    };
    view! {
        <div class="command">
            <pre tabindex="0" aria-label=name.replace("Copy ", "").to_owned() role="group">
                <code>{text}</code>
            </pre>
            <CopyButton text=text name=name.to_owned() copied=Callback::new(announce) />
        </div>
    }
}

/// What SDKs read from the environment.
fn sdk_lines(origin: &str, token: Option<&str>) -> String {
    let token = token.unwrap_or("wpa_…");
    format!(
        "export OPENAI_BASE_URL={origin}/v1 OPENAI_API_KEY={token}\n\
         export ANTHROPIC_BASE_URL={origin} ANTHROPIC_API_KEY={token}"
    )
}

/// A `curl` command that sends one request.
pub(super) fn command(origin: &str, model: &str, token: Option<&str>) -> String {
    let body = body_stub(Operation::Chat, model).unwrap_or_default();
    let token = token.unwrap_or("$WAYPOST_TOKEN");
    format!(
        "curl {origin}/v1/chat/completions \\\n  \
         -H \"authorization: Bearer {token}\" \\\n  \
         -H \"content-type: application/json\" \\\n  \
         -d {}",
        shell_quoted(&body)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_one_argument_after_the_other_whatever_the_model_is_called() {
        let text = command("http://127.0.0.1:8700", "it's", Some("wpa_x"));
        assert!(text.starts_with("curl http://127.0.0.1:8700/v1/chat/completions \\\n"));
        assert!(text.contains("-H \"authorization: Bearer wpa_x\""));
        assert!(text.contains(r#""model": "it'\''s""#) || text.contains(r#""model":"it'\''s""#));
        assert!(command("o", "m", None).contains("Bearer $WAYPOST_TOKEN"));
    }

    #[test]
    fn the_lines_point_both_sdks_at_waypost() {
        let lines = sdk_lines("http://127.0.0.1:8700", None);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(
            lines[0],
            "export OPENAI_BASE_URL=http://127.0.0.1:8700/v1 OPENAI_API_KEY=wpa_…"
        );
        assert_eq!(
            lines[1],
            "export ANTHROPIC_BASE_URL=http://127.0.0.1:8700 ANTHROPIC_API_KEY=wpa_…"
        );
    }
}
