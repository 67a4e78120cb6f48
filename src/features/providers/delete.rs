//! Deleting an entry of the workspace.

use crate::api::types::{Deleted, ProviderView};
use crate::api::use_api;
use crate::features::removal::{Removal, Removed, UNDO_SENTENCE};
use crate::format::count;
use crate::state::{Undoable, use_undo, use_workspace};
use leptos::prelude::*;

/// Asks before an entry is deleted.
#[component]
pub(super) fn DeleteEntry(open: RwSignal<bool>, item: Memo<ProviderView>) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let undo = use_undo();
    let body = Signal::derive(move || item.with(what_goes));
    view! {
        <Removal
            open=open
            item=item
            name=Signal::derive(move || item.with(|view| view.name.clone()))
            what=Removed::Owner
            body=body
            call=move |view: &ProviderView, version| api.delete_provider(&view.name, version)
            done=move |view: &ProviderView, deleted: Deleted| {
                let targets = vec![format!("provider:{}", view.name)];
                let change = Undoable::new("provider.delete", targets, deleted.undo);
                undo.offer(format!("Deleted {}.", view.name), change);
                workspace.reload_providers();
            }
        />
    }
}

/// What a deletion deletes, in sentences.
fn what_goes(view: &ProviderView) -> String {
    let models = if view.models.total > 0 {
        format!(
            " Its {} are removed from the catalog.",
            count(view.models.total, "model", "models")
        )
    } else {
        String::new()
    };
    let key = match view.key.set_at {
        Some(_) => "Also deletes its stored key. ",
        None => "",
    };
    let then = match &view.replaces {
        Some(replaced) => format!(
            "The entry it replaces, {}, takes effect again.",
            replaced.base_url
        ),
        None => format!("Refs to {} then go to the managed gateway.", view.name),
    };
    [key, &*then, &*models, " ", UNDO_SENTENCE].concat()
}
