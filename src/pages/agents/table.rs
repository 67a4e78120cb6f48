//! The agents that match the filter, paged, so that thousands cost no more than fifty.

use super::filter::{Filter, PAGE, matching};
use super::row::AgentRow;
use crate::components::{Button, Column, Empty, Show, Table};
use crate::dom;
use crate::format::thousands;
use crate::state::{use_announcer, use_workspace};
use leptos::prelude::*;

const COLUMNS: &[Column] = &[
    Column::new("Agent", "agent"),
    Column::new("Primary", "route"),
    Column::new("Fallback", "route"),
    Column::silent("Actions", "actions"),
];

/// The table, with pagination if there is more than one page.
#[component]
pub(super) fn AgentTable(
    filter: RwSignal<Filter>,
    /// How many routes each agent is missing.
    broken: Memo<Vec<usize>>,
) -> impl IntoView {
    let agents = use_workspace().agents();
    let announcer = use_announcer();
    let page = RwSignal::new(0_usize);
    Effect::new(move |before: Option<()>| {
        filter.track();
        if before.is_some() {
            page.set(0);
        }
    });
    let found = Memo::new(move |_| {
        let broken: Vec<bool> =
            broken.with(|broken| broken.iter().map(|number| *number > 0).collect());
        agents
            .with(|agents| filter.with(|filter| matching(agents, &broken, filter)))
            .unwrap_or_default()
    });
    let last = Memo::new(move |_| found.with(|found| found.len().saturating_sub(1) / PAGE));
    // A list that shrank has fewer pages.
    let page_shown = Memo::new(move |_| page.get().min(last.get()));
    // Tracks names only, so that a row stays when its values change.
    let names = Memo::new(move |_| {
        let from = page_shown.get() * PAGE;
        agents
            .with(|agents| {
                found.with(|found| {
                    found
                        .iter()
                        .skip(from)
                        .take(PAGE)
                        .filter_map(|at| agents.get(*at))
                        .map(|agent| agent.name.clone())
                        .collect::<Vec<_>>()
                })
            })
            .unwrap_or_default()
    });
    let row = move |name: String| {
        let first = agents.with(|agents| agents.iter().find(|agent| agent.name == name).cloned());
        first.flatten().map(|first| {
            let item = Memo::new(move |old| {
                agents
                    .with(|agents| {
                        let at = agents.binary_search_by(|agent| agent.name.as_str().cmp(&name));
                        at.ok().map(|at| agents[at].clone())
                    })
                    .flatten()
                    .or_else(|| old.cloned())
                    .unwrap_or_else(|| first.clone())
            });
            view! { <AgentRow item=item /> }
        })
    };
    let range = move || {
        let (from, all) = (page_shown.get() * PAGE, found.with(Vec::len));
        let to = all.min(from + PAGE);
        let number = |number: usize| thousands(number as u64);
        format!("{}–{} of {}", number(from + 1), number(to), number(all))
    };
    let turn = move |to: usize| {
        page.set(to);
        announcer.say(range());
        dom::focus_heading();
    };
    view! {
        <Show
            when=move || found.with(|found| !found.is_empty())
            fallback=move || view! { <NoMatch filter=filter /> }
        >
            <Table label="Agents" columns=COLUMNS>
                <For each=move || names.get() key=Clone::clone children=row />
            </Table>
            <Show when=move || { last.get() > 0 }>
                <nav class="bar" aria-label="Pages of agents">
                    <Button
                        disabled=Signal::derive(move || page_shown.get() == 0)
                        press=move || turn(page_shown.get_untracked().saturating_sub(1))
                    >
                        "Previous"
                    </Button>
                    <p class="small">{range}</p>
                    <Button
                        disabled=Signal::derive(move || page_shown.get() == last.get())
                        press=move || turn(page_shown.get_untracked() + 1)
                    >
                        "Next"
                    </Button>
                </nav>
            </Show>
        </Show>
    }
}

/// Nothing matches.
#[component]
fn NoMatch(filter: RwSignal<Filter>) -> impl IntoView {
    let text = move || {
        if filter.with(|filter| filter.only_broken && filter.query.is_empty()) {
            "Every agent and every subagent has a route."
        } else {
            "Searches agent names, aliases, models and sources for every word."
        }
    };
    view! {
        <Empty title="No agent matches">
            <p>{text}</p>
            <p>
                <Button press=move || {
                    filter.set(Filter::default());
                    dom::focus(".agents-bar input");
                }>"Clear the filters"</Button>
            </p>
        </Empty>
    }
}
