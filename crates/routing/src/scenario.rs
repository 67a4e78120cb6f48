//! A scenario: changes applied to a configuration without saving them.
//!
//! Each change has a text, so that an address can carry it, and each does to the snapshot what
//! saving it would do: a key that is removed is gone, and a key that was entered for another origin
//! stays bound to that one. Nothing that a scenario says makes a secret go anywhere new.

mod apply;
mod text;

pub use text::ScenarioError;

use crate::catalog::Layer;
use crate::snapshot::Snapshot;
use std::str::FromStr;

/// Changes, in the order in which they are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// The changes.
    pub changes: Vec<ScenarioChange>,
}

impl Scenario {
    /// Reads a scenario from the texts of its changes. What is no change is returned with its error,
    /// so that a page can name it and still show the rest.
    pub fn read<'t>(
        texts: impl IntoIterator<Item = &'t str>,
    ) -> (Self, Vec<(&'t str, ScenarioError)>) {
        let mut scenario = Self::default();
        let mut faults = Vec::new();
        for text in texts {
            match ScenarioChange::from_str(text) {
                Ok(change) => scenario.changes.push(change),
                Err(fault) => faults.push((text, fault)),
            }
        }
        (scenario, faults)
    }

    /// The configuration with the changes made. A change to something that does not exist does
    /// nothing, so a scenario can be applied to any configuration.
    #[must_use]
    pub fn apply(&self, snapshot: &Snapshot) -> Snapshot {
        let mut changed_snapshot = snapshot.clone();
        for change in &self.changes {
            apply::apply(change, &mut changed_snapshot);
        }
        changed_snapshot
    }
}

/// One change. `owner` is the name of a provider or the slug of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioChange {
    /// The base URL is another one. What is stored stays bound to the origin it was entered for. A
    /// variable of the environment still overrides that of a gateway.
    BaseUrl {
        /// Whose.
        owner: String,
        /// The base URL, as typed.
        url: String,
    },
    /// The passthrough of a source is switched.
    Passthrough {
        /// The source's slug.
        source: String,
        /// Whether refs to it go straight there.
        on: bool,
    },
    /// A key is stored for the effective origin at this point of the scenario, or none is stored.
    /// A key in the environment is a separate change.
    Key {
        /// Whose.
        owner: String,
        /// Whether there is one. With a source's key, its static headers are entered again too.
        present: bool,
    },
    /// It cannot be reached, so its requests are refused. The route stays unchanged: nothing fails
    /// over.
    Down {
        /// Who.
        owner: String,
    },
    /// It is deleted, with its stored data. For a provider in several layers, the effective entry
    /// is deleted, and the one it replaced becomes effective.
    Removed {
        /// Who.
        owner: String,
    },
    /// A variable of the environment overrides the base URL of a gateway.
    BaseUrlVariable {
        /// The variable: `<NAME>_BASE_URL`.
        variable: String,
        /// What it is set to.
        url: String,
    },
    /// A variable of the environment is set, or is not.
    Variable {
        /// The variable.
        variable: String,
        /// Whether it is set.
        set: bool,
    },
    /// A model is switched, or is not listed any more.
    Model {
        /// Whose.
        owner: String,
        /// The model's id there.
        id: String,
        /// What becomes of it.
        state: ModelState,
    },
    /// The default model is another one, or there is none.
    DefaultModel {
        /// The ref, if there is one.
        model_ref: Option<String>,
    },
    /// The managed gateway is another one.
    ManagedGateway {
        /// Its name.
        gateway: String,
    },
}

/// What becomes of a model in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelState {
    /// It may be used.
    Enabled,
    /// It is switched off.
    Disabled,
    /// It is no longer listed.
    Removed,
}

/// What kind of thing a change is made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target<'c> {
    Owner(&'c str),
    Source(&'c str),
    Anything,
}

impl ScenarioChange {
    fn target(&self) -> Target<'_> {
        match self {
            Self::BaseUrl { owner, .. }
            | Self::Key { owner, .. }
            | Self::Down { owner }
            | Self::Removed { owner }
            | Self::Model { owner, .. } => Target::Owner(owner),
            Self::ManagedGateway { gateway } => Target::Owner(gateway),
            Self::Passthrough { source, .. } => Target::Source(source),
            Self::BaseUrlVariable { .. } | Self::Variable { .. } | Self::DefaultModel { .. } => {
                Target::Anything
            }
        }
    }

    /// The name that the change refers to, if it does not exist: the change then does nothing, or
    /// for the managed gateway, leaves no rule for the remaining requests.
    #[must_use]
    pub fn unknown<'c>(&'c self, snapshot: &Snapshot) -> Option<&'c str> {
        let is_source = |slug: &str| snapshot.sources.iter().any(|source| source.slug == slug);
        let is_provider = |name: &str| snapshot.providers.iter().any(|entry| entry.name == name);
        match self.target() {
            Target::Owner(name) if !is_source(name) && !is_provider(name) => Some(name),
            Target::Source(slug) if !is_source(slug) => Some(slug),
            _ => None,
        }
    }
}

/// The place among a snapshot's entries of the one that a change of a provider is made to: that of
/// the highest layer.
fn top_entry(snapshot: &Snapshot, name: &str) -> Option<(usize, Layer)> {
    let entries = snapshot.providers.iter().enumerate();
    entries
        .filter(|(_, entry)| entry.name == name)
        .map(|(index, entry)| (index, entry.layer))
        .max_by_key(|(_, layer)| *layer)
}

#[cfg(test)]
mod tests;
