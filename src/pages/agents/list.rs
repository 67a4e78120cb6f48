//! The list of agents: by destination, or as a list in pages.

use super::bulk::Bulk;
use super::group_list::GroupList;
use super::import_dialog::ImportDialog;
use super::import_queue::ImportQueue;
use super::list_state::AgentList;
use super::table::AgentTable;
use crate::api::in_background;
use crate::api::types::{AgentView, TrafficBy};
use crate::components::{
    Button, ButtonKind, Choice, EditLink, Empty, Notice, Segmented, Select, Show, Tone,
    use_edit_access,
};
use crate::dom;
use crate::features::loadable::Loadable;
use crate::features::on_demand::DialogOnDemand;
use crate::features::page_address::keep_in_address;
use crate::features::sample_workspace::{ADD_SAMPLE, use_add_sample};
use crate::features::traffic::watch_traffic;
use crate::format::{count, thousands};
use crate::lazy::part;
use crate::paths::{AgentsFilter, AgentsOnly, Path};
use crate::state::{Cached, use_routing_table, use_title, use_workspace};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use waypost_routing::routing_table::RoutingTable;

// The dialog reads documents, which the list does not.
part!(load_import, import, (RwSignal<bool>, ImportQueue), |(
    _,
    queue,
)| {
    view! { <ImportDialog queue=queue /> }.into_any()
});

/// The page.
#[component]
pub fn AgentsPage() -> impl IntoView {
    use_title("Agents");
    watch_traffic(TrafficBy::Agent);
    let workspace = use_workspace();
    let agents = workspace.agents();
    let queue = ImportQueue::new();
    let access = use_edit_access();
    // Data from an earlier visit may be outdated.
    if agents.get_untracked().is_some() {
        agents.reload();
    }
    follow_list(agents);
    let query = use_query_map();
    let address = Memo::new(move |_| query.with(|query| filter_of(|name| query.get(name))));
    let filter = RwSignal::new(address.get_untracked());
    keep_in_address(
        address,
        filter.into(),
        move |asked| filter.set(asked),
        Path::AgentList,
    );
    open_import_by_address(queue, filter);
    let list = AgentList::new(filter);
    let status = agents.status();
    let none = Memo::new(move |_| agents.with(Vec::is_empty).unwrap_or_default());
    let grouped = Memo::new(move |_| filter.with(|filter| !filter.list));
    view! {
        <div
            class="drop-zone"
            data-over=move || queue.over.get().then_some("true")
            on:dragover=move |event| {
                if !access.denied() {
                    queue.drag(&event);
                }
            }
            on:dragleave=move |_| queue.over.set(false)
            on:drop=move |event| {
                if !access.refuses() {
                    queue.drop(&event);
                }
            }
        >
            <div class="page-head">
                <div>
                    <h1 tabindex="-1">"Agents"</h1>
                    <p class="lead">{move || numbers(list)}</p>
                </div>
                <div class="row-actions">
                    <Button edits=true press=move || queue.open.set(true)>"Import"</Button>
                    <EditLink href=Path::NewAgent.to_string() text="Add agent" />
                </div>
            </div>
            <KeptImport queue=queue />
            <Loadable status=status retry=move || workspace.reload_agents() label="Loading agents" rows=5>
                <Show when=move || !none.get() fallback=move || view! { <NoAgents queue=queue /> }>
                    <Bar list=list />
                    <Bulk list=list />
                    <Show
                        when=move || list.found.with(|found| !found.is_empty())
                        fallback=move || view! { <NoMatch list=list /> }
                    >
                        {move || match grouped.get() {
                            true => view! { <GroupList list=list /> }.into_any(),
                            false => view! { <AgentTable list=list /> }.into_any(),
                        }}
                    </Show>
                </Show>
            </Loadable>
        </div>
        <DialogOnDemand open=queue.open load=load_import given=queue />
    }
}

/// Reads the snapshot again where the list has agents that it does not have, or has otherwise: it may
/// be older than the list, and no route is shown of what was added elsewhere since.
fn follow_list(agents: Cached<Vec<AgentView>>) {
    let snapshot = use_workspace().snapshot();
    let table = use_routing_table();
    Effect::new(move || {
        let is_older = agents.with(|agents| {
            let table = table.get_untracked();
            table.is_some_and(|table| !has_all(table.table(), agents))
        });
        if is_older == Some(true) && !untrack(|| snapshot.loading()) {
            in_background(|| snapshot.reload());
        }
    });
}

/// Whether a routing table has these agents, as they are, and no others.
fn has_all(table: &RoutingTable, agents: &[AgentView]) -> bool {
    let mut readable = 0;
    let all_same = agents
        .iter()
        .filter_map(|view| view.agent.as_ref())
        .all(|agent| {
            readable += 1;
            table.agent(&agent.name).is_some_and(|stored| {
                stored.model == agent.model
                    && stored.subagents == agent.subagents
                    && stored.gateways == agent.gateways
            })
        });
    all_same && readable == table.agents().len()
}

/// What a closed import keeps, with the way back to it.
#[component]
fn KeptImport(queue: ImportQueue) -> impl IntoView {
    let kept = Memo::new(move |_| if queue.open.get() { 0 } else { queue.kept() });
    let text = move || {
        let documents = count(kept.get() as u64, "unsaved document", "unsaved documents");
        format!("Import keeps {documents} until you leave this page.")
    };
    view! {
        <Show when=move || { kept.get() > 0 }>
            <Notice tone=Tone::None text=Signal::derive(text)>
                <Button edits=true press=move || queue.open.set(true)>"Continue import"</Button>
                <Button kind=ButtonKind::Quiet press=move || {
                    queue.remove_all();
                    // The button disappears with what it discards.
                    dom::focus_heading_if_lost();
                }>"Discard"</Button>
            </Notice>
        </Show>
    }
}

/// Opens the import where the address asks for it, and takes that out of the address.
fn open_import_by_address(queue: ImportQueue, filter: RwSignal<AgentsFilter>) {
    let query = use_query_map();
    let access = use_edit_access();
    let navigate = use_navigate();
    let asked = Memo::new(move |_| query.with(|query| query.get("import").is_some()));
    Effect::new(move || {
        if asked.get() {
            if !access.refuses() {
                queue.open.set(true);
            }
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            };
            let list = Path::AgentList(filter.get_untracked());
            navigate(&list.to_string(), options);
        }
    });
}

/// The filter that the parameters of an address name.
fn filter_of(parameter: impl Fn(&str) -> Option<String>) -> AgentsFilter {
    let text = |name: &str| parameter(name).unwrap_or_default();
    let page = text("page").parse::<usize>().unwrap_or_default();
    AgentsFilter {
        query: text("q"),
        only: AgentsOnly::from_name(&text("only")),
        to: text("to"),
        kind: text("kind"),
        list: text("view") == "list",
        // People count from 1.
        page: page.saturating_sub(1),
    }
}

/// How many agents there are, match, and need attention.
fn numbers(list: AgentList) -> String {
    let agents = use_workspace().agents();
    let all = agents.with(Vec::len).unwrap_or_default();
    let unreadable = agents
        .with(|agents| agents.iter().filter(|agent| agent.agent.is_none()).count())
        .unwrap_or_default();
    let attention = list.statuses.with(|statuses| {
        let attention = statuses.iter().filter(|status| status.needs_attention());
        attention.count() + unreadable
    });
    let found = list.found.with(|found| found.len());
    let mut text = match found == all {
        true => count(all as u64, "agent", "agents"),
        false => format!(
            "{} of {}",
            thousands(found as u64),
            count(all as u64, "agent", "agents")
        ),
    };
    if attention > 0 {
        let need = if attention == 1 { "needs" } else { "need" };
        text.push_str(&format!(
            " · {} {need} attention",
            thousands(attention as u64)
        ));
    }
    text
}

/// The search, the filters, the layout.
#[component]
fn Bar(list: AgentList) -> impl IntoView {
    let filter = list.filter;
    // Another filter is another list, which begins with its first page.
    let change = move |change: &dyn Fn(&mut AgentsFilter)| {
        filter.update(|filter| {
            change(filter);
            filter.page = 0;
        });
    };
    let states = AgentsOnly::ALL
        .into_iter()
        .map(|only| Choice::new(only.name(), only.label()))
        .collect::<Vec<_>>();
    let layouts = vec![
        Choice::new("destination", "By destination"),
        Choice::new("list", "List"),
    ];
    view! {
        <div class="bar agents-bar">
            <input
                class="input"
                type="search"
                placeholder="Search names, models, hosts"
                aria-label="Search agents"
                prop:value=move || filter.with(|filter| filter.query.clone())
                on:input:target=move |event| {
                    let query = event.target().value();
                    change(&|filter| filter.query.clone_from(&query));
                }
            />
            <Select
                label="State"
                bare=true
                choices=states
                value=Signal::derive(move || filter.with(|filter| filter.only.name().to_owned()))
                choose=move |name: String| {
                    change(&|filter| filter.only = AgentsOnly::from_name(&name));
                }
            />
            <Segmented
                label="Layout"
                choices=layouts
                value=Signal::derive(move || {
                    let list = filter.with(|filter| filter.list);
                    if list { "list".to_owned() } else { "destination".to_owned() }
                })
                choose=move |name: String| {
                    change(&|filter| filter.list = name == "list");
                }
            />
            {move || {
                let (to, kind) = filter.with(|filter| (filter.to.clone(), filter.kind.clone()));
                (!to.is_empty())
                    .then(|| {
                        let label = format!("Remove the filter {to}");
                        view! {
                            <span class="filter-chip">
                                "to " <bdi>{to}</bdi> {(!kind.is_empty()).then(|| format!(", {kind}"))}
                                <button
                                    class="bare-button"
                                    type="button"
                                    aria-label=label
                                    on:click=move |_| {
                                        change(&|filter| {
                                            filter.to.clear();
                                            filter.kind.clear();
                                        });
                                        dom::focus(".agents-bar input");
                                    }
                                >
                                    "×"
                                </button>
                            </span>
                        }
                    })
            }}
        </div>
    }
}

/// Nothing matches.
#[component]
fn NoMatch(list: AgentList) -> impl IntoView {
    let filter = list.filter;
    let text = move || {
        let only_state = filter.with(|filter| filter.query.is_empty() && filter.to.is_empty());
        match (only_state, filter.with(|filter| filter.only)) {
            (true, AgentsOnly::Unroutable) => "Every agent and every subagent has a route.",
            (true, AgentsOnly::Attention) => "No agent or subagent has a warning or lacks a route.",
            _ => "Searches agent names, aliases, models, sources and hosts for every word.",
        }
    };
    let clear = move || {
        filter.update(|filter| {
            *filter = AgentsFilter {
                list: filter.list,
                ..AgentsFilter::default()
            };
        });
        dom::focus(".agents-bar input");
    };
    view! {
        <Empty title="No agent matches">
            <p>{text}</p>
            <p>
                <Button press=clear>"Clear filters"</Button>
            </p>
        </Empty>
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
                <EditLink href=Path::NewAgent.to_string() text="Add agent" />
                <Button edits=true press=move || queue.open.set(true)>"Import files"</Button>
                <Show when=sample.offered>
                    <Button kind=ButtonKind::Plain edits=true busy=sample.busy press=sample.run>
                        {ADD_SAMPLE}
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

#[cfg(test)]
mod tests {
    use super::filter_of;
    use crate::paths::{AgentsFilter, AgentsOnly, Path};

    #[test]
    fn the_address_restores_the_list() {
        let filter = AgentsFilter {
            query: "support bot".to_owned(),
            only: AgentsOnly::Attention,
            to: "litellm".to_owned(),
            kind: "managed".to_owned(),
            list: true,
            page: 2,
        };
        let address = Path::AgentList(filter.clone()).to_string();
        assert_eq!(
            address,
            "/agents?q=support%20bot&only=attention&to=litellm&kind=managed&view=list&page=3"
        );
        let parameters = [
            ("q", "support bot"),
            ("only", "attention"),
            ("to", "litellm"),
            ("kind", "managed"),
            ("view", "list"),
            ("page", "3"),
        ];
        let parameter = |wanted: &str| {
            let found = parameters.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(filter_of(parameter), filter);
        assert_eq!(filter_of(|_| None), AgentsFilter::default());
    }
}
