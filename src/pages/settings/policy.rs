//! The managed gateway and the state of new models.

use crate::api::types::{SettingsPatch, SettingsView};
use crate::api::{Api, ApiError, use_api};
use crate::components::{ButtonKind, Choice, ConflictField, Select, Switch};
use crate::features::conflict::{Conflict, ConflictQuestion, on_off};
use crate::features::impact::{ConfirmChange, Impact};
use crate::state::{use_toasts, use_workspace, use_writes};
use leptos::prelude::*;
use std::sync::Arc;
use waypost_routing::catalog::ProviderKind;
use waypost_routing::scenario::ScenarioChange;

/// Both policies. Each is saved at once, except that changing the gateway asks first if agents are
/// affected.
#[component]
pub(super) fn Policies() -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let settings = workspace.settings;
    let writes = use_writes();
    let busy = writes.busy();
    let error = RwSignal::new(None::<String>);
    let conflict = Conflict::new();
    // The wanted managed gateway, and whether the confirmation is open.
    let wished = RwSignal::new(String::new());
    let asking = RwSignal::new(false);
    let impact = Impact::of(Signal::derive(move || {
        let gateway = wished.get();
        let changed = !gateway.is_empty();
        let change = ScenarioChange::ManagedGateway { gateway };
        changed.then_some(change).into_iter().collect()
    }));
    // The change that waits for its confirmation.
    let asked = StoredValue::new(None::<(SettingsPatch, String)>);
    let save = move |patch: SettingsPatch, done: String| {
        let Some(seen) = settings.get_untracked() else {
            return;
        };
        error.set(None);
        let sent = patch.clone();
        let before = seen.clone();
        let done_text = done.clone();
        writes.send(
            "Saving the settings",
            async move { save_settings(api, before, &sent).await },
            move |view| {
                settings.set(view);
                workspace.reload_providers();
                toasts.done(done_text);
            },
            move |outcome| {
                let Err(problem) = outcome else {
                    asking.set(false);
                    return;
                };
                if let Some(theirs) = problem.stored::<SettingsView>() {
                    let fields = differences(&seen, &theirs, &patch);
                    let version = theirs.revision;
                    settings.set(theirs);
                    workspace.reload_snapshot();
                    if conflict.ask(version, fields) {
                        asked.set_value(Some((patch, done)));
                        asking.set(false);
                        return;
                    }
                }
                toasts.failed(problem.message());
                error.set(Some(problem.message()));
                settings.reload();
            },
        );
    };
    let managed = Memo::new(move |_| {
        settings
            .with(|settings| settings.managed_gateway.clone())
            .unwrap_or_default()
    });
    let gateways = Memo::new(move |_| {
        let mut names: Vec<String> = workspace
            .providers
            .with(|page| {
                let gateways = page.items.iter();
                gateways
                    .filter(|item| item.kind == ProviderKind::Gateway)
                    .map(|item| item.name.clone())
                    .collect()
            })
            .unwrap_or_default();
        // The current gateway stays in the list although its entry is gone.
        if !names.contains(&managed.get()) {
            names.push(managed.get());
        }
        let choices = names
            .into_iter()
            .map(|name| Choice::new(name.clone(), name));
        choices.collect::<Vec<_>>()
    });
    let save_gateway = move || {
        let name = wished.get_untracked();
        let done = format!("{name} is the managed gateway.");
        let patch = SettingsPatch {
            managed_gateway: Some(name),
            ..SettingsPatch::default()
        };
        save(patch, done);
    };
    let choose = move |name: String| {
        error.set(None);
        wished.set(name);
        if untrack(|| impact.asks()) {
            asking.set(true);
        } else {
            save_gateway();
        }
    };
    let save_mine = move || {
        let Some((patch, done)) = asked.get_value() else {
            return;
        };
        // The other change may need another confirmation.
        if patch.managed_gateway.is_some() && untrack(|| impact.held()) {
            asking.set(true);
        } else {
            save(patch, done);
        }
    };
    let change = move |off: bool| {
        wished.set(String::new());
        let patch = SettingsPatch {
            new_models_start_disabled: Some(off),
            ..SettingsPatch::default()
        };
        let state = if off { "disabled" } else { "enabled" };
        save(patch, format!("New models start {state}."));
    };
    let change_refusal = move |on: bool| {
        wished.set(String::new());
        let patch = SettingsPatch {
            refuse_body_routing: Some(on),
            ..SettingsPatch::default()
        };
        let state = if on { "refused" } else { "forwarded" };
        save(patch, format!("Bodies with routing fields are {state}."));
    };
    let refuses = Signal::derive(move || {
        settings
            .with(|settings| settings.refuse_body_routing)
            .unwrap_or_default()
    });
    let disabled = Signal::derive(move || {
        settings
            .with(|settings| settings.new_models_start_disabled)
            .unwrap_or_default()
    });
    view! {
        <section class="setting" aria-labelledby="routing">
            <h2 id="routing">"Routing"</h2>
            <Select
                label="Managed gateway"
                choices=gateways
                value=managed
                choose=choose
                edits=true
                disabled=busy
                error=Signal::derive(move || error.get().filter(|_| !asking.get()))
                help="Gets every request that no other rule matches: refs without a known gateway, provider or source, and refs to sources without passthrough."
            />
            <Switch
                label="Refuse routing fields in request bodies"
                on=refuses
                change=change_refusal
                edits=true
                disabled=busy
                help="With `models`, `provider` or `fallbacks` in a body, a gateway may choose another model than the route says. Off: such requests are forwarded and flagged. On: they are refused."
            />
        </section>
        <section class="setting" aria-labelledby="new-models">
            <h2 id="new-models">"New models"</h2>
            <Switch
                label="New models start disabled"
                on=disabled
                change=change
                edits=true
                disabled=busy
                help="Applies to models found for the first time. Providers and sources can override it. Disabled models stay disabled."
            />
        </section>
        <ConfirmChange
            open=asking
            title=Signal::derive(move || {
                wished.with(|name| ["Make ", name, " the managed gateway?"].concat())
            })
            body=Signal::derive(move || {
                managed
                    .with(|name| {
                        [
                            "It gets every request that no other rule matches, instead of ",
                            name,
                            ".",
                        ]
                            .concat()
                    })
            })
            impact=impact
            action="Change managed gateway"
            kind=ButtonKind::Primary
            busy=busy
            error=error
            confirm=save_gateway
        />
        <ConflictQuestion
            conflict=conflict
            name="This setting"
            impact=impact
            save_mine=save_mine
            take_theirs=move || asked.set_value(None)
        />
    }
}

/// Saves settings. Overwrites a newer revision unless it changed the same ones.
async fn save_settings(
    api: Api,
    seen: Arc<SettingsView>,
    patch: &SettingsPatch,
) -> Result<SettingsView, ApiError> {
    let mut version = seen.revision;
    loop {
        let answer = api.edit_settings(version, patch).await;
        let stored = answer
            .as_ref()
            .err()
            .and_then(ApiError::stored::<SettingsView>);
        match stored {
            Some(theirs)
                if differences(&seen, &theirs, patch)
                    .iter()
                    .all(Option::is_none) =>
            {
                version = theirs.revision;
            }
            _ => return answer,
        }
    }
}

/// The settings of the patch that changed in the meantime.
fn differences(
    seen: &SettingsView,
    theirs: &SettingsView,
    patch: &SettingsPatch,
) -> [Option<ConflictField>; 3] {
    let gateway = patch
        .managed_gateway
        .as_deref()
        .filter(|_| seen.managed_gateway != theirs.managed_gateway);
    let disabled = patch
        .new_models_start_disabled
        .filter(|_| seen.new_models_start_disabled != theirs.new_models_start_disabled);
    let refuses = patch
        .refuse_body_routing
        .filter(|_| seen.refuse_body_routing != theirs.refuse_body_routing);
    [
        refuses.and_then(|yours| {
            ConflictField::of(
                "Refuse routing fields in request bodies",
                on_off(theirs.refuse_body_routing),
                on_off(yours),
            )
        }),
        gateway
            .and_then(|yours| ConflictField::of("Managed gateway", &theirs.managed_gateway, yours)),
        disabled.and_then(|yours| {
            ConflictField::of(
                "New models start disabled",
                on_off(theirs.new_models_start_disabled),
                on_off(yours),
            )
        }),
    ]
}
