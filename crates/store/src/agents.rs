//! Agents: their documents, as they were written.

use std::collections::BTreeMap;

/// An agent, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAgent {
    /// The permanent id, `[a-z0-9]{16}`. Renaming the agent keeps it; an agent that is added later
    /// under the same name has another.
    pub id: String,
    /// The name.
    pub name: String,
    /// The document.
    pub yaml: String,
    /// The private origins among its base URLs that were confirmed, sorted.
    pub allow_private: Vec<String>,
    /// Its version.
    pub version: u64,
    /// When it was last changed, in Unix seconds.
    pub updated_at: i64,
    /// Who changed it, as the audit log names them.
    pub updated_by: String,
}

/// The agents of one moment, with the documents that changed since a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentChanges {
    /// The version of every agent, by name.
    pub versions: BTreeMap<String, u64>,
    /// Each agent whose version is above the one asked about.
    pub changed: Vec<ChangedAgent>,
}

/// An agent that changed, as far as routing asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedAgent {
    /// The permanent id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The document.
    pub yaml: String,
    /// The private origins among its base URLs that were confirmed, sorted.
    pub allow_private: Vec<String>,
}
