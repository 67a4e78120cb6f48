//! The page of a new agent, or of the one in the address.

use super::editor::Editor;
use super::own_keys::OwnKeys;
use crate::api::types::{AgentView, TrafficBy};
use crate::api::{ApiError, use_api};
use crate::components::{Empty, Loading, Notice, RetryButton, Tone};
use crate::dom;
use crate::features::tokens::{TokenOwner, Tokens};
use crate::features::traffic::{TrafficButton, TrafficOf, watch_traffic};
use crate::paths::Path;
use crate::state::use_title;
use crate::task::spawn_scoped;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The agent in the address.
#[derive(Clone)]
enum Subject {
    New,
    Agent(Box<AgentView>),
    Reading,
    Failed(ApiError),
}

/// Loads the agent, then shows its editor. It is loaded on each visit, so that editing starts with
/// the newest version, and not again while you type.
#[component]
pub fn AgentFormPage() -> impl IntoView {
    let api = use_api();
    let name = Path::agent_name(&use_location().pathname.get_untracked());
    let asked_for = name.clone().unwrap_or_default();
    let subject = RwSignal::new(Subject::Reading);
    let turn = StoredValue::new(0_u32);
    let read = move || {
        let Some(name) = &name else {
            subject.set(Subject::New);
            return;
        };
        let now = turn.get_value() + 1;
        turn.set_value(now);
        subject.set(Subject::Reading);
        let answer = api.agent(name);
        spawn_scoped(async move {
            let answer = answer.await;
            if turn.try_get_value() == Some(now) {
                subject.set(match answer {
                    Ok(agent) => Subject::Agent(Box::new(agent)),
                    Err(error) => Subject::Failed(error),
                });
            }
        });
    };
    let again = RwSignal::new(());
    Effect::new(move || {
        again.track();
        read();
    });
    move || match subject.get() {
        Subject::New => view! { <Editor base=RwSignal::new(None) /> }.into_any(),
        Subject::Agent(agent) => {
            let owner = TokenOwner::Agent(agent.name.clone());
            let name = Signal::stored(agent.name.clone());
            let traffic = TrafficOf::new(TrafficBy::Agent, name, name);
            watch_traffic(TrafficBy::Agent);
            let base = RwSignal::new(Some(*agent));
            view! {
                <Editor base=base />
                <OwnKeys base=base />
                <section class="setting" aria-labelledby="traffic">
                    <h2 id="traffic">"Traffic"</h2>
                    <p>
                        <TrafficButton of=traffic sentence=true />
                    </p>
                </section>
                <Tokens owner=owner />
            }
            .into_any()
        }
        Subject::Reading => {
            use_title("Agent");
            on_cleanup(dom::pass_on_heading_focus);
            view! { <h1 tabindex="-1">"Agent"</h1> <Loading label="Loading the agent" rows=5 /> }
                .into_any()
        }
        Subject::Failed(error) if error.code() == Some("not_found") => {
            let name = asked_for.clone();
            use_title("No such agent");
            view! {
                <h1 tabindex="-1">"No such agent"</h1>
                <Empty title=format!("There is no agent {name}")>
                    <p>
                        "It may have been deleted or renamed. "
                        <a href=Path::Agents.to_string()>"Go to the agents"</a>
                    </p>
                </Empty>
            }
            .into_any()
        }
        Subject::Failed(error) => {
            use_title("Agent");
            view! {
                <h1 tabindex="-1">"Agent"</h1>
                <Notice tone=Tone::Bad text=error.message()>
                    <RetryButton press=move || again.set(()) />
                </Notice>
            }
            .into_any()
        }
    }
}
