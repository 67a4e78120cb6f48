//! Entering an agent's own key for a gateway.

use super::{origin_of, routed};
use crate::api::types::{AgentKeyView, AgentView};
use crate::api::use_api;
use crate::components::{Button, Choice, Dialog, FailureNotice, SecretField, Select, Show};
use crate::features::conflict::write_over;
use crate::features::impact::{ChangeButton, Impact, ImpactSection, ImpactStatus};
use crate::state::{use_announcer, use_routing_table, use_toasts, use_workspace, use_writes};
use leptos::prelude::*;
use std::sync::Arc;
use waypost_routing::credential::agent_key_secret;
use waypost_routing::key_text::Carrier;

/// Where a key cannot be bound to an origin.
const NO_ORIGIN: &str = "Save the agent first: its document or the gateway has no usable base URL.";

/// The dialog.
#[component]
pub(super) fn EnterKey(
    open: RwSignal<bool>,
    item: Memo<Option<AgentView>>,
    /// The key that is replaced; `None` for a new one.
    replaced: RwSignal<Option<AgentKeyView>>,
    /// The gateways that a new key can be for.
    gateways: Memo<Vec<String>>,
    /// Runs with the agent after the key was saved.
    saved: Callback<AgentView>,
) -> impl IntoView {
    let title = Signal::derive(move || {
        replaced.with(|replaced| match replaced {
            Some(key) => format!("Replace the key for {}", key.gateway),
            None => "Add a key".to_owned(),
        })
    });
    let subtitle = Signal::derive(move || {
        item.with(|item| {
            item.as_ref()
                .map(|agent| format!("Of the agent {}", agent.name))
        })
        .unwrap_or_default()
    });
    let dirty = RwSignal::new(false);
    view! {
        <Dialog open=open title=title subtitle=subtitle dirty=dirty>
            <Form open=open dirty=dirty item=item replaced=replaced gateways=gateways saved=saved />
        </Dialog>
    }
}

#[component]
fn Form(
    open: RwSignal<bool>,
    /// Whether closing loses what is typed.
    dirty: RwSignal<bool>,
    item: Memo<Option<AgentView>>,
    replaced: RwSignal<Option<AgentKeyView>>,
    gateways: Memo<Vec<String>>,
    saved: Callback<AgentView>,
) -> impl IntoView {
    let api = use_api();
    let table = use_routing_table();
    let announcer = use_announcer();
    let toasts = use_toasts();
    let workspace = use_workspace();
    let writes = use_writes().in_dialog(open);
    let chosen = RwSignal::new(gateways.with_untracked(|gateways| gateways.first().cloned()));
    let value = RwSignal::new(String::new());
    let accept = RwSignal::new(false);
    let value_error = RwSignal::new(None::<String>);
    let error = RwSignal::new(None::<String>);
    // The agent that another save got ahead with.
    let newer = RwSignal::new(None::<AgentView>);
    let gateway = Memo::new(move |_| {
        let of_key = replaced.with(|key| key.as_ref().map(|key| key.gateway.clone()));
        of_key.or_else(|| chosen.get()).unwrap_or_default()
    });
    // The origin, with the id that the key is stored under.
    let place = Memo::new(move |_| {
        let table = table.get()?;
        let agent = item.with(|item| routed(table.table(), item.as_ref()).cloned())?;
        let origin = gateway.with(|gateway| origin_of(table.table(), &agent, gateway))?;
        Some((agent.id, origin))
    });
    Effect::new(move || dirty.set(value.with(|value| !value.is_empty())));
    on_cleanup(move || {
        dirty.try_set(false);
    });
    let is_filled = move || value.with(|value| !value.trim().is_empty());
    let impact = Impact::after(Arc::new(move |snapshot| {
        let (id, origin) = place.get()?;
        let mut after = snapshot.clone();
        let name = agent_key_secret(&id, &gateway.get());
        after.secrets.put(&name, origin);
        Some(after)
    }))
    .while_wanted(is_filled);
    Effect::new(move || {
        value.track();
        accept.track();
        value_error.set(None);
        error.set(None);
    });
    let save = move || {
        if writes.busy().get_untracked() || impact.refuses(announcer) {
            return;
        }
        let Some(seen) = newer.get_untracked().or(item.get_untracked()) else {
            return;
        };
        if !untrack(is_filled) {
            value_error.set(Some("Enter a key first.".to_owned()));
            announcer.say("Enter a key first.");
            return;
        }
        let Some((_, origin)) = place.get_untracked() else {
            error.set(Some(NO_ORIGIN.to_owned()));
            announcer.say(NO_ORIGIN);
            return;
        };
        let (name, gateway) = (seen.name.clone(), gateway.get_untracked());
        let (key, accepts) = (value.get_untracked(), accept.get_untracked());
        let done_text = format!("Saved the key of {name} for {gateway}.");
        let saved_for = gateway.clone();
        writes.send(
            format!("Saving the key of {name}"),
            async move {
                let call = |version| {
                    let place = (gateway.as_str(), origin.as_str());
                    api.set_agent_key(&name, place, version, key.clone(), accepts)
                };
                write_over(seen, |_| true, call).await
            },
            move |view: AgentView| {
                toasts.done(done_text);
                workspace.put_agent(None, view.clone());
                view
            },
            move |outcome| match outcome {
                Ok(view) => {
                    saved.run(view);
                    open.set(false);
                }
                Err(problem) => {
                    if let Some(view) = problem.stored::<AgentView>() {
                        let text = overtaken(&view, &saved_for);
                        announcer.say(text.clone());
                        error.set(Some(text));
                        workspace.put_agent(None, view.clone());
                        saved.run(view.clone());
                        newer.set(Some(view));
                        return;
                    }
                    announcer.say(problem.message());
                    match problem.field() == Some("value") {
                        true => value_error.set(Some(problem.message())),
                        false => error.set(Some(problem.message())),
                    }
                }
            },
        );
    };
    let choices = Signal::derive(move || {
        gateways.with(|gateways| {
            gateways
                .iter()
                .map(|name| Choice::new(name.clone(), name.clone()))
                .collect()
        })
    });
    let is_new = move || replaced.with(Option::is_none);
    view! {
        <form
            novalidate=""
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
        >
            <div class="dialog-body">
                <Show when=is_new>
                    <Select
                        label="Gateway"
                        choices=choices
                        value=Signal::derive(move || gateway.get())
                        choose=move |name: String| chosen.set(Some(name))
                    />
                </Show>
                <SecretField
                    label="API key"
                    value=value
                    carrier=Carrier::Bearer
                    accept=accept
                    error=Signal::derive(move || value_error.get())
                    autofocus=true
                />
                <p class="field-help">
                    {move || match place.get() {
                        Some((_, origin)) => {
                            view! {
                                "Stored for "
                                <code>{origin}</code>
                                " only, where this agent's requests to the gateway go. It is never shown again."
                            }
                            .into_any()
                        }
                        None => NO_ORIGIN.into_any(),
                    }}
                </p>
                <Show when=move || impact.any()>
                    <ImpactSection impact=impact title="Impact of saving" asks=true />
                </Show>
                <FailureNotice error=error />
            </div>
            <footer class="dialog-foot">
                <ImpactStatus impact=impact />
                <span class="grow"></span>
                <Button press=move || open.set(false)>
                    "Cancel"
                </Button>
                <ChangeButton impact=impact action="Save key" busy=writes.busy() />
            </footer>
        </form>
    }
}

/// Why it was not saved, and what saving it again does.
fn overtaken(now: &AgentView, gateway: &str) -> String {
    let stored = now.keys.iter().find(|key| key.gateway == gateway);
    let outcome = match stored.map(|key| key.hint.as_deref()) {
        None => "add the key".to_owned(),
        Some(None) => "replace the key that is stored now".to_owned(),
        Some(Some(hint)) => format!("replace the key that is stored now, which ends with {hint}"),
    };
    format!(
        "This agent changed in the meantime, so nothing was saved. What you typed is kept. Save again to {outcome}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::KeyState;

    #[test]
    fn what_saving_again_does_is_said_first() {
        let mut now: AgentView = serde_json::from_value(serde_json::json!({
            "name": "bot", "yaml": "", "agent": null, "problems": [], "version": 4,
            "updated_at": 0, "updated_by": null
        }))
        .unwrap();
        assert!(overtaken(&now, "gw").ends_with("Save again to add the key."));
        now.keys.push(AgentKeyView {
            gateway: "gw".to_owned(),
            state: KeyState::Configured,
            hint: Some("1234".to_owned()),
            set_at: 0,
            bound_origin: "https://gw.example".to_owned(),
            refused_at: None,
        });
        assert!(overtaken(&now, "gw").ends_with("stored now, which ends with 1234."));
        assert!(overtaken(&now, "other").ends_with("Save again to add the key."));
    }
}
