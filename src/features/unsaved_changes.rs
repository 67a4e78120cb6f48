//! The question before leaving a form with unsaved changes.

use crate::components::Confirm;
use crate::dom::{Leaving, go_back};
use crate::state::use_unsaved;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

/// Asks before the page is left, and continues the navigation on confirmation.
#[component]
pub(crate) fn LeaveQuestion(
    /// What is discarded.
    body: &'static str,
) -> impl IntoView {
    let unsaved = use_unsaved();
    let navigate = use_navigate();
    let open = RwSignal::new(false);
    // Set only if it differs: setting a signal always notifies.
    Effect::new(move || {
        if unsaved.held().is_some() {
            open.set(true);
        }
    });
    Effect::new(move || {
        if !open.get() {
            unsaved.stay();
        }
    });
    let leave = Callback::new(move |()| {
        let held = untrack(|| unsaved.held());
        unsaved.release();
        open.set(false);
        match held {
            Some(Leaving::To(address)) => navigate(&address, Default::default()),
            Some(Leaving::Back) => go_back(),
            None => {}
        }
    });
    view! {
        <Confirm
            open=open
            title="Leave without saving?"
            body=body
            action="Leave"
            confirm=leave
        />
    }
}
