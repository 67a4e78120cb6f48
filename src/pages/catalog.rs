//! The tab Catalog: every model of the organisation.

mod bar;
mod bulk_actions;
mod filter;
mod list;
mod model_changes;
mod row;

use crate::components::{Button, Empty, Loading, Show};
use crate::dom;
use crate::features::load_failure::LoadFailure;
use crate::features::page_address::keep_in_address;
use crate::format::count;
use crate::paths::{CatalogFilter, Path};
use crate::state::{use_announcer, use_models, use_title, use_workspace};
use bar::Bar;
use bulk_actions::Bulk;
use filter::matching;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use list::ModelList;
use model_changes::{ChangeQuestion, ModelChanges};
use std::sync::Arc;
use std::time::Duration;

/// How long typing must pause before the number of matches is announced.
const REST: Duration = Duration::from_millis(900);

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Catalog {
    /// The filter in the bar.
    filter: RwSignal<CatalogFilter>,
    /// The refs that match the filter, in order.
    keys: Memo<crate::components::Keys>,
    /// Switching models and choosing the default one.
    change: ModelChanges,
}

/// The page.
#[component]
pub fn CatalogPage() -> impl IntoView {
    use_title("Catalog");
    let models = use_models();
    let workspace = use_workspace();
    let query = use_query_map();
    let address = Memo::new(move |_| {
        query.with(|query| CatalogFilter {
            owner: query.get("owner").unwrap_or_default(),
            query: query.get("q").unwrap_or_default(),
            state: query.get("state").unwrap_or_default(),
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
        keys: Memo::new(move |_| {
            filter.with(|filter| models.map.with(|map| Arc::new(matching(map, filter))))
        }),
        change: ModelChanges::new(),
    };
    // Loaded when the page opens, and again when a refresh or another tab changes the counts.
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
    Effect::new(move |before: Option<()>| {
        counts.track();
        let expected = catalog.change.expected();
        if before.is_none() || !expected {
            models.reload();
        }
    });
    announce_matches(catalog);

    let status = models.status();
    let none = Memo::new(move |_| models.total.get() == Some(0));
    view! {
        <h2 class="visually-hidden">"Catalog"</h2>
        <LoadFailure status=status retry=move || models.reload() />
        <Show
            when=status.loaded
            fallback=move || {
                models
                    .error
                    .with(Option::is_none)
                    .then(|| view! { <Loading label="Loading the catalog" rows=8 /> })
            }
        >
            <Show when=move || !none.get() fallback=NoModels>
                <Bar catalog=catalog />
                <Bulk catalog=catalog />
                <Show
                    when=move || catalog.keys.with(|keys| !keys.is_empty())
                    fallback=move || view! { <NoMatch catalog=catalog /> }
                >
                    <ModelList catalog=catalog />
                </Show>
            </Show>
        </Show>
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
                <A href=Path::Gateways.to_string()>"a gateway"</A>
                ", "
                <A href=Path::Direct.to_string()>"a direct provider"</A>
                " or "
                <A href=Path::Sources.to_string()>"a custom source"</A>
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
                    "Clear the filters"
                </Button>
            </p>
        </Empty>
    }
}

/// Announces the number of matches once typing pauses.
fn announce_matches(catalog: Catalog) {
    let announcer = use_announcer();
    let say = StoredValue::new_local(debounce(REST, move |()| {
        if let Some(keys) = catalog.keys.try_get_untracked() {
            let number = keys.len() as u64;
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
