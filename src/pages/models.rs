//! The page Models: a heading and four tabs, each with an address.

use crate::components::{Tab, Tabs};
use crate::dom;
use crate::format::thousands;
use crate::paths::{CatalogFilter, Path};
use crate::state::use_workspace;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use waypost_routing::catalog::ProviderKind;

/// The frame of the four tabs.
#[component]
pub fn ModelsPage(
    /// Draws the tab that is open.
    #[prop(into)]
    tab: ViewFn,
) -> impl IntoView {
    let workspace = use_workspace();
    let providers = move |kind: ProviderKind| {
        Signal::derive(move || {
            workspace.providers.with(|page| {
                let number = page.items.iter().filter(|item| item.kind == kind).count();
                thousands(number as u64)
            })
        })
    };
    let sources = Signal::derive(move || {
        workspace
            .sources
            .with(|sources| thousands(sources.len() as u64))
    });
    let models = Signal::derive(move || {
        let of_providers = workspace
            .providers
            .with(|page| page.items.iter().map(|item| item.models.total).sum::<u64>())?;
        let of_sources = workspace
            .sources
            .with(|sources| sources.iter().map(|item| item.models.total).sum::<u64>())?;
        Some(thousands(of_providers + of_sources))
    });
    let tabs = vec![
        Tab {
            href: Path::Gateways.to_string(),
            label: "Gateways",
            count: providers(ProviderKind::Gateway),
        },
        Tab {
            href: Path::Sources.to_string(),
            label: "Custom sources",
            count: sources,
        },
        Tab {
            href: Path::Direct.to_string(),
            label: "Direct providers",
            count: providers(ProviderKind::OpenaiCompatible),
        },
        Tab {
            href: Path::Catalog(CatalogFilter::default()).to_string(),
            label: "Catalog",
            count: models,
        },
    ];
    // On a narrow screen the tabs are a strip; the one that is open has to be seen.
    let pathname = use_location().pathname;
    Effect::new(move || {
        pathname.track();
        // The numbers, once they are known, make the strip longer.
        models.track();
        dom::show_in_strip(".tabs", "[aria-current]");
    });
    view! {
        <h1 tabindex="-1">"Models"</h1>
        <p class="lead">"Gateways, providers and custom sources, and the keys they use."</p>
        <Tabs label="Models" tabs=tabs />
        {move || tab.run()}
    }
}
