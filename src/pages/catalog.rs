//! The tab Catalog: every model of the organisation.

mod bar;
mod bulk_actions;
mod list;
mod model_changes;
mod row;

use crate::api::types::TrafficBy;
use crate::components::{Button, Empty, Show};
use crate::dom;
use crate::features::loadable::Loadable;
use crate::features::page_address::keep_in_address;
use crate::features::traffic::watch_traffic;
use crate::format::count;
use crate::paths::{CatalogFilter, Path};
use crate::state::{use_announcer, use_models, use_title, use_workspace};
use bar::Bar;
use bulk_actions::Bulk;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use list::ModelList;
use model_changes::{ChangeQuestion, ModelChanges};
use std::time::Duration;

/// How long typing must pause before the control plane searches.
const SEARCH: Duration = Duration::from_millis(120);

/// How long typing must pause before the number of matches is announced.
const REST: Duration = Duration::from_millis(900);

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Catalog {
    /// The filter in the bar.
    filter: RwSignal<CatalogFilter>,
    /// Switching models and choosing the default one.
    change: ModelChanges,
}

/// The page.
#[component]
pub fn CatalogPage() -> impl IntoView {
    use_title("Catalog");
    watch_traffic(TrafficBy::Model);
    let models = use_models();
    let workspace = use_workspace();
    let query = use_query_map();
    let address = Memo::new(move |_| {
        query.with(|query| {
            let text = |name: &str| query.get(name).unwrap_or_default();
            CatalogFilter {
                owner: text("owner"),
                query: text("q"),
                state: text("state"),
                in_use: text("in_use"),
                sort: text("sort"),
            }
        })
    });
    let filter = RwSignal::new(address.get_untracked());
    keep_in_address(
        address,
        filter.into(),
        move |asked| filter.set(asked),
        Path::Catalog,
    );
    let catalog = Catalog {
        filter,
        change: ModelChanges::new(),
    };
    models.show(filter.get_untracked());
    models.follow_retries();
    let mut search = debounce(SEARCH, move |()| {
        if let Some(filter) = filter.try_get_untracked() {
            models.show(filter);
        }
    });
    Effect::new(move |before: Option<()>| {
        filter.track();
        if before.is_some() {
            search(());
        }
    });
    // Again when a refresh, another tab or an agent changes the counts.
    let counts = Memo::new(move |_| {
        let providers = workspace.providers.with(|page| {
            page.items
                .iter()
                .map(|item| item.models)
                .collect::<Vec<_>>()
        });
        let sources = workspace
            .sources
            .with(|sources| sources.iter().map(|item| item.models).collect::<Vec<_>>());
        (providers, sources)
    });
    Effect::new(move |before: Option<bool>| {
        counts.track();
        let known = counts.with(|counts| counts.0.is_some() && counts.1.is_some());
        if before == Some(true) {
            models.reload();
        }
        known
    });
    announce_matches(catalog);

    let status = models.status();
    let none = Memo::new(move |_| {
        models.total() == Some(0) && filter.with(|filter| *filter == CatalogFilter::default())
    });
    let any = Memo::new(move |_| models.total().is_some_and(|total| total > 0));
    view! {
        <h2 class="visually-hidden">"Catalog"</h2>
        <Loadable status=status retry=move || models.reload() label="Loading the catalog" rows=8>
            <Show when=move || !none.get() fallback=NoModels>
                <Bar catalog=catalog />
                <Bulk catalog=catalog />
                <Show when=move || any.get() fallback=move || view! { <NoMatch catalog=catalog /> }>
                    <ModelList catalog=catalog />
                </Show>
            </Show>
        </Loadable>
        <ChangeQuestion change=catalog.change />
    }
}

/// The empty state.
#[component]
fn NoModels() -> impl IntoView {
    view! {
        <Empty title="No models yet">
            <p>
                "The catalog contains the models of your gateways, providers and sources. Refresh "
                <a href=Path::Gateways.to_string()>"a gateway"</a>
                ", "
                <a href=Path::Direct.to_string()>"a direct provider"</a>
                " or "
                <a href=Path::Sources.to_string()>"a custom source"</a>
                " to fill it."
            </p>
        </Empty>
    }
}

/// Nothing matches.
#[component]
fn NoMatch(catalog: Catalog) -> impl IntoView {
    view! {
        <Empty title="No model matches">
            <p>"Searches refs and names for every word."</p>
            <p>
                <Button press=move || {
                    catalog.filter.set(CatalogFilter::default());
                    dom::focus(".catalog-bar input");
                }>
                    "Clear filters"
                </Button>
            </p>
        </Empty>
    }
}

/// Announces the number of matches once typing pauses.
fn announce_matches(catalog: Catalog) {
    let announcer = use_announcer();
    let models = use_models();
    let say = StoredValue::new_local(debounce(REST, move |()| {
        if let Some(number) = untrack(|| models.total()) {
            announcer.say(format!(
                "{}.",
                count(number, "model matches", "models match")
            ));
        }
    }));
    Effect::new(move |before: Option<()>| {
        catalog.filter.track();
        if before.is_some() {
            say.update_value(|say| say(()));
        }
    });
}
