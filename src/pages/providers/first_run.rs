//! An empty workspace, and the sample workspace that shows everything without a key.

use crate::api::{spawn, use_api};
use crate::components::{Button, ButtonKind, Notice, Tone};
use crate::paths::Path;
use crate::state::{use_toasts, use_workspace};
use leptos::prelude::*;
use leptos_router::components::A;

/// What is known of the sample.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sample {
    /// It is not wanted: there is work here already.
    Unneeded,
    /// Nothing is configured yet.
    Offered,
    /// It is in place.
    Installed,
}

/// Offers the sample workspace where nothing is configured, and its removal where it is in place.
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
    let busy = RwSignal::new(false);
    move || match state.get()? {
        Sample::Unneeded => None,
        Sample::Offered => Some(view! { <Offer busy=busy /> }.into_any()),
        Sample::Installed => Some(view! { <Installed busy=busy /> }.into_any()),
    }
}

/// Adds or removes the sample.
fn change(install: bool, busy: RwSignal<bool>) -> impl Fn() + Copy {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    move || {
        busy.set(true);
        spawn(async move {
            let answer = if install {
                api.add_sample().await
            } else {
                api.remove_sample().await
            };
            match answer {
                Ok(()) if install => toasts.done("The sample workspace is in place."),
                Ok(()) => toasts.done("The sample workspace is removed."),
                Err(error) => toasts.failed(error.message()),
            }
            workspace.reload();
            busy.set(false);
        });
    }
}

#[component]
fn Offer(busy: RwSignal<bool>) -> impl IntoView {
    let add = change(true, busy);
    view! {
        <section class="offer" aria-labelledby="offer-title">
            <div>
                <h2 id="offer-title">"Nothing is configured yet"</h2>
                <p>
                    "Configure a gateway's key below, or look around first: the sample workspace brings an endpoint that Waypost itself serves, two custom sources on it and four agents. It needs no key and no network, and one click here or in Settings removes it."
                </p>
            </div>
            <Button busy=busy press=add>
                "Add the sample workspace"
            </Button>
        </section>
    }
}

#[component]
fn Installed(busy: RwSignal<bool>) -> impl IntoView {
    let remove = change(false, busy);
    view! {
        <Notice
            tone=Tone::None
            title="Sample workspace"
            text="Two custom sources on an endpoint that Waypost itself serves."
        >
            <span class="actions">
                <A href=Path::Sources.to_string()>"See the sources"</A>
                <Button kind=ButtonKind::Quiet busy=busy press=remove>
                    "Remove the sample"
                </Button>
            </span>
        </Notice>
    }
}
