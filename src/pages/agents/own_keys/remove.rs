//! Removing an agent's own key for a gateway.

use super::routed;
use crate::api::types::{AgentKeyRemoved, AgentKeyView, AgentView};
use crate::api::use_api;
use crate::features::conflict::write_over;
use crate::features::impact::{ConfirmChange, Impact};
use crate::features::removal::UNDO_SENTENCE;
use crate::state::{Undoable, use_routing_table, use_toasts, use_undo, use_workspace, use_writes};
use leptos::prelude::*;
use std::sync::Arc;
use waypost_routing::credential::agent_key_secret;

/// The confirmation.
#[component]
pub(super) fn RemoveOwnKey(
    open: RwSignal<bool>,
    item: Memo<Option<AgentView>>,
    /// The key to remove.
    key: RwSignal<Option<AgentKeyView>>,
    /// Runs with the agent after the key was removed.
    saved: Callback<AgentView>,
) -> impl IntoView {
    let api = use_api();
    let table = use_routing_table();
    let toasts = use_toasts();
    let workspace = use_workspace();
    let undo = use_undo();
    let writes = use_writes().in_dialog(open);
    let error = RwSignal::new(None::<String>);
    let gateway = Signal::derive(move || {
        key.with(|key| key.as_ref().map(|key| key.gateway.clone()))
            .unwrap_or_default()
    });
    let impact = Impact::after(Arc::new(move |snapshot| {
        let table = table.get()?;
        let id = item.with(|item| Some(routed(table.table(), item.as_ref())?.id.clone()))?;
        let mut after = snapshot.clone();
        after.secrets.remove(&agent_key_secret(&id, &gateway.get()));
        Some(after)
    }))
    .while_wanted(move || open.get());
    let confirm = move |()| {
        let Some(seen) = item.get_untracked() else {
            return;
        };
        error.set(None);
        let (name, gateway) = (seen.name.clone(), gateway.get_untracked());
        let done_text = format!("Removed the key of {name} for {gateway}.");
        let target = format!("agent:{name}");
        writes.send(
            format!("Removing the key of {name}"),
            async move {
                let call = |version| api.remove_agent_key(&name, &gateway, version);
                write_over(seen, |_| true, call).await
            },
            move |removed: AgentKeyRemoved| {
                match removed.undo {
                    Some(ticket) => {
                        let change = Undoable::new("agent.key.remove", vec![target], ticket);
                        undo.offer(done_text, change);
                    }
                    None => toasts.done(done_text),
                }
                workspace.put_agent(None, removed.agent.clone());
                removed.agent
            },
            move |outcome| match outcome {
                Ok(view) => {
                    saved.run(view);
                    open.set(false);
                }
                Err(problem) => error.set(Some(problem.message())),
            },
        );
    };
    view! {
        <ConfirmChange
            open=open
            title=Signal::derive(move || format!("Remove the key for {}?", gateway.get()))
            body=Signal::derive(move || {
                let gateway = gateway.get();
                let variable = item.with(|item| {
                    let agent = item.as_ref()?.agent.as_ref()?;
                    agent.gateways.get(&gateway)?.api_key_env.clone()
                });
                let then = match variable {
                    Some(variable) => format!("then use `{variable}`, which its document names"),
                    None => "then use the shared key, or have no route if there is none".to_owned(),
                };
                format!(
                    "Deletes the agent's own key. Its requests to {gateway} {then}. {UNDO_SENTENCE}"
                )
            })
            impact=impact
            action="Remove key"
            busy=writes.busy()
            error=error
            confirm=Callback::new(confirm)
        />
    }
}
