//! Removing a provider's key, after showing the impact.

use super::deletion_conflict::ask_about_change;
use super::labels::{key_variable, kind_noun};
use crate::api::types::ProviderView;
use crate::api::use_api;
use crate::features::conflict::{Conflict, DeletionQuestion, write_over};
use crate::features::impact::{ConfirmChange, Impact};
use crate::state::{use_toasts, use_undo, use_workspace, use_writes};
use leptos::prelude::*;
use waypost_routing::scenario::ScenarioChange;

/// Asks before the stored key is removed.
#[component]
pub(super) fn RemoveKey(
    open: RwSignal<bool>,
    configure: RwSignal<bool>,
    item: Memo<ProviderView>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let undo = use_undo();
    let writes = use_writes().in_dialog(open);
    let error = RwSignal::new(None::<String>);
    let title =
        Signal::derive(move || item.with(|view| format!("Remove the key of {}?", view.name)));
    let body = move || {
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
    };
    let impact = Impact::of(Signal::derive(move || {
        let owner = item.with(|view| view.name.clone());
        let present = false;
        vec![ScenarioChange::Key { owner, present }]
    }));
    let conflict = Conflict::new();
    let remove = Callback::new(move |()| {
        let seen = item.get_untracked();
        error.set(None);
        let sent = seen.clone();
        writes.send(
            format!("Removing the key of {}", seen.name),
            async move {
                let call = |version| api.remove_provider_key(&sent.name, version);
                write_over(sent.clone(), |_| true, call).await
            },
            move |removed| {
                let view = removed.provider;
                let name = &view.name;
                let now = match key_variable(&view.key) {
                    Some(variable) => format!("Removed the key of {name}; using {variable}."),
                    None => format!("Removed the key of {name}."),
                };
                match removed.undo {
                    Some(ticket) => undo.offer(now, ticket),
                    None => toasts.done(now),
                }
                workspace.put_provider(view);
            },
            move |outcome| match outcome {
                Ok(()) => {
                    open.set(false);
                    configure.set(false);
                }
                Err(failure) if ask_about_change(&failure, &seen, workspace, conflict) => {}
                Err(failure) => error.set(Some(failure.message())),
            },
        );
    });
    view! {
        <ConfirmChange
            open=open
            title=title
            body=Signal::derive(body)
            impact=impact
            action="Remove key"
            busy=writes.busy()
            error=error
            confirm=remove
        />
        <DeletionQuestion
            conflict=conflict
            name=Signal::derive(move || item.with(|view| view.name.clone()))
            refused="The key was not removed."
            action="Remove anyway"
            impact=impact
            anyway=remove
            question=open
        />
    }
}
