//! Undoing deletions.

use super::{Toasts, Workspace, use_toasts, use_workspace};
use crate::api::types::{Restored, RestoredKind, UndoTicket};
use crate::api::{Api, use_api};
use crate::task::spawn_detached;
use leptos::prelude::*;

/// Undoes deletions. It outlives the page that deleted.
#[derive(Clone, Copy)]
pub struct Undo {
    api: Api,
    workspace: Workspace,
    toasts: Toasts,
}

impl Undo {
    /// Shows what was deleted, and offers to undo it.
    pub fn offer(self, text: String, ticket: UndoTicket) {
        self.offer_all(text, vec![ticket]);
    }

    /// Shows that several things were deleted, and offers to undo all of it at once. The last one
    /// comes back first.
    pub fn offer_all(self, text: String, tickets: Vec<UndoTicket>) {
        // The first deletion is the first that can no longer be undone.
        let seconds = tickets.iter().map(|ticket| ticket.seconds).min();
        let seconds = i64::try_from(seconds.unwrap_or_default()).unwrap_or_default();
        let back = Callback::new(move |()| {
            let calls: Vec<_> = tickets
                .iter()
                .rev()
                .map(|ticket| self.api.undo(&ticket.token))
                .collect();
            spawn_detached(async move {
                let mut restored = Vec::new();
                let mut failure = None;
                for call in calls {
                    match call.await {
                        Ok(back) => restored.push(back),
                        Err(error) => failure = Some(error.message()),
                    }
                }
                match restored.as_slice() {
                    [] => {}
                    [one] => self.toasts.done(words(one)),
                    many => self
                        .toasts
                        .done(format!("Restored {} deleted items.", many.len())),
                }
                if let Some(failure) = failure {
                    self.toasts.failed(failure);
                }
                self.workspace.reload();
            });
        });
        self.toasts.undoable(text, seconds, back);
    }
}

/// What was restored, in a sentence.
fn words(restored: &Restored) -> String {
    let name = &restored.name;
    let mut text = match restored.kind {
        RestoredKind::ProviderKey => format!("Restored the key of {name}."),
        RestoredKind::ReplacedModel => format!("Restored {name} in its agents."),
        _ => format!("Restored {name}."),
    };
    if let Some(model) = &restored.default_model {
        text.push_str(&format!(" {model} is the default model again."));
    }
    if restored.needs_key {
        text.push_str(" Its key could not be read when it was deleted: enter it again.");
    }
    text
}

/// The undo of deletions.
///
/// # Panics
/// Outside of the app, which provides what it needs.
#[must_use]
pub fn use_undo() -> Undo {
    Undo {
        api: use_api(),
        workspace: use_workspace(),
        toasts: use_toasts(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_back_is_named_with_what_came_along() {
        let mut restored = Restored {
            kind: RestoredKind::ProviderKey,
            name: "litellm".to_owned(),
            default_model: None,
            needs_key: false,
        };
        assert_eq!(words(&restored), "Restored the key of litellm.");
        restored.kind = RestoredKind::Source;
        restored.default_model = Some("litellm/gpt".to_owned());
        restored.needs_key = true;
        assert_eq!(
            words(&restored),
            "Restored litellm. litellm/gpt is the default model again. Its key could not be read when \
             it was deleted: enter it again."
        );
    }
}
