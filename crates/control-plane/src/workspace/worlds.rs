//! The world that requests are resolved in, made once for each state that there is: a runtime may
//! ask for a route before every request that it sends.
//!
//! Nobody has to tell what has changed. The database itself says whether anything was written,
//! by whatever way; the providers file and the secrets are asked; and the environment of a process
//! stays as it was when the process began.

use super::{DomainError, Workspace};
use crate::catalog::file::FileState;
use crate::catalog::layers::Layers;
use crate::store::Generation;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Mutex;
use waypost_api_types::Snapshot;
use waypost_routing::catalog::Catalog;
use waypost_routing::routing_table::RoutingTable;
use waypost_secrets::Inventory;

/// The last world and the last catalog, each with what it was made of.
#[derive(Default)]
pub(super) struct Worlds {
    world: Mutex<Option<MadeTable>>,
    catalog: Mutex<Option<(Moment, Arc<Catalogued>)>>,
}

/// A table, with the state and the secrets that it was made of.
type MadeTable = (Moment, Arc<Inventory>, Arc<RoutingTable>);

/// A state of what is stored.
#[derive(Clone)]
struct Moment {
    database: Generation,
    file: Arc<FileState>,
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        // The file has another state with each reading. As long as one is kept here, no later one
        // is at its place.
        self.database == other.database && Arc::ptr_eq(&self.file, &other.file)
    }
}

/// What is known without asking for secrets.
pub(super) struct Catalogued {
    /// The providers in their layers.
    pub(super) catalog: Catalog,
    /// The names of all providers and sources.
    pub(super) owners: BTreeSet<String>,
}

impl Workspace {
    /// Always asked before anything is read: what is read later can only be newer, and is then
    /// read once more.
    async fn moment(&self) -> Result<Moment, DomainError> {
        Ok(Moment {
            database: self.store().generation().await?,
            file: self.inner.file.state(),
        })
    }

    /// The world as it is now, agents and models included.
    pub(super) async fn world(&self) -> Result<Arc<RoutingTable>, DomainError> {
        // Held while the world is made, so that many requests at once make it once.
        let mut kept = self.inner.worlds.world.lock().await;
        let now = self.moment().await?;
        let inventory = self.secrets().inventory();
        if let Some((made_at, made_with, world)) = &*kept
            && *made_at == now
            && *made_with == inventory
        {
            return Ok(Arc::clone(world));
        }
        let models = self.store().model_facts().await?;
        let agents = self.inner.agents.read(self.store()).await?;
        let facts = self.facts().await?;
        let mut snapshot = facts.snapshot(models);
        // The variables that agents name themselves, which no entry of the catalog tells of.
        let named = agents
            .iter()
            .flat_map(|agent| agent.gateways.values())
            .filter_map(|gateway| gateway.api_key_env.as_deref());
        let environment = &self.inner.environment;
        let set = named.filter(|name| environment.is_granted(name) && environment.is_set(name));
        snapshot.environment.set.extend(set.map(str::to_owned));
        snapshot.agents = agents;
        let world = Arc::new(RoutingTable::new(snapshot));
        *kept = Some((now, facts.inventory, Arc::clone(&world)));
        Ok(world)
    }

    /// All that the resolver needs, without secrets: the browser resolves from this.
    ///
    /// # Errors
    /// None of its own.
    pub async fn snapshot(&self) -> Result<Snapshot, DomainError> {
        let world = self.world().await?;
        Ok(Snapshot {
            agents: world.agents().iter().cloned().collect(),
            ..world.snapshot().clone()
        })
    }

    /// The catalog and everybody who owns models: the secrets backend need not be asked for these.
    pub(super) async fn catalogued(&self) -> Result<Arc<Catalogued>, DomainError> {
        let mut kept = self.inner.worlds.catalog.lock().await;
        let now = self.moment().await?;
        if let Some((made_at, catalogued)) = &*kept
            && *made_at == now
        {
            return Ok(Arc::clone(catalogued));
        }
        let configuration = self.store().configuration().await?;
        let sources = &configuration.sources;
        let layers = Layers::new(&now.file, &configuration.providers, sources);
        let providers = layers.entries.iter().map(|entry| &entry.name);
        let slugs = sources.iter().map(|source| &source.slug);
        let catalogued = Arc::new(Catalogued {
            owners: providers.chain(slugs).cloned().collect(),
            catalog: Catalog::new(layers.entries, layers.blocked),
        });
        *kept = Some((now, Arc::clone(&catalogued)));
        Ok(catalogued)
    }

    /// Closes the database. Nothing can be asked of the workspace after that.
    pub async fn close(&self) {
        self.store().close().await;
    }
}
