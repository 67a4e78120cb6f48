//! The field for the new model.

use crate::api::use_api;
use crate::components::{Prose, SuggestField};
use crate::dom;
use crate::features::listed_models::Lister;
use crate::paths::CatalogFilter;
use crate::state::{use_clock, use_workspace};
use crate::task::spawn_scoped;
use leptos::prelude::*;

/// How many models are suggested.
const OFFERS: u32 = 30;

/// How long to wait for the next key before the catalog is searched, in milliseconds.
const TYPING: i32 = 150;

/// The new model, with suggestions from the catalog, and a remark where its owner does not list it.
#[component]
pub(super) fn Target(to: RwSignal<String>) -> impl IntoView {
    let api = use_api();
    let workspace = use_workspace();
    let offers = RwSignal::new(Vec::new());
    let now = use_clock().now();
    let unlisted = RwSignal::new(None::<Lister>);
    let turn = StoredValue::new(0_u32);
    Effect::new(move || {
        let query = to.get();
        unlisted.set(None);
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        let named = query.split_once('/').and_then(|(owner, model)| {
            let lister = untrack(|| Lister::of(workspace, owner))?;
            Some((lister, model.to_owned()))
        });
        let is_latest = move || turn.try_get_value() == Some(mine);
        spawn_scoped(async move {
            dom::pause(TYPING).await;
            if !is_latest() {
                return;
            }
            let filter = CatalogFilter {
                query: query.clone(),
                state: "enabled".to_owned(),
                ..CatalogFilter::default()
            };
            // Without suggestions the field takes any ref.
            let Ok(page) = api.models(&filter, OFFERS, None).await else {
                return;
            };
            if !is_latest() {
                return;
            }
            let is_offered = page.items.iter().any(|model| model.model_ref == query);
            let offered = page.items.into_iter().map(|model| model.model_ref);
            offers.try_set(offered.collect());
            if let Some((lister, model)) = named.filter(|_| !is_offered)
                && lister.lacks(api, &model).await
                && is_latest()
            {
                unlisted.try_set(Some(lister));
            }
        });
    });
    let remark = move || {
        let text = unlisted.get()?.words(now.get());
        Some(view! {
            <p class="small warn">
                <Prose text=text />
            </p>
        })
    };
    view! {
        <SuggestField
            label="New model"
            value=to
            choose=move |text: String| to.set(text)
            offers=offers
            help="A ref, for example openrouter/moonshotai/kimi-k2."
        />
        <div role="status">{remark}</div>
    }
}
