//! The row of an agent, and those of its subagents below it.

use super::delete::DeleteAgent;
use super::filter::{fails, unroutable};
use super::route_summary::Glance;
use crate::api::types::AgentView;
use crate::components::{Badge, Button, ButtonKind, Cell, Prose, Row, Show, Tone};
use crate::format::count;
use crate::paths::{Path, PreviewAddress};
use crate::state::use_routing_table;
use leptos::prelude::*;
use leptos_router::components::A;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Resolution;

/// An agent.
#[component]
pub(super) fn AgentRow(item: Memo<AgentView>) -> impl IntoView {
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
    let subagents = Memo::new(move |_| {
        item.with(|view| {
            let agent = view.agent.as_ref()?;
            let table = table.get()?;
            let own = usize::from(fails(&table.resolve_untraced(agent, None)));
            let failing = unroutable(&table, agent).saturating_sub(own);
            Some((agent.subagents.len(), failing))
        })
        .unwrap_or_default()
    });
    let aliases = Memo::new(move |_| {
        item.with(|view| {
            let agent = view.agent.as_ref()?;
            Some(agent.subagents.keys().cloned().collect::<Vec<_>>())
        })
        .unwrap_or_default()
    });
    view! {
        <Row>
            <Cell head=true>
                {move || {
                    let name = name.get();
                    view! {
                        <A href=Path::Agent(name.clone()).to_string() {..} class="source-name">
                            {name}
                        </A>
                    }
                }} <Subagents counts=subagents open=open name=name />
            </Cell>
            <Cell label="Primary">
                {move || match unread.get() {
                    Some(why) => {
                        view! {
                            <Badge tone=Tone::Bad text="Cannot be read" />
                            <p class="small bad">
                                <Prose text=why />
                            </p>
                        }
                            .into_any()
                    }
                    None => view! { <Glance resolution=resolution.get() none="" /> }.into_any(),
                }}
            </Cell>
            <Cell label="Fallback">
                {move || view! { <Glance resolution=fallback(resolution.get()) /> }}
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

/// How many subagents there are, and the button that shows them.
#[component]
fn Subagents(
    /// How many there are, and how many of them have no route.
    counts: Memo<(usize, usize)>,
    open: RwSignal<bool>,
    name: Memo<String>,
) -> impl IntoView {
    move || {
        let (all, failing) = counts.get();
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
                    {(failing > 0)
                        .then(|| {
                            let text = format!("{failing} without a route");
                            view! { <Badge tone=Tone::Bad text=text /> }
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
    let label = move || item.with(|view| format!("Preview {} of {}", alias.get_value(), view.name));
    view! {
        <tr role="row" class="subagent-row">
            <Cell head=true>
                <span class="subagent-name">{alias.get_value()}</span>
                <span class="visually-hidden">{move || item.with(|view| format!(" of {}", view.name))}</span>
            </Cell>
            <Cell label="Primary">{move || view! { <Glance resolution=resolution.get() none="" /> }}</Cell>
            <Cell label="Fallback">
                {move || view! { <Glance resolution=fallback(resolution.get()) /> }}
            </Cell>
            <Cell kind="actions">
                <span class="actions">
                    <A href=move || preview() {..} class="button" data-kind="quiet" aria-label=label>
                        "Preview"
                    </A>
                </span>
            </Cell>
        </tr>
    }
}

/// Its actions.
#[component]
fn Actions(item: Memo<AgentView>) -> impl IntoView {
    let deleting = RwSignal::new(false);
    let named = move |word: &'static str| move || item.with(|view| format!("{word} {}", view.name));
    let (edit, preview, delete) = (named("Edit"), named("Preview"), named("Delete"));
    let readable = Memo::new(move |_| item.with(|view| view.agent.is_some()));
    view! {
        <span class="actions">
            <A
                href=move || item.with(|view| Path::Agent(view.name.clone()).to_string())
                {..}
                class="button"
                data-kind="plain"
                aria-label=edit
            >
                "Edit"
            </A>
            <Show when=move || readable.get()>
                <A
                    href=move || item.with(|view| Path::preview_of_agent(&view.name).to_string())
                    {..}
                    class="button"
                    data-kind="quiet"
                    aria-label=preview
                >
                    "Preview"
                </A>
            </Show>
            <Button
                kind=ButtonKind::Danger
                label=Signal::derive(move || Some(delete()))
                press=move || deleting.set(true)
            >
                "Delete"
            </Button>
        </span>
        <DeleteAgent open=deleting item=item />
    }
}
