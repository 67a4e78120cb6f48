//! The question before a form with unsaved changes is left.

use crate::components::Confirm;
use crate::dom::{Leaving, go_back};
use crate::state::use_unsaved;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

/// Asks when the page is about to be left, and goes where the reader wanted.
#[component]
pub(crate) fn LeaveQuestion(
    /// What is lost.
    body: &'static str,
) -> impl IntoView {
    let unsaved = use_unsaved();
    let navigate = use_navigate();
    let open = RwSignal::new(false);
    // Each side is set only where it differs: a signal that is set tells its readers anyway.
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
