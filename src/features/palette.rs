//! The ref box in the top bar: type a model ref anywhere and see where it goes.

mod panel;
mod suggest;

use crate::components::{Button, Show};
use crate::dom;
use crate::lazy::{Part, Stage, part};
use crate::paths::Path;
use crate::state::use_unsaved;
use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use panel::{Given, Panel};

// The resolver and its explanations are loaded when the box is first focused.
part!(load_panel, routes, Given, |given| {
    view! { <Panel given=given /> }.into_any()
});

/// The ref box. `/` focuses it, Enter opens Route preview, Escape closes what it shows.
#[component]
pub fn RefBox() -> impl IntoView {
    let unsaved = use_unsaved();
    let navigate = use_navigate();
    let text = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let picked = RwSignal::new(None::<usize>);
    let frame = NodeRef::<html::Div>::new();
    let input = NodeRef::<html::Input>::new();

    let offers = RwSignal::new(Vec::new());
    let shown = Signal::derive(move || open.get() && text.with(|text| !text.is_empty()));
    let panel = Part::new(load_panel);

    let write = move |value: String| {
        text.set(value);
        picked.set(None);
        open.set(true);
        panel.ask_once();
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

    let retry = Callback::new(move |()| {
        // The button disappears with what it did, and without focus the panel would close.
        focus_input();
        panel.ask();
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
            on:focusin=move |_| {
                open.set(true);
                panel.ask_once();
            }
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
                "Model ref. Shows the route as you type; nothing is sent. Enter opens Route preview."
            </span>
            {move || match panel.stage() {
                Stage::There(draw) => {
                    draw(Given {
                        text,
                        shown,
                        offers,
                        picked,
                        take,
                        go,
                    })
                }
                Stage::Failed => view! { <NotThere shown=shown retry=retry /> }.into_any(),
                Stage::Unasked | Stage::Coming => {
                    view! {
                        <Show when=move || shown.get()>
                            <div class="ref-panel">
                                <p class="small">"Loading the configuration…"</p>
                            </div>
                        </Show>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

/// The panel could not be loaded. What is typed stays, and Enter opens Route preview with it.
#[component]
fn NotThere(shown: Signal<bool>, retry: Callback<()>) -> impl IntoView {
    view! {
        <Show when=move || shown.get()>
            <div class="ref-panel" tabindex="-1">
                <p class="small" role="status">
                    "The resolver could not be loaded. Check the connection to the control plane."
                </p>
                <p class="ref-panel-foot">
                    <Button press=retry>"Try again"</Button>
                </p>
            </div>
        </Show>
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
