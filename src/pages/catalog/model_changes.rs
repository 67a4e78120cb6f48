//! Switching models on and off, and choosing the default model.

use crate::api::types::{DefaultModel, EnableModelsInput};
use crate::api::{Api, ApiError, use_api};
use crate::components::ConflictField;
use crate::features::conflict::{Conflict, ConflictQuestion};
use crate::features::impact::{ConfirmChange, Impact};
use crate::format::count;
use crate::state::{
    Announcer, Models, Toasts, Workspace, Writes, use_announcer, use_models, use_toasts,
    use_workspace, use_writes,
};
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use waypost_routing::scenario::{ModelState, ScenarioChange};

/// A change that waits for its confirmation.
#[derive(Clone, PartialEq)]
enum PendingChange {
    /// Models are switched off.
    Disable(Vec<String>),
    /// The default model is another one, or none.
    Default(Option<String>),
}

/// The changes of the page. One runs at a time.
#[derive(Clone, Copy)]
pub(super) struct ModelChanges {
    api: Api,
    models: Models,
    workspace: Workspace,
    announcer: Announcer,
    toasts: Toasts,
    /// The selected refs, shown or not. Switching clears the selection.
    pub(super) selected: RwSignal<BTreeSet<Arc<str>>>,
    writes: Writes,
    /// Whether a change runs.
    pub(super) busy: Signal<bool>,
    /// The change that waits for its confirmation.
    pending: RwSignal<Option<PendingChange>>,
    /// The changes to check, or that wait for their confirmation.
    wished: RwSignal<Vec<ScenarioChange>>,
    /// Their impact.
    impact: Impact,
    /// The conflict with another choice of the default model.
    conflict: Conflict,
    /// The wanted default model, and the version to overwrite.
    refused: StoredValue<(Option<String>, u64)>,
}

impl ModelChanges {
    pub(super) fn new() -> Self {
        let wished = RwSignal::new(Vec::new());
        let writes = use_writes();
        Self {
            writes,
            busy: writes.busy(),
            wished,
            impact: Impact::of(wished.into()),
            api: use_api(),
            models: use_models(),
            workspace: use_workspace(),
            announcer: use_announcer(),
            toasts: use_toasts(),
            selected: RwSignal::new(BTreeSet::new()),
            pending: RwSignal::new(None),
            conflict: Conflict::new(),
            refused: StoredValue::default(),
        }
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
        let is_default = default.is_some_and(|default| refs.contains(&default));
        if !enabled && (self.touches(disabled(&refs)) || is_default) {
            self.pending.set(Some(PendingChange::Disable(refs)));
        } else {
            self.send(refs, enabled);
        }
    }

    /// Whether changes affect an agent, or may do so, and need a confirmation.
    fn touches(self, changes: Vec<ScenarioChange>) -> bool {
        self.wished.set(changes);
        untrack(|| self.impact.asks())
    }

    fn send(self, refs: Vec<String>, enabled: bool) {
        let change = EnableModelsInput { refs, enabled };
        let what = if enabled { "Enabling" } else { "Disabling" };
        let of = match change.refs.as_slice() {
            [one] => one.clone(),
            all => count(all.len() as u64, "model", "models"),
        };
        let call = self.api.enable_models(&change);
        self.writes
            .send_with_toast(format!("{what} {of}"), call, move |done| {
                self.models.note_switched(&change.refs, enabled);
                self.workspace.reload();
                let what = if enabled { "Enabled" } else { "Disabled" };
                if change.refs.len() > 1 {
                    let switched = count(done.switched, "model", "models");
                    self.selected.try_update(BTreeSet::clear);
                    self.toasts.done(format!("{what} {switched}."));
                } else {
                    self.announcer.say(format!("{what} {of}."));
                }
            });
    }

    /// Sets or clears the default model. Asks first if agents use it.
    pub(super) fn set_default(self, model_ref: Option<String>) {
        if self.busy.get_untracked() {
            return;
        }
        let change = ScenarioChange::DefaultModel {
            model_ref: model_ref.clone(),
        };
        if self.touches(vec![change]) {
            self.pending.set(Some(PendingChange::Default(model_ref)));
        } else {
            self.send_default(model_ref, None);
        }
    }

    /// Saves the choice over the given version, or over the one that the page shows. A conflict is
    /// asked about.
    fn send_default(self, model_ref: Option<String>, over: Option<u64>) {
        let seen = untrack(|| self.default_model());
        let wanted = model_ref.clone();
        let (toasts, workspace, writes) = (self.toasts, self.workspace, self.writes);
        writes.send(
            "Setting the default model",
            put_default(self.api, wanted.clone(), seen, over),
            move |stored| {
                workspace.reload_snapshot();
                if stored.model_ref == wanted {
                    toasts.done(match &wanted {
                        Some(wanted) => format!("{wanted} is the default model."),
                        None => "Cleared the default model.".to_owned(),
                    });
                } else if !writes.is_shown() {
                    toasts.failed("Setting the default model failed: it was changed in the meantime. Choose it again in the catalog.");
                }
                stored
            },
            move |outcome| match outcome {
                Ok(theirs) => {
                    let stored = theirs.model_ref.unwrap_or_default();
                    let wanted = model_ref.clone().unwrap_or_default();
                    let field = ConflictField::of("Default model", &stored, &wanted);
                    if self.conflict.ask(theirs.version, [field]) {
                        self.refused.set_value((model_ref, theirs.version));
                    }
                }
                Err(error) => toasts.failed(error.message()),
            },
        );
    }
}

/// Returns the stored default model: the choice, or a conflicting one. The page knows it from the
/// snapshot, which has no version, so the version is read first.
async fn put_default(
    api: Api,
    model_ref: Option<String>,
    seen: Option<String>,
    over: Option<u64>,
) -> Result<DefaultModel, ApiError> {
    let version = match over {
        Some(version) => version,
        None => {
            let stored = api.default_model().await?;
            if stored.model_ref != seen {
                return Ok(stored);
            }
            stored.version
        }
    };
    let choice = DefaultModel { model_ref, version };
    match api.set_default_model(&choice).await {
        Err(error) => error.stored().ok_or(error),
        done => done,
    }
}

/// The disabled models as scenario changes.
fn disabled(refs: &[String]) -> Vec<ScenarioChange> {
    let models = refs.iter().filter_map(|model| model.split_once('/'));
    models
        .map(|(owner, id)| ScenarioChange::Model {
            owner: owner.to_owned(),
            id: id.to_owned(),
            state: ModelState::Disabled,
        })
        .collect()
}

/// The confirmation before disabling a model in use or changing the default model.
#[component]
pub(super) fn ChangeQuestion(change: ModelChanges) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        if change.pending.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move || {
        if !open.get() && change.pending.with_untracked(Option::is_some) {
            change.pending.set(None);
        }
    });
    let title = Signal::derive(move || {
        change.pending.with(|pending| match pending {
            Some(PendingChange::Disable(refs)) => match refs.as_slice() {
                [one] => format!("Disable {one}?"),
                _ => format!("Disable {}?", count(refs.len() as u64, "model", "models")),
            },
            Some(PendingChange::Default(Some(model_ref))) => {
                format!("Make {model_ref} the default model?")
            }
            Some(PendingChange::Default(None)) | None => "Clear the default model?".to_owned(),
        })
    });
    let body = Signal::derive(move || {
        let default = change.default_model();
        change.pending.with(|pending| match (pending, default) {
            (Some(PendingChange::Disable(refs)), Some(default)) if refs.contains(&default) => {
                format!("{default} is the default model. Requests without a model are rejected until you choose another one.")
            }
            (Some(PendingChange::Disable(_)), _) => "Refs to a disabled model are rejected.".to_owned(),
            _ => "Agents without a model of their own use the default model.".to_owned(),
        })
    });
    let action = Signal::derive(move || {
        let word = change.pending.with(|pending| match pending {
            Some(PendingChange::Disable(refs)) if refs.len() == 1 => "Disable model",
            Some(PendingChange::Disable(_)) => "Disable models",
            Some(PendingChange::Default(None)) => "Clear default model",
            _ => "Set default model",
        });
        word.to_owned()
    });
    let confirm = move || {
        let pending = change.pending.get_untracked();
        open.set(false);
        match pending {
            Some(PendingChange::Disable(refs)) => change.send(refs, false),
            Some(PendingChange::Default(model_ref)) => change.send_default(model_ref, None),
            None => {}
        }
    };
    view! {
        <ConfirmChange
            open=open
            title=title
            body=body
            impact=change.impact
            action=action
            confirm=confirm
        />
        <ConflictQuestion
            conflict=change.conflict
            name="The default model"
            impact=change.impact
            save_mine=move || {
                let (model_ref, version) = change.refused.get_value();
                // The other choice may need another confirmation.
                if untrack(|| change.impact.held()) {
                    change.pending.set(Some(PendingChange::Default(model_ref)));
                } else {
                    change.send_default(model_ref, Some(version));
                }
            }
            take_theirs=|| {}
        />
    }
}
