//! What a routing table is built from, and what a transaction changed of it.

use crate::agents::AgentChanges;
use crate::configuration::Configuration;
use crate::generation::Generation;
use std::collections::BTreeSet;
use waypost_routing::snapshot::ModelEntry;

/// Everything that routing reads, of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingRows {
    /// The generation of that moment.
    pub generation: Generation,
    /// Settings, providers and sources.
    pub configuration: Configuration,
    /// The models that are disabled or no longer listed, by owner and id.
    pub models: Vec<ModelEntry>,
    /// The agents, with the documents that are newer than the generation asked for.
    pub agents: AgentChanges,
}

/// The parts of what routing reads that a transaction has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoutingChanges {
    /// Whether settings, providers or sources have changed.
    pub configuration: bool,
    /// The agents that were added, replaced or deleted.
    pub agents: BTreeSet<String>,
    /// The providers and sources whose models have changed.
    pub models_of: BTreeSet<String>,
}

impl RoutingChanges {
    /// Whether nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.configuration && self.agents.is_empty() && self.models_of.is_empty()
    }
}
