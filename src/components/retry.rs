//! The button that tries again what failed.

use super::Button;
use crate::dom;
use leptos::prelude::*;

/// Tries again. The button disappears with the failure, and the focus that it had then goes to the
/// heading.
#[component]
pub fn RetryButton(
    /// Whether it is being tried.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// What it does.
    #[prop(into)]
    press: Callback<()>,
) -> impl IntoView {
    let pressed = StoredValue::new(false);
    on_cleanup(move || {
        if pressed.try_get_value() == Some(true) {
            dom::focus_heading_if_lost();
        }
    });
    let retry = move || {
        pressed.set_value(true);
        press.run(());
    };
    view! {
        <Button busy=busy press=retry>
            "Try again"
        </Button>
    }
}
