//! The ref box in the top bar: type a model ref anywhere and see where it goes.

mod panel;
mod suggest;

use crate::components::Show;
use crate::dom;
use crate::explain::{plain, summary};
use crate::paths::Path;
use crate::state::{use_announcer, use_unsaved, use_world};
use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use panel::Panel;
use std::time::Duration;
use suggest::suggestions;
use waypost_routing::operation::Operation;

/// How long typing must rest before the route is spoken.
const REST: Duration = Duration::from_millis(900);

/// The ref box. `/` focuses it, Enter opens Route preview, Escape closes what it shows.
#[component]
pub fn RefBox() -> impl IntoView {
    let world = use_world();
    let announcer = use_announcer();
    let unsaved = use_unsaved();
    let navigate = use_navigate();
    let text = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let picked = RwSignal::new(None::<usize>);
    let frame = NodeRef::<html::Div>::new();
    let input = NodeRef::<html::Input>::new();

    let resolution = Memo::new(move |_| {
        let text = text.get();
        let world = world.get()?;
        (!text.is_empty()).then(|| world.resolve(&text, Operation::default()))
    });
    let offers = Memo::new(move |_| {
        let world = world.get();
        text.with(|text| world.map(|world| suggestions(world.snapshot(), text)))
            .unwrap_or_default()
    });
    let shown = Signal::derive(move || open.get() && text.with(|text| !text.is_empty()));

    let speak = StoredValue::new_local(debounce(REST, move |()| {
        if shown.try_get_untracked() == Some(true)
            && let Some(resolution) = resolution.get_untracked()
        {
            announcer.say(plain(&summary(&resolution)));
        }
    }));
    let write = move |value: String| {
        text.set(value);
        picked.set(None);
        open.set(true);
        speak.update_value(|speak| speak(()));
    };
    let focus_input = move || {
        if let Some(input) = input.get_untracked() {
            // An input that is in the page takes the focus.
            let _ = input.focus();
        }
    };
    let take = Callback::new(move |value: String| {
        write(value);
        focus_input();
    });
    let go = Callback::new(move |()| {
        open.set(false);
        let address = Path::preview(&text.get_untracked()).to_string();
        if unsaved.holds(&address) {
            return;
        }
        navigate(
            &address,
            NavigateOptions {
                scroll: false,
                ..NavigateOptions::default()
            },
        );
        request_animation_frame(|| {
            dom::focus_heading();
        });
    });

    let on_key = move |event: KeyboardEvent| {
        let count = offers.with_untracked(Vec::len);
        match event.key().as_str() {
            "Enter" if !event.is_composing() => {
                event.prevent_default();
                let offer = picked
                    .get_untracked()
                    .and_then(|at| offers.with_untracked(|offers| offers.get(at).cloned()));
                match offer {
                    Some(offer) => take.run(offer),
                    None if text.with_untracked(|text| !text.is_empty()) => go.run(()),
                    None => {}
                }
            }
            "Escape" if shown.get_untracked() => {
                event.prevent_default();
                open.set(false);
            }
            "Escape" => {
                text.set(String::new());
            }
            key @ ("ArrowDown" | "ArrowUp") if shown.get_untracked() && count > 0 => {
                event.prevent_default();
                picked.update(|picked| *picked = moved(*picked, key == "ArrowDown", count));
            }
            "ArrowDown" => open.set(true),
            _ => {}
        }
    };
    let on_focus_out = move |_| {
        request_animation_frame(move || {
            let inside = frame
                .try_get_untracked()
                .flatten()
                .is_some_and(|frame| dom::focus_within(&frame));
            if !inside {
                open.try_set(false);
            }
        });
    };
    let handle = window_event_listener(ev::keydown, move |event| {
        let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        if event.key() == "/" && plain && !dom::typing() && !dom::modal_open() {
            event.prevent_default();
            focus_input();
            if let Some(input) = input.get_untracked() {
                dom::select_text(&input);
            }
        }
    });
    on_cleanup(move || handle.remove());

    view! {
        <div
            class="ref-box"
            role="search"
            node_ref=frame
            on:focusout=on_focus_out
            on:focusin=move |_| open.set(true)
        >
            <label class="ref-box-field">
                <span class="ref-box-label">"Where does it go?"</span>
                <input
                    class="ref-box-input"
                    type="text"
                    role="combobox"
                    placeholder="openrouter/moonshotai/kimi-k2"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-autocomplete="list"
                    aria-keyshortcuts="/"
                    aria-controls="ref-box-offers"
                    aria-describedby="ref-box-help"
                    aria-expanded=move || {
                        let any = shown.get() && offers.with(|offers| !offers.is_empty());
                        if any { "true" } else { "false" }
                    }
                    aria-activedescendant=move || {
                        picked.get().map(|at| format!("ref-box-offer-{at}"))
                    }
                    node_ref=input
                    prop:value=text
                    on:input:target=move |event| write(event.target().value())
                    on:keydown=on_key
                />
                <kbd aria-hidden="true">"/"</kbd>
            </label>
            <span id="ref-box-help" class="visually-hidden">
                "Model ref. The route shows while you type; nothing is sent. Enter opens Route preview."
            </span>
            <Show when=move || shown.get()>
                <Panel
                    resolution=resolution
                    offers=offers
                    picked=picked
                    take=take
                    go=go
                />
            </Show>
        </div>
    }
}

/// The next suggestion in a direction; beyond the ends none is picked.
fn moved(picked: Option<usize>, down: bool, count: usize) -> Option<usize> {
    match (picked, down) {
        (None, true) => Some(0),
        (None, false) => count.checked_sub(1),
        (Some(at), true) => (at + 1 < count).then_some(at + 1),
        (Some(at), false) => at.checked_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn arrows_go_round_through_no_suggestion() {
        assert_eq!(moved(None, true, 2), Some(0));
        assert_eq!(moved(Some(0), true, 2), Some(1));
        assert_eq!(moved(Some(1), true, 2), None);
        assert_eq!(moved(None, false, 2), Some(1));
        assert_eq!(moved(Some(0), false, 2), None);
    }
}
