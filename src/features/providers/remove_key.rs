//! Removing a provider's key.

use super::labels::kind_noun;
use crate::api::types::{KeyRemoved, ProviderView};
use crate::api::use_api;
use crate::features::removal::{Removal, Removed};
use crate::format::key_variable;
use crate::state::{Undoable, use_toasts, use_undo, use_workspace};
use leptos::prelude::*;

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
    let body = Signal::derive(move || {
        item.with(|view| {
            let from_environment = view.api_key_env.as_ref().filter(|variable| {
                workspace
                    .snapshot()
                    .with(|snapshot| snapshot.environment.set.contains(*variable))
                    .unwrap_or_default()
            });
            let then = match from_environment {
                Some(variable) => {
                    format!("Requests then use {variable} from the environment.")
                }
                None => format!(
                    "Refs to this {} then have no route until you enter a key.",
                    kind_noun(view.kind)
                ),
            };
            format!("Deletes the stored key. {then} Its models stay in the catalog.")
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
