//! The row of an agent, and those of its subagents below it.

use super::delete::DeleteAgent;
use super::filter::status_of;
use super::list_state::AgentList;
use super::route_summary::{Glance, WireModel};
use crate::api::types::{AgentView, TrafficBy};
use crate::components::{
    Badge, COPY_BLOCKED, Cell, Menu, MenuItem, Prose, Row, Show, Tone, UserText, use_edit_access,
};
use crate::dom;
use crate::features::replace_model::{ReplaceModel, ReplaceRequest};
use crate::features::traffic::{TrafficButton, TrafficOf};
use crate::format::count;
use crate::paths::{Path, PreviewAddress};
use crate::state::{use_announcer, use_routing_table, use_workspace};
use crate::task::Scope;
use leptos::prelude::*;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Resolution;

/// An agent of the list by its name, as it is or was last; `None` if there is none.
pub(super) fn item_of(name: String) -> Option<Memo<AgentView>> {
    use_workspace().agents().item(move |agents| {
        let at = agents.binary_search_by(|agent| agent.name.as_str().cmp(&name));
        at.ok().map(|at| agents[at].clone())
    })
}

/// An agent.
#[component]
pub(super) fn AgentRow(
    item: Memo<AgentView>,
    list: AgentList,
    /// Whether the heading above says where it goes.
    #[prop(optional)]
    grouped: bool,
) -> impl IntoView {
    let table = use_routing_table();
    let open = RwSignal::new(false);
    let name = Memo::new(move |_| item.with(|view| view.name.clone()));
    let resolution = Memo::new(move |_| {
        let table = table.get()?;
        item.with(|view| Some(table.resolve_untraced(view.agent.as_ref()?, None)))
    });
    let unread = Memo::new(move |_| {
        item.with(|view| {
            let first = view.problems.first();
            view.agent.is_none().then(|| {
                first.map_or_else(String::new, |problem| {
                    format!("Line {}: {}", problem.line, problem.message)
                })
            })
        })
    });
    let preview = move || name.with(|name| Path::preview_of_agent(name).to_string());
    let aliases = Memo::new(move |_| {
        item.with(|view| {
            let agent = view.agent.as_ref()?;
            Some(agent.subagents.keys().cloned().collect::<Vec<_>>())
        })
        .unwrap_or_default()
    });
    let counts = Memo::new(move |_| {
        let (lacking, warnings) = list.statuses.with(|statuses| {
            let status = name.with(|name| status_of(statuses, name));
            status.map_or((0, 0), |status| {
                (status.unroutable_subagents, status.subagent_warnings)
            })
        });
        (aliases.with(Vec::len), lacking, warnings)
    });
    view! {
        <Row>
            <Cell kind="select">
                <Selected name=name list=list />
            </Cell>
            <Cell head=true>
                {move || {
                    let name = name.get();
                    let path = Path::Agent(name.clone()).to_string();
                    view! {
                        <a href=path class="source-name">
                            <UserText text=name />
                        </a>
                    }
                }} <Subagents counts=counts open=open name=name />
                <TrafficButton of=TrafficOf::new(TrafficBy::Agent, name, name) />
            </Cell>
            <Cell label="Primary">
                {move || match unread.get() {
                    Some(why) => {
                        view! {
                            {(!grouped).then(|| view! { <Badge tone=Tone::Bad text="Cannot be read" /> })}
                            <p class="small bad">
                                <Prose text=why />
                            </p>
                        }
                            .into_any()
                    }
                    None if grouped => {
                        view! { <WireModel resolution=resolution.get() preview=preview() /> }
                            .into_any()
                    }
                    None => {
                        view! {
                            <Glance
                                resolution=resolution.get()
                                none=""
                                preview=preview()
                                agent=Some(name.get())
                            />
                        }
                            .into_any()
                    }
                }}
            </Cell>
            <Cell label="Fallback">
                {move || {
                    view! {
                        <Glance
                            resolution=fallback(resolution.get())
                            none="no fallback"
                            preview=preview()
                            agent=Some(name.get())
                        />
                    }
                }}
            </Cell>
            <Cell kind="actions">
                <Actions item=item />
            </Cell>
        </Row>
        <Show when=move || open.get()>
            <For
                each=move || aliases.get()
                key=Clone::clone
                children=move |alias| view! { <SubagentRow item=item alias=alias /> }
            />
        </Show>
    }
}

fn fallback(resolution: Option<Resolution>) -> Option<Resolution> {
    resolution.and_then(|resolution| resolution.fallback.map(|fallback| *fallback))
}

/// The checkbox that selects an agent.
#[component]
fn Selected(name: Memo<String>, list: AgentList) -> impl IntoView {
    let selection = list.selection;
    view! {
        <input
            type="checkbox"
            aria-label=move || format!("Select {}", name.get())
            prop:checked=move || name.with(|name| selection.contains(name))
            on:change:target=move |event| {
                selection.set(name.get_untracked(), event.target().checked());
            }
        />
    }
}

/// How many subagents there are, what they lack, and the button that shows them.
#[component]
fn Subagents(
    /// How many there are, how many lack a route, and how many warnings they have.
    counts: Memo<(usize, usize, usize)>,
    open: RwSignal<bool>,
    name: Memo<String>,
) -> impl IntoView {
    move || {
        let (all, lacking, warnings) = counts.get();
        (all > 0).then(|| {
            let text = count(all as u64, "subagent", "subagents");
            let label = {
                let text = text.clone();
                move || format!("{text} of {}", name.get())
            };
            view! {
                <p class="subagents-line">
                    <button
                        class="button disclosure"
                        type="button"
                        data-kind="quiet"
                        data-size="small"
                        aria-expanded=move || if open.get() { "true" } else { "false" }
                        aria-label=label
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        {text}
                    </button>
                    {(lacking > 0)
                        .then(|| {
                            let text = format!("{lacking} without a route");
                            view! { <Badge tone=Tone::Bad text=text /> }
                        })}
                    {(warnings > 0)
                        .then(|| {
                            let text = count(warnings as u64, "warning", "warnings");
                            view! { <Badge tone=Tone::Warn text=text /> }
                        })}
                </p>
            }
        })
    }
}

/// A subagent of the agent above.
#[component]
fn SubagentRow(item: Memo<AgentView>, alias: String) -> impl IntoView {
    let table = use_routing_table();
    let alias = StoredValue::new(alias);
    let resolution = Memo::new(move |_| {
        let table = table.get()?;
        let alias = alias.get_value();
        item.with(|view| Some(table.resolve_untraced(view.agent.as_ref()?, Some(&alias))))
    });
    let preview = move || {
        item.with(|view| {
            Path::Preview(PreviewAddress {
                agent: view.name.clone(),
                subagent: alias.get_value(),
                operation: Operation::default(),
                ..PreviewAddress::default()
            })
            .to_string()
        })
    };
    let agent = move || item.with(|view| view.name.clone());
    let label = move || item.with(|view| format!("Preview {} of {}", alias.get_value(), view.name));
    view! {
        <tr role="row" class="subagent-row">
            <Cell kind="select">""</Cell>
            <Cell head=true>
                <span class="subagent-name">
                    <UserText text=alias.get_value() />
                </span>
                <span class="visually-hidden">{move || item.with(|view| format!(" of {}", view.name))}</span>
            </Cell>
            <Cell label="Primary">
                {move || {
                    view! { <Glance resolution=resolution.get() none="" whole=true agent=Some(agent()) /> }
                }}
            </Cell>
            <Cell label="Fallback">
                {move || {
                    view! {
                        <Glance
                            resolution=fallback(resolution.get())
                            none="no fallback"
                            preview=preview()
                            agent=Some(agent())
                        />
                    }
                }}
            </Cell>
            <Cell kind="actions">
                <span class="actions">
                    <a href=preview class="button" data-kind="quiet" aria-label=label>
                        "Preview"
                    </a>
                </span>
            </Cell>
        </tr>
    }
}

/// Its actions.
#[component]
fn Actions(item: Memo<AgentView>) -> impl IntoView {
    let announcer = use_announcer();
    let access = use_edit_access();
    let scope = Scope::current();
    let deleting = RwSignal::new(false);
    let replacing = RwSignal::new(false);
    let request =
        Signal::derive(move || item.with(|view| ReplaceRequest::in_agents(view.agent.iter())));
    let items = move || {
        let (name, readable) = item.with(|view| (view.name.clone(), view.agent.is_some()));
        let names_none = request.with(|request| request.from.is_empty());
        let edit = match access.denied() {
            true => "Show document",
            false => "Edit",
        };
        let copied = name.clone();
        let copy = move || {
            let name = copied.clone();
            scope.spawn(async move {
                announcer.say(match dom::copy(&name).await {
                    true => "Copied.",
                    false => COPY_BLOCKED,
                });
            });
        };
        let mut items = vec![MenuItem::link(edit, Path::Agent(name.clone()).to_string())];
        if readable {
            let preview = Path::preview_of_agent(&name).to_string();
            items.push(MenuItem::link("Preview route", preview));
        }
        let without = names_none.then(|| "This agent names no model.".to_owned());
        let replace = MenuItem::action("Replace model…", move || replacing.set(true));
        items.push(replace.refused(access.reason().or(without)));
        items.push(MenuItem::link(
            "Show history",
            Path::history("agent", &name).to_string(),
        ));
        items.push(MenuItem::action("Copy name", copy));
        let delete = MenuItem::action("Delete…", move || deleting.set(true));
        items.push(delete.danger().refused(access.reason()));
        items
    };
    view! {
        <span class="actions">
            <Menu
                label=Signal::derive(move || item.with(|view| format!("More actions for {}", view.name)))
                items=Callback::new(move |()| items())
            />
        </span>
        <DeleteAgent open=deleting item=item />
        <ReplaceModel open=replacing request=request />
    }
}
