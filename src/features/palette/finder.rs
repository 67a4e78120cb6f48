//! The field of the palette with its entries and what they do, loaded when the palette is first
//! opened.

use super::entry::{self, Action, Entry};
use super::panel::{Panel, PanelGiven};
use super::{FIELD, LIST, PLACEHOLDER, option_id};
use crate::api::use_api;
use crate::components::{COPY_BLOCKED, use_edit_access};
use crate::dom;
use crate::paths::Path;
use crate::state::{use_announcer, use_session, use_theme, use_toasts, use_unsaved, use_writes};
use crate::task::Scope;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// What the palette gives to its field.
#[derive(Clone, Copy)]
pub(super) struct Given {
    /// Whether the palette is open.
    pub(super) open: RwSignal<bool>,
    /// What is typed.
    pub(super) text: RwSignal<String>,
    /// The lifetime of the button, for what goes on when the palette is closed.
    pub(super) scope: Scope,
}

/// The field, and the entries below it. A combobox: the focus stays in the field, and the arrow keys
/// move through the entries.
#[component]
pub(super) fn Finder(given: Given) -> impl IntoView {
    let Given { open, text, scope } = given;
    let entries = RwSignal::new(Vec::<Entry>::new());
    let moved_to = RwSignal::new(None::<Entry>);
    let input = NodeRef::<html::Input>::new();
    // What was typed before this was there stays, and so does the focus.
    Effect::new(move || {
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });

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
    view! {
        <div class="palette-search" role="search">
            <input
                class="palette-input"
                type="text"
                role="combobox"
                aria-label=FIELD
                placeholder=PLACEHOLDER
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-autocomplete="list"
                aria-controls=LIST
                aria-expanded=move || if active.get().is_some() { "true" } else { "false" }
                aria-activedescendant=move || active.get().map(option_id)
                node_ref=input
                prop:value=text
                on:input:target=move |event| write(event.target().value())
                on:keydown=on_key
            />
            <Panel given=PanelGiven {
                text,
                entries,
                active,
                moved_to,
                run,
                go,
                take,
            } />
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
            Action::ImportAgents => go.run(Path::ImportAgents),
            Action::AddSource => go.run(Path::NewSource),
            Action::CopyLink => {
                open.set(false);
                let link = dom::location_link();
                scope.spawn(async move {
                    match dom::copy(&link).await {
                        true => toasts.done("Link copied."),
                        false => toasts.failed(COPY_BLOCKED),
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
