//! The palette: one place to find an agent, a model, a page or an action, and to see where a model
//! ref goes.

mod entry;
mod finder;
mod panel;
mod route_card;
mod search;

use crate::components::{Button, Dialog, DialogKind};
use crate::dom;
use crate::lazy::{Part, Stage, part};
use crate::task::Scope;
use finder::{Finder, Given};
use leptos::ev;
use leptos::prelude::*;

// What it finds and what that does are loaded when the palette is first opened.
part!(load_finder, palette, Given, |given| {
    view! { <Finder given=given /> }.into_any()
});

/// What the field is for.
const FIELD: &str = "Agent, model, page, action or model ref";

/// What the field says while it is empty.
const PLACEHOLDER: &str = "Search agents, models and pages, or enter a model ref";

/// The id of the list of entries.
const LIST: &str = "palette-list";

/// The id of an entry, by its place.
fn option_id(place: usize) -> String {
    format!("palette-option-{place}")
}

/// The button in the top bar, and the palette that it opens. So do `/`, Control+K and Command+K.
#[component]
pub fn Palette() -> impl IntoView {
    let open = RwSignal::new(false);
    let finder = Part::new(load_finder);
    let scope = Scope::current();
    let handle = window_event_listener(ev::keydown, move |event| {
        let others = event.shift_key() || event.alt_key();
        let command = event.ctrl_key() || event.meta_key();
        let shortcut = command && !others && event.key().eq_ignore_ascii_case("k");
        let slash = event.key() == "/" && !command && !event.alt_key() && !dom::typing();
        let shown = dom::modal_open();
        if shortcut && shown && open.get_untracked() {
            event.prevent_default();
            open.set(false);
        } else if (shortcut || slash) && !shown {
            event.prevent_default();
            if open.get_untracked() {
                // The browser has closed it on Escape, and the page has not heard of that yet.
                open.set(false);
                request_animation_frame(move || open.set(true));
            } else {
                open.set(true);
            }
        }
    });
    on_cleanup(move || handle.remove());
    let keys = match dom::has_command_key() {
        true => "⌘K",
        false => "Ctrl K",
    };
    view! {
        <button
            class="palette-opener"
            type="button"
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K Meta+K /"
            on:pointerenter=move |_| finder.ask_once()
            on:click=move |_| open.set(true)
        >
            <span class="palette-opener-text">"Search, or enter a model ref"</span>
            <kbd aria-hidden="true">{keys}</kbd>
        </button>
        <Dialog open=open title="Search" kind=DialogKind::Palette>
            <Opening open=open finder=finder scope=scope />
        </Dialog>
    }
}

/// The field until the rest of the palette is loaded. What is typed into it is kept.
#[component]
fn Opening(
    open: RwSignal<bool>,
    finder: Part<Given>,
    /// The lifetime of the button, for what goes on when the palette is closed.
    scope: Scope,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    finder.ask_once();
    let retry = Callback::new(move |()| {
        // The button disappears with what it did.
        dom::focus(".palette-input");
        finder.ask();
    });
    move || {
        let note = match finder.stage() {
            Stage::There(draw) => return draw(Given { open, text, scope }),
            Stage::Failed => view! { <NotThere retry=retry /> }.into_any(),
            Stage::Unasked | Stage::Coming => {
                view! { <p class="palette-note small">"Loading…"</p> }.into_any()
            }
        };
        view! {
            <div class="palette-search" role="search">
                <input
                    class="palette-input"
                    type="text"
                    role="combobox"
                    aria-autocomplete="list"
                    aria-controls=LIST
                    aria-expanded="false"
                    aria-label=FIELD
                    placeholder=PLACEHOLDER
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    autofocus=""
                    prop:value=text
                    on:input:target=move |event| text.set(event.target().value())
                />
                {note}
            </div>
        }
        .into_any()
    }
}

/// The panel could not be loaded. What is typed stays.
#[component]
fn NotThere(retry: Callback<()>) -> impl IntoView {
    view! {
        <div class="palette-note">
            <p class="small" role="status">
                "The resolver could not be loaded. Check the connection to the control plane."
            </p>
            <Button press=retry>"Try again"</Button>
        </div>
    }
}
