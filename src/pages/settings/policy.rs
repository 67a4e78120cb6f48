//! The managed gateway, and what becomes of models that are found for the first time.

use crate::api::types::SettingsPatch;
use crate::api::{spawn, use_api};
use crate::components::{Choice, Select, Switch};
use crate::state::{use_toasts, use_workspace};
use leptos::prelude::*;
use waypost_routing::catalog::ProviderKind;

/// The two policies of routing and refreshing. Each is saved as soon as it is chosen.
#[component]
pub(super) fn Policies() -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let settings = workspace.settings;
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let save = move |patch: SettingsPatch, done: String| {
        busy.set(true);
        error.set(None);
        spawn(async move {
            match api.edit_settings(&patch).await {
                Ok(view) => {
                    settings.set(view);
                    workspace.reload_providers();
                    toasts.done(done);
                }
                Err(problem) => {
                    toasts.failed(problem.message());
                    error.try_set(Some(problem.message()));
                    settings.reload();
                }
            }
            busy.try_set(false);
        });
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
        // The one in force stays choosable although its entry is gone.
        if !names.contains(&managed.get()) {
            names.push(managed.get());
        }
        let choices = names
            .into_iter()
            .map(|name| Choice::new(name.clone(), name));
        choices.collect::<Vec<_>>()
    });
    let choose = move |name: String| {
        let done = format!("{name} is the managed gateway.");
        let patch = SettingsPatch {
            managed_gateway: Some(name),
            ..SettingsPatch::default()
        };
        save(patch, done);
    };
    let change = move |off: bool| {
        let patch = SettingsPatch {
            new_models_start_disabled: Some(off),
            ..SettingsPatch::default()
        };
        let state = if off { "disabled" } else { "enabled" };
        save(patch, format!("New models start {state}."));
    };
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
                disabled=busy
                error=error
                help="Takes every request that no other rule takes: refs that name no gateway, provider or source, and refs to sources without passthrough."
            />
        </section>
        <section class="setting" aria-labelledby="new-models">
            <h2 id="new-models">"New models"</h2>
            <Switch
                label="New models start disabled"
                on=disabled
                change=change
                disabled=busy
                help="Applies to models that a refresh finds for the first time. A provider or source can differ from it. What is switched off stays off."
            />
        </section>
    }
}
