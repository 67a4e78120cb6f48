//! Adding, editing and deleting an entry of the workspace.

use super::deletion_conflict::ask_about_change;
use super::entry_form::EntryForm;
use super::labels::kind_noun;
use crate::api::types::ProviderView;
use crate::api::use_api;
use crate::components::Dialog;
use crate::dom;
use crate::features::conflict::{Conflict, DeletionQuestion, write_over};
use crate::features::impact::{ConfirmChange, Impact};
use crate::format::count;
use crate::state::{use_undo, use_workspace, use_writes};
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;
use waypost_routing::scenario::ScenarioChange;

/// Adds an entry of a kind.
#[component]
pub(super) fn AddEntry(open: RwSignal<bool>, kind: ProviderKind) -> impl IntoView {
    let title = format!("Add {}", kind_noun(kind));
    view! {
        <Dialog
            open=open
            title=title
            subtitle="Replaces an entry of the same name in the providers file or the built-in catalog."
        >
            <EntryForm open=open kind=kind edited=None />
        </Dialog>
    }
}

/// Edits an entry.
#[component]
pub(super) fn EditEntry(open: RwSignal<bool>, item: Memo<ProviderView>) -> impl IntoView {
    let title = Signal::derive(move || item.with(|view| format!("Edit {}", view.name)));
    view! {
        <Dialog open=open title=title>
            {move || {
                let edited = item.get_untracked();
                view! { <EntryForm open=open kind=edited.kind edited=Some(edited) /> }
            }}
        </Dialog>
    }
}

/// Asks before an entry is deleted.
#[component]
pub(super) fn DeleteEntry(open: RwSignal<bool>, item: Memo<ProviderView>) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let undo = use_undo();
    let writes = use_writes().in_dialog(open);
    let error = RwSignal::new(None::<String>);
    let title = Signal::derive(move || item.with(|view| format!("Delete {}?", view.name)));
    let body = move || {
        item.with(|view| {
            let models = if view.models.total > 0 {
                format!(
                    " Its {} are removed from the catalog.",
                    count(view.models.total, "model", "models")
                )
            } else {
                String::new()
            };
            match &view.replaces {
                Some(replaced) => format!(
                    "Also deletes its stored key. The entry it replaces, {}, takes effect again.",
                    replaced.base_url
                ),
                None => format!(
                    "Also deletes its stored key.{models} Refs to {} then go to the managed gateway.",
                    view.name
                ),
            }
        })
    };
    let impact = Impact::of(Signal::derive(move || {
        let owner = item.with(|view| view.name.clone());
        vec![ScenarioChange::Removed { owner }]
    }));
    let conflict = Conflict::new();
    let delete = Callback::new(move |()| {
        let view = item.get_untracked();
        error.set(None);
        let (name, seen) = (view.name.clone(), view.clone());
        writes.send(
            format!("Deleting {name}"),
            async move {
                let call = |version| api.delete_provider(&seen.name, version);
                write_over(seen.clone(), |_| true, call).await
            },
            move |deleted| {
                undo.offer(format!("{name} deleted."), deleted.undo);
                workspace.reload_providers();
            },
            move |outcome| match outcome {
                Ok(()) => open.set(false),
                Err(failure) if ask_about_change(&failure, &view, workspace, conflict) => {}
                Err(failure) => error.set(Some(failure.message())),
            },
        );
    });
    // The button that opened the dialog disappears with the entry.
    on_cleanup(dom::focus_heading_if_lost);
    view! {
        <ConfirmChange
            open=open
            title=title
            body=Signal::derive(body)
            impact=impact
            action="Delete"
            busy=writes.busy()
            error=error
            confirm=delete
        />
        <DeletionQuestion
            conflict=conflict
            name=Signal::derive(move || item.with(|view| view.name.clone()))
            refused="Not deleted."
            action="Delete anyway"
            impact=impact
            anyway=delete
            question=open
        />
    }
}
