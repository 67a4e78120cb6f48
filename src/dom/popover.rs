//! Popovers: the browser shows them above everything and closes them on Escape or a click elsewhere.

use leptos::prelude::document;
use web_sys::wasm_bindgen::JsCast;

/// Where the focus of a list goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusStep {
    /// To the item after the focused one, from the last one to the first.
    Next,
    /// To the item before the focused one, from the first one to the last.
    Previous,
    /// To the first item.
    First,
    /// To the last item.
    Last,
}

/// Whether a popover is shown.
#[must_use]
pub fn popover_shown(popover: &web_sys::Element) -> bool {
    popover.matches(":popover-open").unwrap_or_default()
}

/// Hides a popover. The focus goes back to the button that showed it.
pub fn hide_popover(popover: &web_sys::HtmlElement) {
    // Only a popover that is hidden already is refused.
    let _ = popover.hide_popover();
}

/// Moves the focus among the matches below an element.
pub fn step_focus(parent: &web_sys::Element, selector: &str, step: FocusStep) {
    let Ok(items) = parent.query_selector_all(selector) else {
        return;
    };
    let focused = document().active_element();
    let here = (0..items.length()).find(|at| {
        let item = items.item(*at);
        focused
            .as_ref()
            .is_some_and(|focused| item.as_ref() == Some(focused.as_ref()))
    });
    let Some(last) = items.length().checked_sub(1) else {
        return;
    };
    let place = match (step, here) {
        (FocusStep::Next, Some(at)) if at < last => at + 1,
        (FocusStep::Next | FocusStep::First, _) => 0,
        (FocusStep::Previous, Some(at)) if at > 0 => at - 1,
        (FocusStep::Previous | FocusStep::Last, _) => last,
    };
    let item = items.item(place);
    if let Some(item) = item.and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that is in the page can always be focused.
        let _ = item.focus();
    }
}

/// Whether nothing inside an open dialog closes before it: neither a popover nor another dialog.
#[must_use]
pub fn is_innermost(dialog: &web_sys::Element) -> bool {
    let inside = dialog.query_selector(":popover-open, dialog[open]");
    inside.is_ok_and(|inside| inside.is_none())
}

/// Whether an event happened to the element itself and not to one inside it.
#[must_use]
pub fn is_target(event: &web_sys::Event) -> bool {
    event.target() == event.current_target()
}

/// Whether any popover is shown.
#[must_use]
pub fn any_popover_shown() -> bool {
    document()
        .query_selector(":popover-open")
        .is_ok_and(|shown| shown.is_some())
}
