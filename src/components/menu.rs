//! A menu of actions behind a button, for what a row offers besides its main actions.

use super::FieldIds;
use crate::dom::{self, FocusStep};
use leptos::{html, prelude::*};

/// An entry of a menu.
#[derive(Clone)]
pub struct MenuItem {
    label: String,
    danger: bool,
    /// Why it cannot be used now.
    refused: Option<String>,
    does: Does,
}

#[derive(Clone)]
enum Does {
    Run(Callback<()>),
    Open(String),
}

impl MenuItem {
    /// An action.
    #[must_use]
    pub fn action(label: impl Into<String>, run: impl Into<Callback<()>>) -> Self {
        Self {
            label: label.into(),
            danger: false,
            refused: None,
            does: Does::Run(run.into()),
        }
    }

    /// A link.
    #[must_use]
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            danger: false,
            refused: None,
            does: Does::Open(href.into()),
        }
    }

    /// The same as an action that deletes something.
    #[must_use]
    pub fn danger(self) -> Self {
        Self {
            danger: true,
            ..self
        }
    }

    /// The same, unusable for a reason if there is one. It stays in the menu and says why.
    #[must_use]
    pub fn refused(self, reason: Option<String>) -> Self {
        Self {
            refused: reason,
            ..self
        }
    }
}

/// A menu, with the button that opens it.
#[component]
pub fn Menu(
    /// The accessible name of the button and the menu: `More actions for litellm`.
    #[prop(into)]
    label: Signal<String>,
    /// The `tabindex` of the button, in a row of which only one at a time takes part in tabbing.
    #[prop(optional, into)]
    tabindex: MaybeProp<i32>,
    /// The entries, made each time it opens.
    #[prop(into)]
    items: Callback<(), Vec<MenuItem>>,
) -> impl IntoView {
    let id = FieldIds::new().control;
    let list = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let toggled = move |_| {
        let Some(menu) = dom::mounted(list) else {
            return;
        };
        let shown = dom::popover_shown(&menu);
        open.set(shown);
        if shown {
            // The entries are drawn by then.
            request_animation_frame(move || {
                if let Some(menu) = dom::mounted(list) {
                    dom::step_focus(&menu, ENTRIES, FocusStep::First);
                }
            });
        }
    };
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowDown" => FocusStep::Next,
            "ArrowUp" => FocusStep::Previous,
            "Home" => FocusStep::First,
            "End" => FocusStep::Last,
            "Tab" => {
                close(list);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if let Some(menu) = dom::mounted(list) {
            dom::step_focus(&menu, ENTRIES, step);
        }
    };
    view! {
        <button
            class="button menu-button"
            type="button"
            data-kind="quiet"
            aria-haspopup="menu"
            aria-expanded=move || if open.get() { "true" } else { "false" }
            aria-label=label
            tabindex=move || tabindex.get()
            popovertarget=id.clone()
        >
            <span aria-hidden="true">"⋯"</span>
        </button>
        <div
            node_ref=list
            id=id
            class="menu"
            role="menu"
            popover="auto"
            aria-label=label
            on:toggle=toggled
            on:keydown=keys
        >
            {move || {
                open.get()
                    .then(|| {
                        let items = items.run(());
                        items.into_iter().map(|item| entry(item, list)).collect_view()
                    })
            }}
        </div>
    }
}

/// What the arrow keys move among.
const ENTRIES: &str = "[role=menuitem]";

fn close(list: NodeRef<html::Div>) {
    if let Some(menu) = dom::mounted(list) {
        dom::hide_popover(&menu);
    }
}

fn entry(item: MenuItem, list: NodeRef<html::Div>) -> AnyView {
    let tone = item.danger.then_some("bad");
    match item.does {
        Does::Open(href) => view! {
            <a class="menu-item" role="menuitem" tabindex="-1" href=href on:click=move |_| close(list)>
                {item.label}
            </a>
        }
        .into_any(),
        Does::Run(run) => {
            let refused = item.refused.is_some();
            let reason = item
                .refused
                .map(|reason| view! { <span class="menu-reason">{reason}</span> });
            view! {
                <button
                    class="menu-item"
                    type="button"
                    role="menuitem"
                    tabindex="-1"
                    data-tone=tone
                    aria-disabled=refused.then_some("true")
                    on:click=move |_| {
                        if !refused {
                            // First, so that a dialog finds the focus on the menu's button.
                            close(list);
                            run.run(());
                        }
                    }
                >
                    {item.label}
                    {reason}
                </button>
            }
            .into_any()
        }
    }
}
