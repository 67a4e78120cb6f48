//! The agents that are selected.

use leptos::prelude::*;
use std::collections::BTreeSet;

/// The agents that are selected, by name.
#[derive(Clone, Copy)]
pub(super) struct Selection(RwSignal<BTreeSet<String>>);

impl Selection {
    pub(super) fn new() -> Self {
        Self(RwSignal::new(BTreeSet::new()))
    }

    /// Whether an agent is selected.
    pub(super) fn contains(self, name: &str) -> bool {
        self.0.with(|selected| selected.contains(name))
    }

    /// Selects an agent, or no longer does.
    pub(super) fn set(self, name: String, on: bool) {
        self.0.update(|selected| {
            if on {
                selected.insert(name);
            } else {
                selected.remove(&name);
            }
        });
    }

    /// Selects these agents too.
    pub(super) fn extend(self, names: impl Iterator<Item = String>) {
        self.0.update(|selected| selected.extend(names));
    }

    pub(super) fn clear(self) {
        self.0.update(BTreeSet::clear);
    }
}
