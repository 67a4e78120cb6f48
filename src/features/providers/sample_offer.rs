//! The offer of the sample workspace while nothing is configured.

use crate::components::{Button, Notice, Tone};
use crate::features::sample_workspace::use_add_sample;
use crate::paths::Path;
use crate::state::use_workspace;
use leptos::prelude::*;
use leptos_router::components::A;

/// What is known of the sample.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sample {
    /// Not offered: the workspace is in use.
    Unneeded,
    /// Nothing is configured yet.
    Offered,
    /// Installed.
    Installed,
}

/// Offers the sample workspace while nothing is configured, and links to it once it is installed.
#[component]
pub(super) fn SampleOffer() -> impl IntoView {
    let workspace = use_workspace();
    let state = Memo::new(move |_| {
        let installed = workspace.settings.with(|settings| settings.sample)?;
        let empty = workspace.sources.with(Vec::is_empty)?
            && workspace.providers.with(|page| {
                page.items
                    .iter()
                    .all(|item| item.models.total == 0 && item.key.hint.is_none())
            })?;
        Some(match (installed, empty) {
            (true, _) => Sample::Installed,
            (false, true) => Sample::Offered,
            (false, false) => Sample::Unneeded,
        })
    });
    move || match state.get()? {
        Sample::Unneeded => None,
        Sample::Offered => Some(view! { <Offer /> }.into_any()),
        Sample::Installed => Some(view! { <Installed /> }.into_any()),
    }
}

#[component]
fn Offer() -> impl IntoView {
    let sample = use_add_sample();
    view! {
        <section class="offer" aria-labelledby="offer-title">
            <div>
                <h2 id="offer-title">"Nothing is configured yet"</h2>
                <p>
                    "Enter a gateway's key below, or try the sample workspace first: an endpoint served by Waypost itself, two custom sources and four agents. It needs no key and no network, and you can remove it in Settings."
                </p>
            </div>
            <Button busy=sample.busy press=sample.run>
                "Add the sample workspace"
            </Button>
        </section>
    }
}

#[component]
fn Installed() -> impl IntoView {
    view! {
        <Notice
            tone=Tone::None
            title="Sample workspace"
            text="Two custom sources on an endpoint served by Waypost itself."
        >
            <span class="actions">
                <A href=Path::Sources.to_string()>"Show sources"</A>
                // Settings asks first, because your own agents may use the sample's sources.
                <A href=Path::Settings.to_string()>"Remove it in Settings"</A>
            </span>
        </Notice>
    }
}
