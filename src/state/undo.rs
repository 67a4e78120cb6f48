//! Undoing deletions and replacements while the control plane keeps what they changed.

mod entry;

use super::{Toasts, Workspace, use_toasts, use_workspace};
use crate::api::types::{Restored, RestoredKind, UndoTicket};
use crate::api::{Api, ApiError, use_api};
use crate::dom;
use crate::task::spawn_detached;
use entry::UndoEntry;
use leptos::prelude::*;
use std::borrow::Cow;

/// The key in the tab's storage.
const KEPT: &str = "waypost.undo";

/// A change that can be undone, and the events of the audit log that it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoable {
    action: Cow<'static, str>,
    targets: Vec<String>,
    ticket: UndoTicket,
}

impl Undoable {
    /// A change with one event for each target, such as `agent:bot`.
    #[must_use]
    pub fn new(action: &'static str, targets: Vec<String>, ticket: UndoTicket) -> Self {
        Self {
            action: action.into(),
            targets,
            ticket,
        }
    }

    /// The deletion of an agent.
    #[must_use]
    pub fn agent(name: &str, ticket: UndoTicket) -> Self {
        Self::new("agent.delete", vec![format!("agent:{name}")], ticket)
    }
}

/// A change that can still be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoOffer {
    change: Undoable,
    /// The notice that offers it, maybe with others.
    notice: u64,
    /// What that notice says.
    text: String,
    /// For how many more seconds.
    left: RwSignal<i64>,
}

impl UndoOffer {
    /// Whether it undoes an event.
    #[must_use]
    pub fn is_of(&self, action: &str, target: &str) -> bool {
        self.change.action == action && self.change.targets.iter().any(|known| known == target)
    }

    /// For how many more seconds it can be undone.
    #[must_use]
    pub fn left(&self) -> RwSignal<i64> {
        self.left
    }

    /// How many events it undoes.
    #[must_use]
    pub fn events(&self) -> usize {
        self.change.targets.len()
    }
}

/// The changes of this tab that can still be undone. They outlive the notices that offer them.
#[derive(Clone, Copy)]
pub struct UndoOffers {
    all: RwSignal<Vec<UndoOffer>>,
    /// Counts what was undone.
    undone: RwSignal<u32>,
}

impl UndoOffers {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            all: RwSignal::new(Vec::new()),
            undone: RwSignal::new(0),
        }
    }
}

impl Default for UndoOffers {
    fn default() -> Self {
        Self::new()
    }
}

/// Undoes changes. It outlives the page that made them.
#[derive(Clone, Copy)]
pub struct Undo {
    api: Api,
    workspace: Workspace,
    toasts: Toasts,
    offers: UndoOffers,
}

impl Undo {
    /// Shows what was done, and offers to undo it.
    pub fn offer(self, text: String, change: Undoable) {
        self.offer_all(text, vec![change]);
    }

    /// Shows that several things were done, and offers to undo all of them at once. The last one
    /// is undone first.
    pub fn offer_all(self, text: String, changes: Vec<Undoable>) {
        // The first change is the first that can no longer be undone.
        let seconds = changes.iter().map(|change| change.ticket.seconds).min();
        let seconds = i64::try_from(seconds.unwrap_or_default()).unwrap_or_default();
        let back = Callback::new(move |notice| self.undo_where(|offer| offer.notice == notice));
        let over = Callback::new(move |notice| {
            self.change_offers(|all| all.retain(|offer| offer.notice != notice));
        });
        let (notice, left) = self.toasts.undoable(text.clone(), seconds, back, over);
        self.change_offers(|all| {
            all.extend(changes.into_iter().map(|change| UndoOffer {
                change,
                notice,
                text: text.clone(),
                left,
            }));
        });
    }

    /// Offers again what could be undone before the page was loaded again.
    pub fn offer_kept(self) {
        let kept = dom::stored_in_tab(KEPT).unwrap_or_default();
        for (text, changes) in entry::read(&kept, dom::now()) {
            self.offer_all(text, changes);
        }
    }

    /// Forgets what could be undone after a reload, as when the session ends.
    pub fn forget_kept(self) {
        dom::store_in_tab(KEPT, None);
    }

    /// Changes the offers, and what the tab keeps of them.
    fn change_offers(self, change: impl FnOnce(&mut Vec<UndoOffer>)) {
        self.offers.all.update(change);
        let now = dom::now();
        let entries: Vec<UndoEntry> = self.offers.all.with_untracked(|all| {
            let entries = all.iter().map(|offer| UndoEntry {
                notice: offer.notice,
                until: now + offer.left.get_untracked(),
                text: offer.text.clone(),
                change: offer.change.clone(),
            });
            entries.collect()
        });
        let text = (!entries.is_empty()).then(|| entry::write(&entries));
        dom::store_in_tab(KEPT, text.as_deref());
    }

    /// What undoes an event, while it can be undone.
    #[must_use]
    pub fn offer_of(self, action: &str, target: &str) -> Option<UndoOffer> {
        self.offers.all.with(|all| {
            let mut found = all.iter().rev().filter(|offer| offer.is_of(action, target));
            found.next().cloned()
        })
    }

    /// Undoes one change.
    pub fn undo(self, offer: &UndoOffer) {
        let token = offer.change.ticket.token.clone();
        self.undo_where(move |offer| offer.change.ticket.token == token);
    }

    /// Counts what was undone; tracks it.
    #[must_use]
    pub fn undone(self) -> u32 {
        self.offers.undone.get()
    }

    fn undo_where(self, wanted: impl Fn(&UndoOffer) -> bool) {
        let mut taken = Vec::new();
        self.change_offers(|all| {
            taken = all.iter().filter(|offer| wanted(offer)).cloned().collect();
            all.retain(|offer| !wanted(offer));
        });
        // A notice that has nothing left to undo goes with it.
        for offer in &taken {
            let others =
                |all: &Vec<UndoOffer>| all.iter().any(|other| other.notice == offer.notice);
            if !self.offers.all.with_untracked(others) {
                self.toasts.dismiss(offer.notice);
            }
        }
        let calls: Vec<_> = taken
            .into_iter()
            .rev()
            .map(|offer| (self.api.undo(&offer.change.ticket.token), offer))
            .collect();
        spawn_detached(async move {
            let mut restored = Vec::new();
            let mut still_kept = Vec::new();
            let mut failure = None;
            for (call, offer) in calls {
                match call.await {
                    Ok(back) => restored.push(back),
                    Err(error) => {
                        if !is_over(&error) {
                            still_kept.push(offer);
                        }
                        failure = Some(error.message());
                    }
                }
            }
            self.offer_again(still_kept);
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
            self.offers.undone.try_update(|undone| *undone += 1);
        });
    }

    /// Offers again what could not be undone, for the rest of its time. The last change comes
    /// first.
    fn offer_again(self, offers: Vec<UndoOffer>) {
        let Some(offer) = offers.first() else {
            return;
        };
        let left = u64::try_from(offer.left.get_untracked()).unwrap_or_default();
        if left == 0 {
            return;
        }
        let text = offer.text.clone();
        let changes = offers.into_iter().rev().map(|offer| {
            let mut change = offer.change;
            change.ticket.seconds = left;
            change
        });
        self.offer_all(text, changes.collect());
    }
}

/// Whether a change can no longer be undone after this failure. After any other one, the control
/// plane keeps it for the rest of its time.
fn is_over(error: &ApiError) -> bool {
    *error == ApiError::SignedOut || error.code() == Some("undo_expired")
}

/// What was restored, in a sentence.
fn words(restored: &Restored) -> String {
    let name = &restored.name;
    let mut text = match restored.kind {
        RestoredKind::ProviderKey => format!("Restored the key of {name}."),
        RestoredKind::AgentKey => format!("Restored the key of the agent {name}."),
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

/// The undo of changes.
///
/// # Panics
/// Outside of the app, which provides what it needs.
#[must_use]
pub fn use_undo() -> Undo {
    Undo {
        api: use_api(),
        workspace: use_workspace(),
        toasts: use_toasts(),
        offers: use_context().expect("the app provides the offers to undo"),
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
