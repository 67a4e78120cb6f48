//! Adding the sample workspace, from wherever it is offered. It leads to the sample's agents.

use crate::api::use_api;
use crate::paths::Path;
use crate::state::{use_toasts, use_workspace, use_writes};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

/// The button that adds it, on every page that offers it.
pub(crate) const ADD_SAMPLE: &str = "Add the sample workspace";

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
    let navigate = use_navigate();
    let run = Callback::new(move |()| {
        let navigate = navigate.clone();
        writes.send(
            "Adding the sample workspace",
            api.add_sample(),
            move |()| {
                toasts.done("Added the sample workspace: 2 custom sources and 4 agents. Open an agent to see where its requests go.");
                workspace.reload();
            },
            move |outcome| match outcome {
                // Its agents show at a glance what Waypost does.
                Ok(()) => navigate(&Path::Agents.to_string(), Default::default()),
                Err(error) => toasts.failed(format!(
                    "Adding the sample workspace failed: {}",
                    error.message()
                )),
            },
        );
    });
    let installed = move || workspace.settings.with(|settings| settings.sample);
    AddSample {
        busy: writes.busy(),
        run,
        offered: Signal::derive(move || !installed().unwrap_or(true)),
    }
}
