//! The agents as routing reads them, kept so that a document is read once for each of its
//! versions and not once for each snapshot.

use crate::store::{Store, StoreError};
use std::collections::BTreeMap;
use tokio::sync::Mutex;
use waypost_routing::agent::{Agent, read_agent};

/// What was read, by name.
#[derive(Default)]
pub(super) struct AgentCache(Mutex<Read>);

#[derive(Default)]
struct Read {
    /// The highest version among those that were ever read. Versions rise with time.
    newest: u64,
    /// Each agent with its version; none where its document cannot be read.
    agents: BTreeMap<String, (u64, Option<Agent>)>,
}

impl AgentCache {
    /// Every agent whose document can be read, by name.
    pub(super) async fn read(&self, store: &dyn Store) -> Result<Vec<Agent>, StoreError> {
        let mut read = self.0.lock().await;
        let now = store.agent_changes(read.newest).await?;
        for (name, version, yaml) in now.changed {
            let agent = read_agent(&yaml).agent;
            read.agents.insert(name, (version, agent));
            read.newest = read.newest.max(version);
        }
        read.agents
            .retain(|name, (version, _)| now.versions.get(name) == Some(version));
        Ok(read
            .agents
            .values()
            .filter_map(|(_, agent)| agent.clone())
            .collect())
    }
}
