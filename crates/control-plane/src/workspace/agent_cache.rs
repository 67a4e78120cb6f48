//! The agents as routing reads them, kept so that a document is read once for each of its
//! versions and not once for each snapshot.

use crate::store::agents;
use sqlx::SqlitePool;
use std::collections::BTreeMap;
use tokio::sync::Mutex;
use waypost_routing::agent::{Agent, read_agent};

/// What was read, by name.
#[derive(Default)]
pub(super) struct AgentCache(Mutex<Read>);

#[derive(Default)]
struct Read {
    /// The highest version among those that were ever read. Versions rise with time.
    newest: i64,
    /// Each agent with its version; none where its document cannot be read.
    agents: BTreeMap<String, (i64, Option<Agent>)>,
}

impl AgentCache {
    /// Every agent whose document can be read, by name.
    pub(super) async fn read(&self, pool: &SqlitePool) -> Result<Vec<Agent>, sqlx::Error> {
        let mut read = self.0.lock().await;
        // One transaction, so that both answers tell of the same moment.
        let mut transaction = pool.begin().await?;
        let versions = agents::versions(&mut *transaction).await?;
        let changed = agents::changed_since(&mut *transaction, read.newest).await?;
        transaction.commit().await?;
        for (name, version, yaml) in changed {
            let agent = read_agent(&yaml).agent;
            read.agents.insert(name, (version, agent));
            read.newest = read.newest.max(version);
        }
        let versions: BTreeMap<&str, i64> = versions
            .iter()
            .map(|(name, version)| (name.as_str(), *version))
            .collect();
        read.agents
            .retain(|name, (version, _)| versions.get(name.as_str()) == Some(version));
        Ok(read
            .agents
            .values()
            .filter_map(|(_, agent)| agent.clone())
            .collect())
    }
}
