//! An agent's own gateway keys.

mod enter;
mod remove;

use crate::api::types::{AgentKeyView, AgentView, Verification, VerificationState};
use crate::api::{in_background, use_api};
use crate::components::{Badge, Button, Cell, Column, Empty, Row, Show, Table, VerificationLine};
use crate::dom;
use crate::features::on_demand::DialogOnDemand;
use crate::format::{key_tone, key_word, stored_key_words};
use crate::lazy::part;
use crate::state::{use_clock, use_routing_table, use_undo};
use crate::task::Scope;
use enter::EnterKey;
use leptos::prelude::*;
use remove::RemoveOwnKey;
use std::time::Duration;
use waypost_routing::agent::Agent;
use waypost_routing::catalog::ProviderKind;
use waypost_routing::routing_table::{RoutingTable, effective_gateway};

/// How often the keys are read again, where there are any.
const POLL: Duration = Duration::from_secs(20);

const COLUMNS: &[Column] = &[
    Column::new("Gateway", "gateway"),
    Column::new("Key", "key"),
    Column::new("Entered for", "origin"),
    Column::silent("Actions", "actions"),
];

/// The stored agent, the key that is replaced, the gateways without a key, and what runs with the agent
/// once a key is saved.
type Entering = (
    Memo<Option<AgentView>>,
    RwSignal<Option<AgentKeyView>>,
    Memo<Vec<String>>,
    Callback<AgentView>,
);

/// The stored agent, the key to remove, and what runs with the agent afterwards.
type Removing = (
    Memo<Option<AgentView>>,
    RwSignal<Option<AgentKeyView>>,
    Callback<AgentView>,
);

// Most visits to an agent change no key of it.
part!(load_enter, dialogs, (RwSignal<bool>, Entering), |(
    open,
    (item, replaced, gateways, saved),
)| {
    view! { <EnterKey open=open item=item replaced=replaced gateways=gateways saved=saved /> }
        .into_any()
});
part!(load_remove, dialogs, (RwSignal<bool>, Removing), |(
    open,
    (item, key, saved),
)| {
    view! { <RemoveOwnKey open=open item=item key=key saved=saved /> }.into_any()
});

/// The section with the keys of the stored agent.
#[component]
pub(super) fn OwnKeys(
    /// The stored agent. A key makes a version of it; its document stays.
    base: RwSignal<Option<AgentView>>,
) -> impl IntoView {
    let api = use_api();
    let now = use_clock().now();
    let table = use_routing_table();
    let item = Memo::new(move |_| base.get());
    let keys = Memo::new(move |_| {
        item.with(|item| item.as_ref().map(|agent| agent.keys.clone()))
            .unwrap_or_default()
    });
    // What was edited meanwhile stays to be asked about when the document is saved.
    let saved = Callback::new(move |view: AgentView| take_keys(base, view));
    let scope = Scope::current();
    let reload = move || {
        let name = item.with_untracked(|item| item.as_ref().map(|agent| agent.name.clone()));
        if let Some(name) = name {
            let answer = api.agent(&name);
            scope.spawn(async move {
                if let Ok(view) = answer.await {
                    take_keys(base, view);
                }
            });
        }
    };
    // An undone removal brings a key back.
    let undo = use_undo();
    Effect::new(move |before: Option<u32>| {
        let undone = undo.undone();
        if before.is_some_and(|before| before != undone) {
            untrack(reload);
        }
        undone
    });
    // A gateway may refuse a key while its page is open.
    dom::every(POLL, move || {
        if dom::visible() && keys.with_untracked(|keys| !keys.is_empty()) {
            in_background(reload);
        }
    });
    // The gateways that a key can be entered for.
    let without = Memo::new(move |_| {
        let all = table.with(|table| Some(gateways(table.as_ref()?.table())));
        let all = all.unwrap_or_default();
        let has =
            |gateway: &String| keys.with(|keys| keys.iter().any(|key| key.gateway == *gateway));
        let others = all.into_iter().filter(|gateway| !has(gateway));
        others.collect::<Vec<_>>()
    });
    let entering = RwSignal::new(false);
    let removing = RwSignal::new(false);
    let chosen = RwSignal::new(None::<AgentKeyView>);
    let row = move |key: AgentKeyView| {
        let (hint, set_at) = (key.hint.clone(), key.set_at);
        let words = move || stored_key_words(hint.as_deref(), set_at, now.get());
        let refusal = key.refused_at.map(|at| Verification {
            state: VerificationState::Refused,
            at: Some(at),
            ..Verification::default()
        });
        let (replaced, removed) = (key.clone(), key.clone());
        let [replace, remove] =
            ["Replace", "Remove"].map(|verb| format!("{verb} the key for {}", key.gateway));
        view! {
            <Row>
                <Cell head=true>
                    <code>{key.gateway.clone()}</code>
                </Cell>
                <Cell label="Key">
                    <Badge tone=key_tone(key.state) text=key_word(key.state, false) />
                    <p class="small">{words}</p>
                    <VerificationLine known=Signal::stored(refusal) now=now />
                </Cell>
                <Cell label="Entered for">
                    <code>{key.bound_origin.clone()}</code>
                </Cell>
                <Cell kind="actions">
                    <Button
                        edits=true
                        label=replace
                        press=move || {
                            chosen.set(Some(replaced.clone()));
                            entering.set(true);
                        }
                    >
                        "Replace"
                    </Button>
                    <Button
                        edits=true
                        label=remove
                        press=move || {
                            chosen.set(Some(removed.clone()));
                            removing.set(true);
                        }
                    >
                        "Remove"
                    </Button>
                </Cell>
            </Row>
        }
    };
    view! {
        <section class="setting" aria-labelledby="own-keys">
            <h2 id="own-keys">"Own gateway keys"</h2>
            <p class="small">
                "Requests of this agent and its subagents to a gateway carry the agent's own key instead of the shared one, so that the gateway can count and limit them. No other key is used in its place. Renaming the agent keeps its keys; deleting it deletes them."
            </p>
            <Show
                when=move || keys.with(|keys| !keys.is_empty())
                fallback=|| view! { <Empty title="No own keys" /> }
            >
                <Table label="Own gateway keys" columns=COLUMNS>
                    <For
                        each=move || keys.get()
                        key=|key| {
                            let (gateway, origin) = (key.gateway.clone(), key.bound_origin.clone());
                            (gateway, origin, key.set_at, key.state as u8, key.refused_at)
                        }
                        children=row
                    />
                </Table>
            </Show>
            <p class="row-actions">
                <Button
                    edits=true
                    disabled=Signal::derive(move || without.with(Vec::is_empty))
                    press=move || {
                        chosen.set(None);
                        entering.set(true);
                    }
                >
                    "Add key"
                </Button>
            </p>
            <DialogOnDemand open=entering load=load_enter given=(item, chosen, without, saved) />
            <DialogOnDemand open=removing load=load_remove given=(item, chosen, saved) />
        </section>
    }
}

/// Takes over the keys of a newer version, and the version itself where the document is the same.
fn take_keys(base: RwSignal<Option<AgentView>>, view: AgentView) {
    base.try_update(|base| {
        if let Some(known) = base.as_mut().filter(|known| known.name == view.name) {
            known.keys = view.keys;
            if (&known.yaml, &known.allow_private) == (&view.yaml, &view.allow_private) {
                known.version = view.version;
            }
        }
    });
}

/// The gateways of the catalog, by name.
fn gateways(table: &RoutingTable) -> Vec<String> {
    let catalog = table.catalog();
    let names = catalog.names();
    let is_gateway = |name: &&str| {
        catalog
            .effective(name)
            .is_some_and(|entry| entry.kind == ProviderKind::Gateway)
    };
    names.filter(is_gateway).map(str::to_owned).collect()
}

/// The stored agent as routing knows it.
fn routed<'t>(table: &'t RoutingTable, item: Option<&AgentView>) -> Option<&'t Agent> {
    table.agent(&item?.name)
}

/// The origin that an agent's requests to a gateway go to.
fn origin_of(table: &RoutingTable, agent: &Agent, gateway: &str) -> Option<String> {
    let endpoint = effective_gateway(table, agent, gateway)?;
    Some(endpoint.base_url.ok()?.url.origin())
}
