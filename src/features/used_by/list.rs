//! The list of the agents that use an owner.

use crate::components::{Button, Dialog, Loading, Notice, RetryButton, Show, Tone};
use crate::format::{MAIN_AGENT, count, names};
use crate::paths::Path;
use crate::state::{Owner, SharedUsedBy, use_used_by, use_workspace};
use leptos::prelude::*;
use waypost_routing::used_by::User;

/// How many agents are shown at first, and how many more each time.
const ROWS: usize = 50;

/// The agents, with links to them.
#[component]
pub(super) fn UsedByDialog(
    open: RwSignal<bool>,
    owner: Owner,
    name: Signal<String>,
) -> impl IntoView {
    let title = Signal::derive(move || format!("Agents that use {}", name.get()));
    view! {
        <Dialog
            open=open
            title=title
            subtitle="A primary or fallback of these agents names it or goes to it."
        >
            <Users open=open owner=owner.clone() />
        </Dialog>
    }
}

#[component]
fn Users(open: RwSignal<bool>, owner: Owner) -> impl IntoView {
    let used_by = use_used_by();
    let snapshot = use_workspace().snapshot();
    let rows = RwSignal::new(ROWS);
    let list = move |used_by: &SharedUsedBy| {
        let users = used_by.get().users_of_owner(owner.name());
        let all = users.len();
        let shown = rows.get();
        let users: Vec<(String, Option<String>)> = users
            .iter()
            .take(shown)
            .map(|user| (user.agent.to_owned(), members(user)))
            .collect();
        let items = users
            .into_iter()
            .map(|(agent, of)| {
                let path = Path::Agent(agent.clone()).to_string();
                view! {
                    <li>
                        <a href=path>{agent}</a>
                        {of.map(|of| view! { " " <span class="small faint">{of}</span> })}
                    </li>
                }
            })
            .collect_view();
        let more = all.saturating_sub(shown);
        view! {
            <ul class="user-list">{items}</ul>
            <Show when=move || { more > 0 }>
                <p>
                    <Button press=move || {
                        rows.update(|rows| *rows += 4 * ROWS)
                    }>{format!("Show {} more", count(more as u64, "agent", "agents"))}</Button>
                </p>
            </Show>
        }
    };
    let failure = move || snapshot.error().map(|error| error.message());
    view! {
        <div class="dialog-body">
            {move || {
                used_by
                    .with(|used_by| {
                        match (used_by, failure()) {
                            (Some(used_by), _) => list(used_by).into_any(),
                            (None, Some(text)) => {
                                view! {
                                    <Notice tone=Tone::Bad text=text>
                                        <RetryButton press=move || snapshot.reload() />
                                    </Notice>
                                }
                                    .into_any()
                            }
                            (None, None) => view! { <Loading label="Loading agents" /> }.into_any(),
                        }
                    })
            }}
        </div>
        <footer class="dialog-foot">
            <span class="grow"></span>
            <Button press=move || open.set(false)>"Close"</Button>
        </footer>
    }
}

/// Which of an agent's members use it, unless it is the agent itself alone.
fn members(user: &User<'_>) -> Option<String> {
    let aliases: Vec<String> = user
        .members
        .iter()
        .flatten()
        .map(|alias| (*alias).to_owned())
        .collect();
    let subagents = match aliases.len() {
        0 => return None,
        1 => "subagent",
        _ => "subagents",
    };
    let main = match user.members.contains(&None) {
        true => [MAIN_AGENT, ", "].concat(),
        false => String::new(),
    };
    Some(format!("{main}{subagents} {}", names(&aliases, 4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subagents_are_named() {
        let user = |members| User {
            agent: "bot",
            members,
        };
        assert_eq!(members(&user(vec![None])), None);
        assert_eq!(
            members(&user(vec![None, Some("writer")])).as_deref(),
            Some("main agent, subagent writer")
        );
        assert_eq!(
            members(&user(vec![Some("a"), Some("b")])).as_deref(),
            Some("subagents a and b")
        );
    }
}
