//! Switching models on and off, and choosing the default model.

use crate::api::types::{DefaultModel, EnableModels};
use crate::api::{Api, spawn, use_api};
use crate::components::Confirm;
use crate::format::count;
use crate::state::{
    Announcer, Models, Toasts, Workspace, use_announcer, use_models, use_toasts, use_workspace,
};
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What can be changed on the page. One change runs at a time.
#[derive(Clone, Copy)]
pub(super) struct Change {
    api: Api,
    models: Models,
    workspace: Workspace,
    announcer: Announcer,
    toasts: Toasts,
    /// The refs that are selected, shown or not. What was switched is selected no longer.
    pub(super) selected: RwSignal<BTreeSet<Arc<str>>>,
    /// Whether a change runs.
    pub(super) busy: RwSignal<bool>,
    /// Refs that wait for an answer, because the default model is among them.
    asked: RwSignal<Option<Vec<String>>>,
    /// Whether the page itself has just changed the numbers, and knows the new state already.
    own: StoredValue<bool>,
}

impl Change {
    pub(super) fn new() -> Self {
        Self {
            api: use_api(),
            models: use_models(),
            workspace: use_workspace(),
            announcer: use_announcer(),
            toasts: use_toasts(),
            selected: RwSignal::new(BTreeSet::new()),
            busy: RwSignal::new(false),
            asked: RwSignal::new(None),
            own: StoredValue::new(false),
        }
    }

    /// Whether new numbers are those of the page's own change. Asking takes the answer away.
    pub(super) fn expected(self) -> bool {
        let own = self.own.get_value();
        self.own.set_value(false);
        own
    }

    /// The default model.
    pub(super) fn default_model(self) -> Option<String> {
        self.workspace
            .snapshot()
            .with(|snapshot| snapshot.default_model.clone())
            .flatten()
    }

    /// Switches models. Asks first where that would leave the default model unusable.
    pub(super) fn switch(self, refs: Vec<Arc<str>>, enabled: bool) {
        if refs.is_empty() || self.busy.get_untracked() {
            return;
        }
        let refs: Vec<String> = refs.iter().map(ToString::to_string).collect();
        let default = untrack(|| self.default_model());
        if !enabled && default.is_some_and(|default| refs.contains(&default)) {
            self.asked.set(Some(refs));
        } else {
            self.send(refs, enabled);
        }
    }

    fn send(self, refs: Vec<String>, enabled: bool) {
        self.busy.set(true);
        spawn(async move {
            let change = EnableModels { refs, enabled };
            match self.api.enable_models(&change).await {
                Ok(done) => {
                    self.own.try_set_value(true);
                    self.models.note_switched(&change.refs, enabled);
                    self.workspace.reload();
                    let what = if enabled { "Enabled" } else { "Disabled" };
                    let text = match change.refs.as_slice() {
                        [one] => format!("{what} {one}."),
                        _ => format!("{what} {}.", count(done.switched, "model", "models")),
                    };
                    if change.refs.len() > 1 {
                        self.selected.try_update(BTreeSet::clear);
                        self.toasts.done(text);
                    } else {
                        self.announcer.say(text);
                    }
                }
                Err(error) => self.toasts.failed(error.message()),
            }
            self.busy.try_set(false);
        });
    }

    /// Makes a model the default one, or none.
    pub(super) fn set_default(self, model_ref: Option<String>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn(async move {
            let choice = DefaultModel {
                model_ref,
                ..DefaultModel::default()
            };
            match self.api.set_default_model(&choice).await {
                Ok(choice) => {
                    self.toasts.done(match choice.model_ref {
                        Some(model_ref) => format!("{model_ref} is the default model."),
                        None => "There is no default model any more.".to_owned(),
                    });
                    self.workspace.reload_snapshot();
                }
                Err(error) => self.toasts.failed(error.message()),
            }
            self.busy.try_set(false);
        });
    }
}

/// The question before the default model is disabled.
#[component]
pub(super) fn AskBeforeDisabling(change: Change) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        if change.asked.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move || {
        if !open.get() && change.asked.with_untracked(Option::is_some) {
            change.asked.set(None);
        }
    });
    let body = Signal::derive(move || {
        let default = change.default_model().unwrap_or_default();
        let others = change
            .asked
            .with(|asked| asked.as_ref().map_or(0, Vec::len).saturating_sub(1));
        let others = match others {
            0 => String::new(),
            number => format!(" {} more are disabled with it.", number),
        };
        format!(
            "{default} is the default model. Requests that name no model of their own are rejected until another one is chosen.{others}"
        )
    });
    let confirm = move || {
        if let Some(refs) = change.asked.get_untracked() {
            open.set(false);
            change.send(refs, false);
        }
    };
    view! {
        <Confirm
            open=open
            title="Disable the default model?"
            body=body
            action="Disable"
            confirm=confirm
        />
    }
}
