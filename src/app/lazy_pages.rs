//! Pages that are loaded on their first visit.

use super::page::Page;
use crate::components::{Button, Loading, Notice, Tone};
use crate::dom;
use crate::lazy::{Coming, Part, Stage, part, preload as preload_part};
use crate::pages::activity::ActivityPage;
use crate::pages::agents::{AgentFormPage, AgentsPage};
use crate::pages::catalog::CatalogPage;
use crate::pages::preview::PreviewPage;
use crate::pages::requests::RequestLogPage;
use crate::pages::settings::SettingsPage;
use crate::pages::sources::{SourceFormPage, SourcesPage};
use crate::state::use_title;
use leptos::prelude::*;

part!(load_activity, activity, (), |()| ActivityPage().into_any());
part!(load_agents, agents, (), |()| AgentsPage().into_any());
part!(load_agent_form, agent_form, (), |()| AgentFormPage()
    .into_any());
part!(load_catalog, catalog, (), |()| CatalogPage().into_any());
part!(load_preview, preview, (), |()| PreviewPage().into_any());
part!(load_requests, requests, (), |()| RequestLogPage()
    .into_any());
part!(load_settings, settings, (), |()| SettingsPage().into_any());
part!(load_sources, sources, (), |()| SourcesPage().into_any());
part!(load_source_form, source_form, (), |()| SourceFormPage()
    .into_any());

/// A page that may still have to be loaded.
#[derive(Clone, Copy)]
pub(super) struct LazyPage {
    /// The title until the page sets its own.
    title: &'static str,
    /// Whether the page, and not the frame around it, has the heading.
    has_heading: bool,
    load: fn() -> Coming<()>,
}

impl LazyPage {
    /// What loads a page; `None` for one that is part of the first load.
    pub(super) fn of(page: Page) -> Option<Self> {
        let (title, load): (_, fn() -> Coming<()>) = match page {
            Page::Catalog => ("Catalog", load_catalog),
            Page::Sources => ("Custom sources", load_sources),
            Page::NewSource | Page::Source => ("Custom source", load_source_form),
            Page::Agents => ("Agents", load_agents),
            Page::NewAgent | Page::Agent => ("Agent", load_agent_form),
            Page::Requests => ("Requests", load_requests),
            Page::Preview => ("Route preview", load_preview),
            Page::Activity => ("Activity", load_activity),
            Page::Settings => ("Settings", load_settings),
            Page::Start | Page::Gateways | Page::Direct | Page::Unknown => return None,
        };
        Some(Self {
            title,
            has_heading: !page.is_in_models(),
            load,
        })
    }

    /// Loads and draws it.
    pub(super) fn draw(self) -> AnyView {
        let Self {
            title,
            has_heading,
            load,
        } = self;
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
        let heading = move || has_heading.then(|| view! { <h1 tabindex="-1">{title}</h1> });
        (move || match page.stage() {
            Stage::There(draw) => draw(()),
            Stage::Failed => view! {
                {heading()}
                <Notice tone=Tone::Bad text="This page could not be loaded. Check the connection to the control plane.">
                    <Button press=retry>"Try again"</Button>
                </Notice>
            }
            .into_any(),
            Stage::Unasked | Stage::Coming => {
                on_cleanup(dom::pass_on_heading_focus);
                view! {
                    {heading()}
                    <Loading label=format!("Loading {title}") rows=5 />
                }
                .into_any()
            }
        })
        .into_any()
    }
}

/// Preloads the page of an address, for example when the pointer is on a link to it.
pub(super) fn preload(pathname: &str) {
    if let Some(page) = LazyPage::of(Page::at(pathname)) {
        preload_part(page.load);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "/requests",
            "/requests/7f3c9a",
            "/settings",
        ] {
            assert!(LazyPage::of(Page::at(address)).is_some(), "{address}");
        }
        for address in ["/", "/models/gateways", "/models/direct", "/sign-in"] {
            assert!(LazyPage::of(Page::at(address)).is_none(), "{address}");
        }
    }
}
