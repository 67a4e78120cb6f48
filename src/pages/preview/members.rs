//! Every member of an agent at a glance: the root, its fallback, and the subagents.

use super::inputs::Inputs;
use super::outcome::Subject;
use crate::components::{Address, Badge, Cell, Column, KindBadge, Row, Table, Tone};
use crate::explain::{ROOT, RouteOutcome, kind_word};
use crate::state::SharedTable;
use leptos::prelude::*;
use waypost_routing::agent::Agent;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, resolve};

const COLUMNS: [Column; 3] = [
    Column::new("Member", "name"),
    Column::new("Route", "url"),
    Column::new("Result", "key"),
];

/// One of the things that an agent may send.
#[derive(Clone, PartialEq)]
struct Member {
    /// The alias; empty for the agent itself.
    alias: String,
    /// The model string, where it is not the member's own primary.
    text: String,
    outcome: RouteOutcome,
}

impl Member {
    fn name(&self) -> &str {
        if self.alias.is_empty() {
            ROOT
        } else {
            &self.alias
        }
    }
}

/// The table. The name of a member is a button that chooses it.
#[component]
pub(super) fn Members(
    inputs: Inputs,
    table: Memo<Option<SharedTable>>,
    subject: Memo<Option<Subject>>,
) -> impl IntoView {
    let members = Memo::new(move |_| {
        subject
            .with(|subject| match subject {
                Some(Subject::Known(agent)) => {
                    let operation = inputs.operation.get();
                    table.with(|table| Some(members(table.as_ref()?, agent, operation)))
                }
                _ => None,
            })
            .unwrap_or_default()
    });
    move || {
        let members = members.get();
        (!members.is_empty()).then(|| {
            let rows = members
                .into_iter()
                .map(|member| view! { <MemberRow inputs=inputs member=member /> })
                .collect_view();
            view! {
                <div class="members">
                    <Table label="Members of the agent" columns=&COLUMNS>
                        {rows}
                    </Table>
                </div>
            }
        })
    }
}

#[component]
fn MemberRow(inputs: Inputs, member: Member) -> impl IntoView {
    let (alias, text) = (member.alias.clone(), member.text.clone());
    let chosen = Memo::new(move |_| {
        inputs.subagent.with(|chosen| *chosen == alias) && inputs.text.with(|sent| *sent == text)
    });
    let name = member.name().to_owned();
    let (alias, text) = (member.alias, member.text);
    let fallback = !text.is_empty();
    let outcome = member.outcome;
    let (tone, word) = match outcome.is_routed() {
        true => (Tone::Ok, "routed"),
        false => (Tone::Bad, "no route"),
    };
    view! {
        <Row>
            <Cell head=true>
                <button
                    class="member"
                    type="button"
                    aria-pressed=move || chosen.get().to_string()
                    on:click=move |_| {
                        inputs.subagent.set(alias.clone());
                        inputs.text.set(text.clone());
                    }
                >
                    {name}
                    {fallback.then(|| view! { <span class="small">" fallback"</span> })}
                </button>
            </Cell>
            <Cell label="Route">
                {outcome.kind.map(|kind| view! { <KindBadge kind=Some(kind) word=kind_word(kind) /> })}
                <span class="member-route">
                    <span>{outcome.host}</span>
                    <Address url=outcome.wire_model />
                </span>
            </Cell>
            <Cell label="Result">
                <Badge tone=tone text=word />
            </Cell>
        </Row>
    }
}

/// What every member would send, in the order of the document.
fn members(table: &SharedTable, agent: &Agent, operation: Operation) -> Vec<Member> {
    let mut members = Vec::new();
    let aliases = agent.subagents.keys().map(|alias| Some(alias.as_str()));
    for alias in std::iter::once(None).chain(aliases) {
        let request = Request::of_agent(agent, alias, operation).without_trace();
        let resolution = resolve(table.table(), &request);
        let member = |text: String, outcome| Member {
            alias: alias.unwrap_or_default().to_owned(),
            text,
            outcome,
        };
        members.push(member(String::new(), RouteOutcome::of(&resolution)));
        let model = crate::explain::model_of(agent, alias);
        if let (Some(fallback), Some(text)) = (resolution.fallback, model.fallback_ref()) {
            members.push(member(text.into_owned(), RouteOutcome::of(&fallback)));
        }
    }
    members
}
