//! The list of agents.

use super::filter::{Filter, unroutable};
use super::import_dialog::ImportDialog;
use super::import_queue::ImportQueue;
use super::table::AgentTable;
use crate::components::{Button, ButtonKind, Empty, Loading, Show, Switch};
use crate::dom;
use crate::features::load_failure::LoadFailure;
use crate::features::sample_workspace::use_add_sample;
use crate::format::count;
use crate::paths::Path;
use crate::state::{use_routing_table, use_title, use_workspace};
use leptos::prelude::*;
use leptos_router::components::A;

/// The page.
#[component]
pub fn AgentsPage() -> impl IntoView {
    use_title("Agents");
    let workspace = use_workspace();
    let agents = workspace.agents();
    let table = use_routing_table();
    let queue = ImportQueue::new();
    // Data from an earlier visit may be outdated.
    if agents.get_untracked().is_some() {
        agents.reload();
    }
    let filter = RwSignal::new(Filter::default());
    // How many routes each agent is missing, in the order of the list.
    let broken = Memo::new(move |_| {
        let table = table.get();
        agents
            .with(|agents| {
                agents
                    .iter()
                    .map(|view| match (&view.agent, &table) {
                        (None, _) => 1,
                        (Some(_), None) => 0,
                        (Some(agent), Some(table)) => unroutable(table, agent),
                    })
                    .collect::<Vec<usize>>()
            })
            .unwrap_or_default()
    });
    let status = agents.status();
    let none = Memo::new(move |_| agents.with(Vec::is_empty).unwrap_or_default());
    view! {
        <div
            class="drop-zone"
            data-over=move || queue.over.get().then_some("true")
            on:dragover=move |event| queue.drag(&event)
            on:dragleave=move |_| queue.over.set(false)
            on:drop=move |event| queue.drop(&event)
        >
            <div class="page-head">
                <div>
                    <h1 tabindex="-1">"Agents"</h1>
                    <p class="lead">"The model each agent and its subagents ask for, and where the request goes."</p>
                </div>
                <div class="row-actions">
                    <Button press=move || queue.open.set(true)>"Import"</Button>
                    <NewLink />
                </div>
            </div>
            <LoadFailure status=status retry=move || workspace.reload_agents() />
            <Show
                when=status.loaded
                fallback=move || {
                    status
                        .error
                        .with(Option::is_none)
                        .then(|| view! { <Loading label="Loading agents" rows=5 /> })
                }
            >
                <Show when=move || !none.get() fallback=move || view! { <NoAgents queue=queue /> }>
                    <Bar filter=filter broken=broken />
                    <AgentTable filter=filter broken=broken />
                </Show>
            </Show>
        </div>
        <ImportDialog queue=queue />
    }
}

#[component]
fn NewLink() -> impl IntoView {
    view! {
        <A href=Path::NewAgent.to_string() {..} class="button" data-kind="primary">
            "New agent"
        </A>
    }
}

/// The search, the filter, the numbers.
#[component]
fn Bar(filter: RwSignal<Filter>, broken: Memo<Vec<usize>>) -> impl IntoView {
    let number = Memo::new(move |_| {
        broken.with(|broken| {
            let some = broken.iter().filter(|number| **number > 0).count();
            (broken.len() as u64, some as u64)
        })
    });
    let numbers = move || {
        let (all, broken) = number.get();
        let all = count(all, "agent", "agents");
        if broken == 0 {
            all
        } else {
            format!("{all} · {broken} need attention")
        }
    };
    view! {
        <div class="bar agents-bar">
            <input
                class="input"
                type="search"
                placeholder="Search names, models and sources"
                aria-label="Search agents"
                prop:value=move || filter.with(|filter| filter.query.clone())
                on:input:target=move |event| {
                    filter.update(|filter| filter.query = event.target().value());
                }
            />
            <Switch
                label="Unroutable only"
                on=Signal::derive(move || filter.with(|filter| filter.only_broken))
                change=move |only: bool| filter.update(|filter| filter.only_broken = only)
            />
            <span class="grow"></span>
            <p class="small">{numbers}</p>
        </div>
    }
}

/// The empty state.
#[component]
fn NoAgents(queue: ImportQueue) -> impl IntoView {
    let sample = use_add_sample();
    // The button disappears with the empty list.
    on_cleanup(dom::focus_heading_if_lost);
    view! {
        <Empty title="No agents yet">
            <p>
                "An agent is a YAML document with its model, its fallback and its subagents. Waypost shows where each of its requests would go before anything is sent."
            </p>
            <p class="row-actions">
                <NewLink />
                <Button press=move || queue.open.set(true)>"Import files"</Button>
                <Show when=sample.offered>
                    <Button kind=ButtonKind::Plain busy=sample.busy press=sample.run>
                        "Add the sample workspace"
                    </Button>
                </Show>
            </p>
            <p class="small">
                "You can also drop files anywhere on this page. "
                <Show when=sample.offered>
                    "The sample needs no key and no network. You can remove it in Settings."
                </Show>
            </p>
        </Empty>
    }
}
