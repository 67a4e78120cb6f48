//! The agents as a list in pages, so that thousands cost no more than fifty.

use super::filter::PAGE;
use super::list_state::AgentList;
use super::row::{AgentRow, item_of};
use crate::components::{Button, Column, Show, Table};
use crate::dom;
use crate::format::thousands;
use crate::state::{use_announcer, use_workspace};
use leptos::prelude::*;

const COLUMNS: &[Column] = &[
    Column::silent("Select", "select"),
    Column::new("Agent", "agent"),
    Column::new("Primary", "route"),
    Column::new("Fallback", "route"),
    Column::silent("Actions", "actions"),
];

/// The table, with pagination if there is more than one page.
#[component]
pub(super) fn AgentTable(list: AgentList) -> impl IntoView {
    let agents = use_workspace().agents();
    let announcer = use_announcer();
    let (filter, found) = (list.filter, list.found);
    let last = Memo::new(move |_| found.with(|found| found.len().saturating_sub(1) / PAGE));
    // A list that shrank has fewer pages.
    let page = Memo::new(move |_| filter.with(|filter| filter.page).min(last.get()));
    // Tracks names only, so that a row stays when its values change.
    let names = Memo::new(move |_| {
        let from = page.get() * PAGE;
        agents
            .with(|agents| {
                found.with(|found| {
                    let shown = found.iter().skip(from).take(PAGE);
                    shown
                        .filter_map(|at| agents.get(*at))
                        .map(|agent| agent.name.clone())
                        .collect::<Vec<_>>()
                })
            })
            .unwrap_or_default()
    });
    let range = move || {
        let (from, all) = (page.get() * PAGE, found.with(|found| found.len()));
        let to = all.min(from + PAGE);
        let number = |number: usize| thousands(number as u64);
        format!("{}–{} of {}", number(from + 1), number(to), number(all))
    };
    let turn = move |to: usize| {
        filter.update(|filter| filter.page = to);
        announcer.say(range());
        dom::focus_heading();
    };
    view! {
        <Table label="Agents" columns=COLUMNS>
            <For
                each=move || names.get()
                key=Clone::clone
                children=move |name| {
                    item_of(name).map(|item| view! { <AgentRow item=item list=list /> })
                }
            />
        </Table>
        <Show when=move || { last.get() > 0 }>
            <nav class="bar" aria-label="Pages of agents">
                <Button
                    disabled=Signal::derive(move || page.get() == 0)
                    press=move || turn(page.get_untracked().saturating_sub(1))
                >
                    "Previous"
                </Button>
                <p class="small">{range}</p>
                <Button
                    disabled=Signal::derive(move || page.get() == last.get())
                    press=move || turn(page.get_untracked() + 1)
                >
                    "Next"
                </Button>
            </nav>
        </Show>
    }
}
