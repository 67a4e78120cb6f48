//! Removing a provider's key.

use super::labels::kind_noun;
use crate::api::types::{KeyRemoved, ProviderView};
use crate::api::use_api;
use crate::features::removal::{Removal, Removed, UNDO_SENTENCE};
use crate::format::key_variable;
use crate::state::{SharedTable, Undoable, use_routing_table, use_toasts, use_undo, use_workspace};
use leptos::prelude::*;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Outcome;
use waypost_routing::scenario::{Scenario, ScenarioChange};

/// The same where it is opened from a row, without the dialog that configures the provider.
#[component]
pub(super) fn RemoveKeyOfRow(open: RwSignal<bool>, item: Memo<ProviderView>) -> impl IntoView {
    view! { <RemoveKey open=open item=item /> }
}

/// Asks before the stored key is removed.
#[component]
pub(super) fn RemoveKey(
    open: RwSignal<bool>,
    item: Memo<ProviderView>,
    #[prop(optional, into)] closed: Option<Callback<()>>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let undo = use_undo();
    let table = use_routing_table();
    let body = Signal::derive(move || {
        item.with(|view| {
            let table = table.get();
            let then = match table.and_then(|table| variable_used_then(&table, &view.name)) {
                Some(variable) => {
                    format!("Requests then use {variable} from the environment.")
                }
                None => format!(
                    "Refs to this {} then have no route until you enter a key.",
                    kind_noun(view.kind)
                ),
            };
            format!(
                "Deletes the stored key. {then} Its models stay in the catalog. {UNDO_SENTENCE}"
            )
        })
    });
    let closed = closed.unwrap_or_else(|| Callback::new(|()| {}));
    view! {
        <Removal
            open=open
            item=item
            name=Signal::derive(move || item.with(|view| view.name.clone()))
            what=Removed::Key
            body=body
            call=move |view: &ProviderView, version| api.remove_provider_key(&view.name, version)
            done=move |_: &ProviderView, removed: KeyRemoved| {
                let view = removed.provider;
                let name = &view.name;
                let now = match key_variable(&view.key) {
                    Some(variable) => format!("Removed the key of {name}. Requests now use {variable}."),
                    None => format!("Removed the key of {name}."),
                };
                match removed.undo {
                    Some(ticket) => {
                        let targets = vec![format!("provider:{name}")];
                        undo.offer(now, Undoable::new("provider.key.remove", targets, ticket));
                    }
                    None => toasts.done(now),
                }
                workspace.put_provider(view);
            }
            closed=closed
        />
    }
}

/// The environment variable whose key requests carry once the stored one is removed. The resolver
/// says so: a variable that is set may still not be sent to this origin.
fn variable_used_then(table: &SharedTable, name: &str) -> Option<String> {
    let change = ScenarioChange::Key {
        owner: name.to_owned(),
        present: false,
    };
    let scenario = Scenario {
        changes: vec![change],
    };
    let after = table.changed(scenario.apply(table.snapshot()));
    let resolution = after.resolve(&format!("{name}/any-model"), Operation::default());
    if resolution.outcome != Outcome::Routed {
        return None;
    }
    let credential = resolution.route?.credential?;
    credential.from.env_variable().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_variable_that_may_be_sent_there_takes_over() {
        let then = |set: &[&str], base_url: &str| {
            let snapshot = json!({
                "managed_gateway": "edge",
                "providers": [{
                    "name": "edge", "kind": "gateway", "layer": "workspace", "base_url": base_url,
                    "api_key_env": "EDGE_KEY"
                }],
                "environment": {
                    "set": set, "grants": ["EDGE_KEY@https://edge.example"]
                },
                "secrets": { "stored": { "edge/api-key": base_url } }
            });
            let snapshot = serde_json::from_value(snapshot).unwrap();
            variable_used_then(&SharedTable::new(snapshot), "edge")
        };
        let granted = "https://edge.example";
        assert_eq!(then(&["EDGE_KEY"], granted).as_deref(), Some("EDGE_KEY"));
        assert_eq!(then(&[], granted), None);
        assert_eq!(then(&["EDGE_KEY"], "https://other.example"), None);
    }
}
