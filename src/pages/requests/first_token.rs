//! The token that is created before the first request. It is shown only once, so the page holds it
//! until it is copied or dismissed, whatever arrives meanwhile.

use crate::state::{Writes, use_writes};
use leptos::prelude::*;

/// Shown beside a command with a new token.
pub(super) const COPY_NOW: &str = "The command contains the new token. Copy it now: Waypost stores only its digest and cannot show it again.";

/// A token with the request that it is for.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Created {
    /// The agent that it belongs to.
    pub(super) agent: String,
    /// The model string that the agent sends.
    pub(super) model: String,
    /// Its text.
    pub(super) token: String,
}

/// The token of the page.
#[derive(Clone, Copy)]
pub(super) struct FirstToken {
    /// The token; `None` until it is created, and once it is no longer needed.
    pub(super) created: RwSignal<Option<Created>>,
    /// Whether its command was copied.
    copied: StoredValue<bool>,
    /// What creates it. It belongs to the page, which a request does not replace.
    pub(super) writes: Writes,
}

impl FirstToken {
    /// None yet.
    pub(super) fn new() -> Self {
        Self {
            created: RwSignal::new(None),
            copied: StoredValue::new(false),
            writes: use_writes(),
        }
    }

    /// Holds a token that was just created.
    pub(super) fn keep(self, created: Created) {
        self.copied.set_value(false);
        self.created.set(Some(created));
    }

    /// Forgets it.
    pub(super) fn dismiss(self) {
        self.created.set(None);
    }

    /// Notes that the command is in the clipboard.
    pub(super) fn note_copied(self) {
        self.copied
            .try_set_value(self.created.with_untracked(Option::is_some));
    }

    /// Forgets it if its command was copied.
    pub(super) fn leave(self) {
        if self.copied.try_get_value() == Some(true) {
            self.created.try_set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Announcer, Toasts};

    #[test]
    fn the_token_is_held_until_it_is_copied_or_dismissed() {
        let owner = Owner::new();
        owner.with(|| {
            provide_context(Toasts::new(Announcer::new()));
            let first = FirstToken::new();
            let is_held = move || first.created.with_untracked(Option::is_some);
            let keep = move || {
                first.keep(Created {
                    agent: "bot".to_owned(),
                    model: "a/b".to_owned(),
                    token: "wpa_x".to_owned(),
                });
            };
            // The command without a token.
            first.note_copied();
            keep();
            first.leave();
            assert!(is_held(), "a request has arrived");
            first.note_copied();
            assert!(is_held(), "it can be copied again");
            first.leave();
            assert!(!is_held());
            keep();
            first.dismiss();
            assert!(!is_held());
        });
    }
}
