//! The frame of every page: the rail, the top bar with the palette, the skip link.

use super::focus::follow_navigation;
use super::lazy_pages;
use super::rail::Rail;
use crate::api::{types::Role, use_api};
use crate::components::{Button, ButtonKind, Notice, Show, Tone};
use crate::dom;
use crate::features::connection_lost::ConnectionLost;
use crate::features::palette::Palette;
use crate::state::{SessionState, ThemeChoice, use_session, use_theme, use_workspace, use_writes};
use leptos::ev;
use leptos::prelude::*;

/// The frame of every page.
#[component]
pub(super) fn Shell(children: Children) -> impl IntoView {
    follow_navigation();
    preload_ahead();
    view! {
        <a class="skip-link" href="#main" on:click=skip_to_main>
            "Skip to main content"
        </a>
        <div class="shell">
            <Rail />
            <div class="stage">
                <div class="top">
                    <Palette />
                </div>
                <main id="main" tabindex="-1">
                    <ConnectionLost />
                    <SessionEnded />
                    {children()}
                </main>
            </div>
            <Foot />
        </div>
    }
}

/// The router would take the link for a navigation to this page, which moves no focus.
fn skip_to_main(event: ev::MouseEvent) {
    event.prevent_default();
    dom::focus("#main");
}

/// A notice above the page that the session has ended. Input below is kept.
#[component]
fn SessionEnded() -> impl IntoView {
    let api = use_api();
    let session = use_session();
    let ended = session.ended();
    let text = "Your changes on this page are kept. Open Waypost in another tab and sign in there, with the identity provider or a link from `waypost sign-in-link`, then come back to this one.";
    view! {
        <Show when=move || ended.get()>
            <Notice tone=Tone::Bad title="Your session has ended" text=text>
                <Button press=move || session.resume(api)>"I have signed in"</Button>
            </Notice>
        </Show>
    }
}

/// Preloads a page when a link to it is hovered or focused.
fn preload_ahead() {
    let preload = |pathname: Option<String>| {
        if let Some(pathname) = pathname {
            lazy_pages::preload(&pathname);
        }
    };
    let pointed =
        window_event_listener(ev::pointerover, move |event| preload(dom::link_of(&event)));
    let focused = window_event_listener(ev::focusin, move |event| preload(dom::link_of(&event)));
    on_cleanup(move || {
        pointed.remove();
        focused.remove();
    });
}

/// Who is signed in, version and theme.
#[component]
fn Foot() -> impl IntoView {
    let session = use_session();
    let workspace = use_workspace();
    let about = move || {
        let SessionState::SignedIn(view) = session.state() else {
            return None;
        };
        let role = match view.role {
            Role::Admin => "admin",
            Role::Viewer => "viewer",
        };
        let secrets = workspace
            .settings
            .with(|settings| format!("secrets in {}", settings.secrets.backend.label()));
        let name = view.name.map(|name| view! { <span>{name}</span> " " });
        Some(view! {
            {name}
            <span>{role}</span>
            " "
            <span>{secrets}</span>
            " "
            <span>"Waypost " {view.version}</span>
        })
    };
    view! {
        <footer class="rail-foot">
            <p>{about}</p>
            <div class="rail-foot-controls">
                <ThemeSwitch />
                <SignOut />
            </div>
        </footer>
    }
}

/// Not a [`Select`](crate::components::Select), which brings labels, help and errors into the first
/// download.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let theme = use_theme();
    let options = ThemeChoice::ALL
        .into_iter()
        .map(|choice| {
            let selected = move || theme.choice() == choice;
            view! {
                <option value=choice.name() prop:selected=selected>
                    {choice.label()}
                </option>
            }
        })
        .collect_view();
    view! {
        <select
            class="input"
            aria-label="Theme"
            on:change:target=move |event| {
                theme.choose(ThemeChoice::from_name(&event.target().value()));
            }
        >
            {options}
        </select>
    }
}

#[component]
fn SignOut() -> impl IntoView {
    let api = use_api();
    let session = use_session();
    let writes = use_writes();
    let press = move |()| {
        writes.send_with_toast("Signing out", api.sign_out(), move |()| session.leave());
    };
    view! {
        <Button kind=ButtonKind::Quiet busy=writes.busy() press=press>
            "Sign out"
        </Button>
    }
}
