//! The field for the new model.

use crate::api::types::{ModelCounts, ModelState, ModelsPage};
use crate::api::use_api;
use crate::components::{Prose, SuggestField};
use crate::dom;
use crate::paths::CatalogFilter;
use crate::state::{Workspace, use_workspace};
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
    // The owner that does not list the model.
    let unlisted = RwSignal::new(None::<String>);
    let turn = StoredValue::new(0_u32);
    Effect::new(move || {
        let query = to.get();
        unlisted.set(None);
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
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
            let owner = query.split_once('/').map(|(owner, _)| owner.to_owned());
            let Some(owner) = owner.filter(|owner| !is_offered && lists(workspace, owner)) else {
                return;
            };
            let of_owner = CatalogFilter {
                owner: owner.clone(),
                query: query.clone(),
                ..CatalogFilter::default()
            };
            if let Ok(page) = api.models(&of_owner, OFFERS, None).await
                && is_latest()
                && is_missing(&page, &query)
            {
                unlisted.try_set(Some(owner));
            }
        });
    });
    let remark = move || {
        let owner = unlisted.get()?;
        let text = format!(
            "Not in the list of {owner}, as it was last refreshed. Requests are sent nevertheless, and may fail."
        );
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

/// Whether a provider or source has a list of models.
fn lists(workspace: Workspace, owner: &str) -> bool {
    let has_models = |models: &ModelCounts| models.total > models.absent;
    let provider = workspace.providers.get_untracked().is_some_and(|page| {
        let mut items = page.items.iter();
        items.any(|item| item.name == owner && has_models(&item.models))
    });
    let source = workspace.sources.get_untracked().is_some_and(|sources| {
        let mut sources = sources.iter();
        sources.any(|source| source.slug == owner && has_models(&source.models))
    });
    provider || source
}

/// Whether a search for a ref proves that its owner does not list it.
fn is_missing(page: &ModelsPage, wanted: &str) -> bool {
    let is_listed = |state: ModelState| state != ModelState::Absent;
    page.next_cursor.is_none()
        && !page
            .items
            .iter()
            .any(|model| model.model_ref == wanted && is_listed(model.state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_model_is_missing_only_if_all_that_match_were_seen() {
        let page = |items: &[(&str, &str)], next: Option<&str>| -> ModelsPage {
            let items: Vec<_> = items
                .iter()
                .map(|(id, state)| {
                    json!({
                        "ref": format!("edge/{id}"), "owner": "edge", "id": id, "state": state,
                        "enabled": true, "first_seen": 0, "last_seen": 0
                    })
                })
                .collect();
            serde_json::from_value(json!({ "items": items, "next_cursor": next, "total": 1 }))
                .unwrap()
        };
        assert!(is_missing(&page(&[], None), "edge/a"));
        assert!(is_missing(&page(&[("a-large", "enabled")], None), "edge/a"));
        assert!(is_missing(&page(&[("a", "absent")], None), "edge/a"));
        assert!(!is_missing(&page(&[("a", "disabled")], None), "edge/a"));
        assert!(!is_missing(
            &page(&[("a-large", "enabled")], Some("x")),
            "edge/a"
        ));
    }
}
