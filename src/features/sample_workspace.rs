//! Adding the sample workspace, from wherever it is offered.

use crate::api::use_api;
use crate::state::{use_toasts, use_workspace, use_writes};
use leptos::prelude::*;

/// Adds the sample workspace.
#[derive(Clone, Copy)]
pub struct AddSample {
    /// Whether it is being added.
    pub busy: Signal<bool>,
    /// Adds it.
    pub run: Callback<()>,
    /// Whether it is offered: false once it is there, and until that is known.
    pub offered: Signal<bool>,
}

/// What adds the sample workspace, for the component that calls this.
#[must_use]
pub fn use_add_sample() -> AddSample {
    let api = use_api();
    let workspace = use_workspace();
    let toasts = use_toasts();
    let writes = use_writes();
    let run = Callback::new(move |()| {
        writes.send_with_toast("Adding the sample workspace", api.add_sample(), move |()| {
            toasts.done("Added the sample workspace.");
            workspace.reload();
        });
    });
    let installed = move || workspace.settings.with(|settings| settings.sample);
    AddSample {
        busy: writes.busy(),
        run,
        offered: Signal::derive(move || !installed().unwrap_or(true)),
    }
}
