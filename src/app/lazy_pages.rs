//! Pages that are loaded on their first visit.

use crate::components::{Button, Loading, Notice, Tone};
use crate::dom;
use crate::lazy::{Coming, Part, Stage, part, preload as preload_part};
use crate::pages::activity::ActivityPage;
use crate::pages::agents::{AgentFormPage, AgentsPage};
use crate::pages::catalog::CatalogPage;
use crate::pages::preview::PreviewPage;
use crate::pages::settings::SettingsPage;
use crate::pages::sources::{SourceFormPage, SourcesPage};
use crate::paths::{ActivityFilter, CatalogFilter, Path};
use crate::state::use_title;
use leptos::prelude::*;

part!(load_activity, activity, (), |()| ActivityPage().into_any());
part!(load_agents, agents, (), |()| AgentsPage().into_any());
part!(load_agent_form, agent_form, (), |()| AgentFormPage()
    .into_any());
part!(load_catalog, catalog, (), |()| CatalogPage().into_any());
part!(load_preview, preview, (), |()| PreviewPage().into_any());
part!(load_settings, settings, (), |()| SettingsPage().into_any());
part!(load_sources, sources, (), |()| SourcesPage().into_any());
part!(load_source_form, source_form, (), |()| SourceFormPage()
    .into_any());

/// Activity.
#[component]
pub fn LazyActivity() -> impl IntoView {
    view! { <LazyPage title="Activity" heading=true load=load_activity /> }
}

/// The list of agents.
#[component]
pub fn LazyAgents() -> impl IntoView {
    view! { <LazyPage title="Agents" heading=true load=load_agents /> }
}

/// The editor of an agent.
#[component]
pub fn LazyAgentForm() -> impl IntoView {
    view! { <LazyPage title="Agent" heading=true load=load_agent_form /> }
}

/// The tab Catalog.
#[component]
pub fn LazyCatalog() -> impl IntoView {
    view! { <LazyPage title="Catalog" load=load_catalog /> }
}

/// Route preview.
#[component]
pub fn LazyPreview() -> impl IntoView {
    view! { <LazyPage title="Route preview" heading=true load=load_preview /> }
}

/// Settings.
#[component]
pub fn LazySettings() -> impl IntoView {
    view! { <LazyPage title="Settings" heading=true load=load_settings /> }
}

/// The tab Custom sources.
#[component]
pub fn LazySources() -> impl IntoView {
    view! { <LazyPage title="Custom sources" load=load_sources /> }
}

/// The form of a custom source.
#[component]
pub fn LazySourceForm() -> impl IntoView {
    view! { <LazyPage title="Custom source" load=load_source_form /> }
}

/// Preloads the page of an address, for example when the pointer is on a link to it.
pub fn preload(pathname: &str) {
    if let Some(load) = loader_of(pathname) {
        preload_part(load);
    }
}

/// The loader of a page that is not part of the first load.
fn loader_of(pathname: &str) -> Option<fn() -> Coming<()>> {
    let is = |path: Path| {
        let address = path.to_string();
        address.split('?').next() == Some(pathname)
    };
    if is(Path::Catalog(CatalogFilter::default())) {
        Some(load_catalog)
    } else if is(Path::preview("")) {
        Some(load_preview)
    } else if is(Path::Activity(ActivityFilter::default())) {
        Some(load_activity)
    } else if is(Path::Settings) {
        Some(load_settings)
    } else if is(Path::Sources) {
        Some(load_sources)
    } else if pathname.starts_with(&Path::Sources.to_string()) {
        Some(load_source_form)
    } else if is(Path::Agents) {
        Some(load_agents)
    } else if pathname.starts_with(&Path::Agents.to_string()) {
        Some(load_agent_form)
    } else {
        None
    }
}

/// A page that may still have to be loaded.
#[component]
fn LazyPage(
    /// The title until the page sets its own.
    title: &'static str,
    /// Whether the page, and not the frame around it, has the heading.
    #[prop(optional)]
    heading: bool,
    /// What loads it.
    load: fn() -> Coming<()>,
) -> impl IntoView {
    use_title(title);
    let page = Part::new(load);
    page.ask();
    let retry = move || {
        page.ask();
        // The button disappears with what it did.
        request_animation_frame(|| {
            dom::focus_heading();
        });
    };
    let heading = move || heading.then(|| view! { <h1 tabindex="-1">{title}</h1> });
    move || {
        match page.stage() {
        Stage::There(draw) => draw(()),
        Stage::Failed => view! {
            {heading()}
            <Notice tone=Tone::Bad text="This page could not be loaded. Check the connection to the control plane.">
                <Button press=retry>"Try again"</Button>
            </Notice>
        }
        .into_any(),
        Stage::Unasked | Stage::Coming => view! {
            {heading()}
            <Loading label=format!("Loading {title}") rows=5 />
        }
        .into_any(),
    }
    }
}

#[cfg(test)]
mod tests {
    use super::loader_of;

    #[test]
    fn what_the_first_visit_does_not_need_is_loaded_later() {
        for address in [
            "/activity",
            "/agents",
            "/agents/named/bot",
            "/models/catalog",
            "/models/sources",
            "/models/sources/new",
            "/preview",
            "/settings",
        ] {
            assert!(loader_of(address).is_some(), "{address}");
        }
        for address in ["/", "/models/gateways", "/models/direct", "/sign-in"] {
            assert!(loader_of(address).is_none(), "{address}");
        }
    }
}
