//! Conflicts: a write that failed because the row changed in the meantime, and the choice what to
//! do.

mod differences;

mod write_over;

pub use differences::{key_fact, new_models_word, on_off, provider_since, source_since};
pub use write_over::{Versioned, write_over};

use super::impact::Impact;
use crate::api::use_api;
use crate::components::{ConflictDialog, ConflictField, DeletionConflictDialog};
use crate::dom;
use crate::format::{actor, ago};
use crate::state::use_announcer;
use crate::task::spawn_scoped;
use leptos::prelude::*;

/// A conflict to resolve.
#[derive(Clone, Copy)]
pub struct Conflict {
    open: RwSignal<bool>,
    fields: RwSignal<Vec<ConflictField>>,
    version: RwSignal<u64>,
}

impl Conflict {
    /// No conflict yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            fields: RwSignal::new(Vec::new()),
            version: RwSignal::new(0),
        }
    }

    /// Opens the question. Returns false, and asks nothing, if no field differs.
    #[must_use]
    pub fn ask(
        self,
        version: u64,
        fields: impl IntoIterator<Item = Option<ConflictField>>,
    ) -> bool {
        let fields: Vec<ConflictField> = fields.into_iter().flatten().collect();
        let differs = !fields.is_empty();
        if differs {
            self.fields.set(fields);
            self.version.set(version);
            self.open.set(true);
        }
        differs
    }
}

/// The choice between both versions, with who changed it and when.
#[component]
pub(crate) fn ConflictQuestion(
    /// The conflict.
    conflict: Conflict,
    /// The name of what is saved.
    #[prop(into)]
    name: Signal<String>,
    /// The impact of saving it now.
    impact: Impact,
    /// Overwrites the saved version, unless losses have to be confirmed first.
    #[prop(into)]
    save_mine: Callback<()>,
    /// Discards the form.
    #[prop(into)]
    take_theirs: Callback<()>,
) -> impl IntoView {
    let close = move |then: Callback<()>| {
        move || {
            conflict.open.set(false);
            then.run(());
        }
    };
    view! {
        <ConflictDialog
            open=conflict.open
            name=name
            by=changed_by(conflict)
            fields=conflict.fields
            action=impact.action("Overwrite with mine".to_owned())
            reading=Signal::derive(move || impact.reading())
            save_mine=close(save_mine)
            take_theirs=close(take_theirs)
        />
    }
}

/// The question whether to delete something that changed in the meantime.
#[component]
pub(crate) fn DeletionQuestion(
    /// The conflict.
    conflict: Conflict,
    /// The name of what is deleted.
    #[prop(into)]
    name: Signal<String>,
    /// What did not happen: `Not deleted.`
    refused: &'static str,
    /// What deletes it: `Delete anyway`.
    action: &'static str,
    /// The impact of deleting it now.
    impact: Impact,
    /// Deletes it as it is now.
    #[prop(into)]
    anyway: Callback<()>,
    /// The confirmation before this one, which closes with it.
    question: RwSignal<bool>,
) -> impl IntoView {
    let announcer = use_announcer();
    view! {
        <DeletionConflictDialog
            open=conflict.open
            name=name
            by=changed_by(conflict)
            refused=refused
            fields=conflict.fields
            action=impact.action(action.to_owned())
            reading=Signal::derive(move || impact.reading())
            keep=move || {
                conflict.open.set(false);
                question.set(false);
            }
            anyway=move || {
                conflict.open.set(false);
                // The losses may differ from those confirmed; the confirmation asks again.
                if !impact.refuses(announcer) {
                    anyway.run(());
                }
            }
        />
    }
}

/// Who changed it and when; empty until known.
fn changed_by(conflict: Conflict) -> RwSignal<String> {
    let api = use_api();
    let by = RwSignal::new(String::new());
    Effect::new(move || {
        let version = conflict.version.get();
        by.set(String::new());
        if version == 0 {
            return;
        }
        spawn_scoped(async move {
            let Ok(page) = api.change(version).await else {
                return;
            };
            if let Some(event) = page.items.first() {
                let when = ago(dom::now(), event.at);
                by.try_set(format!("By {}, {when}.", actor(&event.actor)));
            }
        });
    });
    by
}
