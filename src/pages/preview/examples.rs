//! Examples while the ref is empty.

use crate::api::use_api;
use crate::paths::{CatalogFilter, Path};
use crate::state::use_workspace;
use crate::task::spawn_scoped;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// How many models are fetched as examples.
const MODELS: u32 = 6;

/// Refs that can be tried with one click: the default model, enabled models, and the forms that a
/// ref may take with the names of this organisation.
#[component]
pub(super) fn Examples(
    /// Puts a ref into the field.
    take: Callback<String>,
) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let models = RwSignal::new(None::<Vec<String>>);
    spawn_scoped(async move {
        let enabled = CatalogFilter {
            state: "enabled".to_owned(),
            ..CatalogFilter::default()
        };
        let page = api.models(&enabled, MODELS, None).await;
        // Examples are a help; without them the page still says what to type.
        models.set(Some(page.map_or_else(
            |_| Vec::new(),
            |page| {
                page.items
                    .into_iter()
                    .map(|model| model.model_ref)
                    .collect()
            },
        )));
    });
    let refs = move || {
        let known = workspace.snapshot().with(|snapshot| {
            let notable = snapshot.providers.iter().flat_map(|entry| {
                let name = &entry.name;
                entry
                    .notable_models
                    .iter()
                    .map(move |model| format!("{name}/{model}"))
            });
            let notable: Vec<String> = notable.take(3).collect();
            (snapshot.default_model.clone(), notable)
        });
        let (default, notable) = known.unwrap_or_default();
        let mut seen = BTreeSet::new();
        let mut refs: Vec<(String, &'static str)> = Vec::new();
        let rest = models.get().unwrap_or_default().into_iter().chain(notable);
        let all = default
            .into_iter()
            .map(|model| (model, "default model"))
            .chain(rest.map(|model| (model, "")));
        for (model, note) in all {
            if seen.insert(model.clone()) {
                refs.push((model, note));
            }
        }
        refs
    };
    view! {
        <section class="examples" aria-label="Refs to try">
            <p>
                "Enter the model string an agent is configured with: "
                <code>"name/upstream/model"</code>
                " for a gateway, "
                <code>"name/model"</code>
                " for a direct provider or a custom source. Everything else goes to the managed gateway"
                {move || {
                    workspace.snapshot().with(|snapshot| format!(", {}.", snapshot.managed_gateway))
                }}
            </p>
            {move || {
                let refs = refs();
                match (refs.is_empty(), models.get()) {
                    (true, None) => ().into_any(),
                    (true, Some(_)) => view! { <NoModels /> }.into_any(),
                    _ => {
                        view! {
                            <h2>"Your models"</h2>
                            <ul class="example-list">
                                {refs
                                    .into_iter()
                                    .map(|(model_ref, note)| {
                                        view! { <Example model_ref=model_ref note=note take=take /> }
                                    })
                                    .collect_view()}
                            </ul>
                        }
                            .into_any()
                    }
                }
            }}
        </section>
    }
}

#[component]
fn NoModels() -> impl IntoView {
    view! {
        <p>
            "The catalog has no enabled models yet. "
            <a href=Path::Gateways.to_string()>"Configure a gateway and refresh it"</a>
            ", or enter any ref."
        </p>
    }
}

#[component]
fn Example(model_ref: String, note: &'static str, take: Callback<String>) -> impl IntoView {
    let taken = model_ref.clone();
    view! {
        <li>
            <button class="example" type="button" on:click=move |_| take.run(taken.clone())>
                <code>{model_ref}</code>
            </button>
            {(!note.is_empty()).then(|| view! { <span class="small">{note}</span> })}
        </li>
    }
}
