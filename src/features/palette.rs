//! The palette: one place to find an agent, a model, a page or an action, and to see where a model
//! ref goes.

mod entry;
mod panel;
mod route_card;
mod search;

use crate::api::use_api;
use crate::components::{Button, Dialog, DialogKind, use_edit_access};
use crate::dom;
use crate::lazy::{Part, Stage, part};
use crate::paths::Path;
use crate::state::{use_announcer, use_session, use_theme, use_toasts, use_unsaved, use_writes};
use crate::task::Scope;
use entry::{Action, Entry};
use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use panel::{Given, Panel};

// The resolver and its explanations are loaded when the palette is first opened.
part!(load_panel, palette, Given, |given| {
    view! { <Panel given=given /> }.into_any()
});

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
    let panel = Part::new(load_panel);
    let scope = Scope::current();
    let handle = window_event_listener(ev::keydown, move |event| {
        let others = event.shift_key() || event.alt_key();
        let command = event.ctrl_key() || event.meta_key();
        let shortcut = command && !others && event.key().eq_ignore_ascii_case("k");
        let slash = event.key() == "/" && !command && !event.alt_key() && !dom::typing();
        if shortcut && open.get_untracked() {
            event.prevent_default();
            open.set(false);
        } else if (shortcut || slash) && !dom::modal_open() {
            event.prevent_default();
            open.set(true);
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
            on:pointerenter=move |_| panel.ask_once()
            on:click=move |_| open.set(true)
        >
            <span class="palette-opener-text">"Search, or enter a model ref"</span>
            <kbd aria-hidden="true">{keys}</kbd>
        </button>
        <Dialog open=open title="Search" kind=DialogKind::Palette>
            <Finder open=open panel=panel scope=scope />
        </Dialog>
    }
}

/// The field, and the entries below it. A combobox: the focus stays in the field, and the arrow keys
/// move through the entries.
#[component]
fn Finder(
    open: RwSignal<bool>,
    panel: Part<Given>,
    /// The lifetime of the button, for what goes on when the palette is closed.
    scope: Scope,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let entries = RwSignal::new(Vec::<Entry>::new());
    let moved_to = RwSignal::new(None::<Entry>);
    let input = NodeRef::<html::Input>::new();
    panel.ask_once();

    // By what it is and not by its place: models arrive later and move the entries below them.
    let active = Memo::new(move |_| {
        entries.with(|entries| {
            let chosen = moved_to.get();
            let place = chosen.and_then(|chosen| entries.iter().position(|entry| *entry == chosen));
            (!entries.is_empty()).then(|| place.unwrap_or(0))
        })
    });
    Effect::new(move || {
        if let Some(place) = active.get() {
            request_animation_frame(move || {
                dom::show_nearest(&format!("#{}", option_id(place)));
            });
        }
    });
    let write = move |value: String| {
        text.set(value);
        moved_to.set(None);
    };
    let take = Callback::new(move |value: String| {
        write(value);
        if let Some(input) = input.get_untracked() {
            // An input that is in the page takes the focus.
            let _ = input.focus();
        }
    });
    let go = use_go(open);
    let act = use_act(open, scope);
    let run = Callback::new(move |entry: Entry| match entry {
        Entry::Prefix { name, .. } => take.run(format!("{name}/")),
        Entry::Action(action) => act.run(action),
        other => {
            if let Some(path) = other.path() {
                go.run(path);
            }
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let (count, place) = (entries.with_untracked(Vec::len), active.get_untracked());
        let to = match event.key().as_str() {
            "Enter" if !event.is_composing() => {
                event.prevent_default();
                let entry = place.and_then(|at| entries.with_untracked(|all| all.get(at).cloned()));
                if let Some(entry) = entry {
                    run.run(entry);
                }
                return;
            }
            "ArrowDown" => place.map(|at| (at + 1) % count),
            "ArrowUp" => place.map(|at| (at + count - 1) % count),
            "PageDown" => place.map(|at| (at + entry::PAGE).min(count - 1)),
            "PageUp" => place.map(|at| at.saturating_sub(entry::PAGE)),
            _ => return,
        };
        event.prevent_default();
        if let Some(to) = to {
            moved_to.set(entries.with_untracked(|all| all.get(to).cloned()));
        }
    };
    let retry = Callback::new(move |()| {
        // The button disappears with what it did.
        take.run(text.get_untracked());
        panel.ask();
    });
    view! {
        <div class="palette-search" role="search">
            <input
                class="palette-input"
                type="text"
                role="combobox"
                aria-label="Agent, model, page, action or model ref"
                placeholder="Search agents, models and pages, or enter a model ref"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                autofocus=""
                aria-autocomplete="list"
                aria-controls=LIST
                aria-expanded=move || if active.get().is_some() { "true" } else { "false" }
                aria-activedescendant=move || active.get().map(option_id)
                node_ref=input
                prop:value=text
                on:input:target=move |event| write(event.target().value())
                on:keydown=on_key
            />
            {move || match panel.stage() {
                Stage::There(draw) => {
                    draw(Given {
                        text,
                        entries,
                        active,
                        moved_to,
                        run,
                        go,
                        take,
                    })
                }
                Stage::Failed => view! { <NotThere retry=retry /> }.into_any(),
                Stage::Unasked | Stage::Coming => {
                    view! { <p class="palette-note small">"Loading…"</p> }.into_any()
                }
            }}
        </div>
    }
}

/// Closes the palette and goes to a page, unless a form asks first.
fn use_go(open: RwSignal<bool>) -> Callback<Path> {
    let unsaved = use_unsaved();
    let navigate = StoredValue::new_local(use_navigate());
    Callback::new(move |path: Path| {
        let address = path.to_string();
        open.set(false);
        if unsaved.holds(&address) {
            return;
        }
        let options = NavigateOptions {
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate.with_value(|navigate| navigate(&address, options));
        // Later than the dialog gives the focus back. Another query is no other page to the router.
        request_animation_frame(|| {
            request_animation_frame(|| {
                dom::focus_heading();
            });
        });
    })
}

/// Closes the palette and runs an action.
fn use_act(open: RwSignal<bool>, scope: Scope) -> Callback<Action> {
    let api = use_api();
    let session = use_session();
    let theme = use_theme();
    let toasts = use_toasts();
    let announcer = use_announcer();
    let access = use_edit_access();
    let writes = use_writes();
    let go = use_go(open);
    Callback::new(move |action: Action| {
        if action.edits() && access.refuses() {
            return;
        }
        match action {
            Action::NewAgent => go.run(Path::NewAgent),
            Action::AddSource => go.run(Path::NewSource),
            Action::CopyLink => {
                open.set(false);
                let link = dom::location_link();
                scope.spawn(async move {
                    match dom::copy(&link).await {
                        true => toasts.done("Link copied."),
                        false => toasts.failed("The browser blocked copying."),
                    }
                });
            }
            Action::Theme(choice) => {
                open.set(false);
                theme.choose(choice);
                announcer.say(format!("Theme: {}.", choice.label()));
            }
            Action::SignOut => {
                open.set(false);
                writes.send_with_toast("Signing out", api.sign_out(), move |()| session.leave());
            }
        }
    })
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
