//! The routing table that requests use, and how it follows what is committed.
//!
//! A transaction builds the next table from what it has changed before it commits, and puts it in
//! place before its caller answers, so that every later answer shows the edit. Requests load the
//! table without a lock. What other processes commit is found by a poll, or sooner where the database
//! reports it.

use super::entry_names::entry_names;
use super::routed_agent::{routed_agent, routed_change};
use super::snapshot_document::SnapshotCache;
use super::state::{WorkspaceState, secret_states};
use super::{Inner, Workspace};
use crate::catalog::environment::Environment;
use crate::database_follower::notified;
use crate::last_contact::LastContact;
use crate::store::{
    AgentChanges, Generation, RoutingChanges, RoutingRows, StoreError, Transaction,
};
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;
use waypost_api_types::Snapshot;
use waypost_routing::agent::Agent;
use waypost_routing::handle::RoutingHandle;
use waypost_routing::routing_table::{AgentSet, RoutingTable};
use waypost_routing::snapshot::EnvironmentState;
use waypost_routing::used_by::UsedBy;
use waypost_secrets::RecordChange;

/// How often the database is asked whether another process has changed what routing reads.
const POLL: Duration = Duration::from_secs(1);

/// The current table, and the generation of the rows it was built from.
pub(super) struct LiveTable {
    handle: Arc<RoutingHandle>,
    /// Locked from before the next table is built until it is in place, so that tables replace each
    /// other in the order of the commits.
    built: Mutex<Generation>,
    /// Counts the changes of the providers file that are in the table.
    file_changes: watch::Sender<u64>,
    /// When the table was last known to be that of the database.
    last_contact: LastContact,
    #[cfg(test)]
    replaced: watch::Sender<()>,
    pub(super) snapshots: SnapshotCache,
    /// The index of the table that was asked about last.
    used_by: std::sync::Mutex<Option<(Arc<RoutingTable>, Arc<UsedBy>)>>,
}

impl LiveTable {
    pub(super) fn new() -> Self {
        Self {
            handle: Arc::new(RoutingHandle::new(RoutingTable::new(Snapshot::default()))),
            built: Mutex::default(),
            file_changes: watch::Sender::new(0),
            last_contact: LastContact::now(),
            #[cfg(test)]
            replaced: watch::Sender::new(()),
            snapshots: SnapshotCache::default(),
            used_by: std::sync::Mutex::default(),
        }
    }
}

impl Workspace {
    /// The routing table as it is now. It reads memory only.
    #[must_use]
    pub fn routing_table(&self) -> Arc<RoutingTable> {
        self.inner.routing.handle.load()
    }

    /// The handle that always has the current routing table.
    #[must_use]
    pub fn routing_handle(&self) -> Arc<RoutingHandle> {
        Arc::clone(&self.inner.routing.handle)
    }

    /// Which agents use what. Each table is indexed once, when it is first asked about.
    #[must_use]
    pub fn used_by(&self) -> Arc<UsedBy> {
        let table = self.routing_table();
        let mut cached = self
            .inner
            .routing
            .used_by
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*cached {
            Some((indexed, used_by)) if Arc::ptr_eq(indexed, &table) => used_by.clone(),
            _ => {
                let used_by = Arc::new(UsedBy::new(&table));
                *cached = Some((table, used_by.clone()));
                used_by
            }
        }
    }

    /// How long ago the routing table and the tokens were last known to be those of the database: the
    /// longest that a change of another process may have gone unseen.
    #[must_use]
    pub fn configuration_age(&self) -> Duration {
        let table = self.inner.routing.last_contact.age();
        table.max(self.live_tokens().age())
    }

    /// All that the resolver needs, without secrets.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let table = self.routing_table();
        Snapshot {
            agents: table.agents().iter().cloned().collect(),
            ..table.snapshot().clone()
        }
    }

    /// Counts the changes of the providers file that have reached the routing table.
    #[must_use]
    pub fn providers_file_changes(&self) -> watch::Receiver<u64> {
        self.inner.routing.file_changes.subscribe()
    }

    /// Looks for what other processes have committed, as the background does every second.
    #[cfg(test)]
    pub(super) async fn look_at_other_processes(&self) -> Result<(), StoreError> {
        self.inner.reload_if_changed().await
    }

    /// Builds the whole table from the database.
    #[cfg(test)]
    pub(super) async fn build_table_anew(&self) -> Result<(), StoreError> {
        let rows = self.store().routing_rows(Generation::default()).await?;
        let table = RoutingTable::new(Snapshot::default());
        self.inner.routing.handle.store(table);
        self.inner.put(&self.inner.table_of(rows));
        Ok(())
    }

    /// Signals each table that is put in place.
    #[cfg(test)]
    pub(super) fn table_changes(&self) -> watch::Receiver<()> {
        self.inner.routing.replaced.subscribe()
    }

    /// Brings the states of the secrets into the table, if they have changed.
    pub(super) fn apply_secrets(&self) {
        self.inner.apply_secrets();
    }

    /// Closes the database. Only what is in memory can be read afterwards.
    pub async fn close(&self) {
        self.store().close().await;
    }
}

impl Inner {
    /// Builds the first table, and lets it follow the database, the providers file and the secrets
    /// from then on.
    pub(super) async fn start_routing(self: &Arc<Self>) -> Result<(), StoreError> {
        // Subscribed before the file and the states are read, so that no change falls between.
        let (file, secrets) = (self.file.changes(), self.secrets.changes());
        let changes = self.store.changes();
        self.reload().await?;
        tokio::spawn(follow_secrets(Arc::downgrade(self), secrets));
        tokio::spawn(follow_rows(Arc::downgrade(self), file, changes));
        Ok(())
    }

    /// Builds the table from what the database has now.
    /// Returns whether that is no older than what was known.
    async fn reload(&self) -> Result<bool, StoreError> {
        let mut built = self.routing.built.lock().await;
        let begun = Instant::now();
        let rows = self.store.routing_rows(*built).await?;
        // A replica that lags behind may answer with an older state.
        if rows.generation < *built {
            return Ok(false);
        }
        *built = rows.generation;
        let table = self.table_of(rows);
        self.put(&table.with_generation(built.number()));
        self.routing.last_contact.note(begun);
        Ok(true)
    }

    async fn reload_if_changed(&self) -> Result<(), StoreError> {
        let begun = Instant::now();
        let now = self.store.generation().await?;
        // The lock waits for an edit of this process that has committed and is about to put its
        // table in place.
        let built = *self.routing.built.lock().await;
        if now > built {
            self.reload().await?;
        } else if now == built {
            self.routing.last_contact.note(begun);
        }
        Ok(())
    }

    /// A table of rows, with the agents of the current one that have not changed.
    fn table_of(&self, rows: RoutingRows) -> RoutingTable {
        let agents = changed_agents(self.routing.handle.load().agents(), rows.agents);
        let state = WorkspaceState::new(self, rows.configuration, self.secrets.inventory());
        let mut snapshot = state.snapshot(rows.models);
        self.note_variables_of(&agents, &mut snapshot.environment);
        RoutingTable::new(snapshot).with_agents(agents)
    }

    /// Notes the variables that agents name themselves and the operator grants.
    fn note_variables_of(&self, agents: &AgentSet, environment: &mut EnvironmentState) {
        note_variables(&self.environment, agents, environment);
    }

    /// The current table with what a transaction has changed.
    async fn changed_table(
        &self,
        transaction: &mut dyn Transaction,
        changes: RoutingChanges,
    ) -> Result<RoutingTable, StoreError> {
        let mut table = (*self.routing.handle.load()).clone();
        if changes.configuration {
            let state = WorkspaceState::new(
                self,
                transaction.configuration().await?,
                self.secrets.inventory(),
            );
            let mut snapshot = state.snapshot(table.snapshot().models.clone());
            self.note_variables_of(table.agents(), &mut snapshot.environment);
            table = table.changed(snapshot);
        }
        for owner in &changes.models_of {
            let models = transaction.model_entries(owner).await?;
            let known = table.snapshot().models.iter();
            if !known.filter(|model| model.owner == *owner).eq(&models) {
                table = table.with_models_of(owner, models);
            }
        }
        let mut variables_changed = false;
        for name in changes.agents {
            let stored = transaction.agent(&name).await?;
            let agent = stored.and_then(|stored| routed_agent(&stored));
            let before = table.agent(&name).into_iter().flat_map(variables);
            variables_changed |= !before.eq(agent.iter().flat_map(variables));
            table = match agent {
                Some(agent) => table.with_agent(agent),
                None => table.without_agent(&name),
            };
        }
        if variables_changed {
            let mut environment = self.environment.state(&table.snapshot().providers);
            self.note_variables_of(table.agents(), &mut environment);
            if environment != table.snapshot().environment {
                table = table.with_environment(environment);
            }
        }
        Ok(table)
    }

    /// Puts a table in place. The caller has locked `built`, so that only the states of secrets can
    /// have changed since the table was built.
    fn put(&self, table: &RoutingTable) {
        self.routing
            .handle
            .update(|_| self.with_secrets_of_now(table));
        self.secrets
            .set_entry_names(|| entry_names(table.snapshot()));
        #[cfg(test)]
        self.routing.replaced.send_replace(());
    }

    pub(super) fn apply_secrets(&self) {
        let inventory = self.secrets.inventory();
        let counts = |name: &str, origin: &str, id: &str| {
            let stored = inventory.stored.get(name);
            stored.is_some_and(|it| it.meta.origin == origin && it.value_id() == id)
        };
        self.credentials.retain(Instant::now().into_std(), counts);
        let table = self.routing.handle.load();
        if self.secret_states_of(&table) != table.snapshot().secrets {
            self.routing
                .handle
                .update(|table| self.with_secrets_of_now(table));
        }
    }

    fn with_secrets_of_now(&self, table: &RoutingTable) -> RoutingTable {
        let secrets = self.secret_states_of(table);
        match secrets == table.snapshot().secrets {
            true => table.clone(),
            false => table.with_secrets(secrets),
        }
    }

    fn secret_states_of(&self, table: &RoutingTable) -> waypost_routing::snapshot::SecretStates {
        secret_states(&self.secrets.inventory(), &table.snapshot().sources)
    }
}

/// Notes the variables that agents name themselves and the operator grants.
pub(super) fn note_variables(
    environment: &Environment,
    agents: &AgentSet,
    state: &mut EnvironmentState,
) {
    let named: BTreeSet<&str> = agents
        .iter()
        .flat_map(variables)
        .filter(|name| environment.is_granted(name))
        .collect();
    let named = named.into_iter().map(str::to_owned);
    environment.note_keys(state, named);
}

/// The names of the variables that an agent's gateways take their keys from.
fn variables(agent: &Agent) -> impl Iterator<Item = &str> {
    let gateways = agent.gateways.values();
    gateways.filter_map(|gateway| gateway.api_key_env.as_deref())
}

/// The agents after a change. Those that did not change are shared, and their documents not read.
pub(super) fn changed_agents(before: &AgentSet, changes: AgentChanges) -> AgentSet {
    if before.is_empty() {
        let changed = changes.changed.into_iter();
        return changed.filter_map(|agent| routed_change(&agent)).collect();
    }
    let deleted = before
        .iter()
        .filter(|agent| !changes.versions.contains_key(&agent.name));
    let mut agents = before.clone();
    for agent in deleted {
        agents = agents.without(&agent.name);
    }
    for changed in changes.changed {
        agents = match routed_change(&changed) {
            Some(agent) => agents.with(agent),
            None => agents.without(&changed.name),
        };
    }
    agents
}

/// Follows the states of the secrets until the workspace is dropped.
async fn follow_secrets<T>(inner: Weak<Inner>, mut changes: watch::Receiver<T>) {
    while changes.changed().await.is_ok() {
        let Some(inner) = inner.upgrade() else {
            return;
        };
        inner.apply_secrets();
    }
}

/// Follows the database and the providers file until the workspace is dropped.
async fn follow_rows(
    inner: Weak<Inner>,
    mut file: watch::Receiver<u64>,
    mut changes: watch::Receiver<u64>,
) {
    let mut file_changed = false;
    let mut failed = false;
    loop {
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = notified(&mut changes) => {}
            changed = file.changed() => match changed {
                Ok(()) => file_changed = true,
                Err(_) => return,
            }
        }
        let Some(inner) = inner.upgrade() else {
            return;
        };
        let result = match file_changed {
            true => inner.reload().await.map(drop),
            false => inner.reload_if_changed().await,
        };
        match &result {
            Ok(()) if file_changed => {
                file_changed = false;
                inner.routing.file_changes.send_modify(|count| *count += 1);
            }
            // One line for an outage, not one a second.
            Err(error) if !failed => {
                tracing::warn!(%error, "cannot update the routing table");
            }
            _ => {}
        }
        failed = result.is_err();
    }
}

/// A transaction that brings the routing table up to date when it commits.
pub(super) struct Edit {
    transaction: Box<dyn Transaction>,
    inner: Arc<Inner>,
    /// The secrets whose values change with it.
    pub(super) secrets: Vec<RecordChange>,
}

impl Edit {
    pub(super) async fn begin(inner: &Arc<Inner>) -> Result<Self, StoreError> {
        Ok(Self {
            transaction: inner.store.begin().await?,
            inner: Arc::clone(inner),
            secrets: Vec::new(),
        })
    }

    /// Makes the changes durable, and visible to every request from then on.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        let changes = self.transaction.routing_changes();
        if changes.is_empty() {
            self.transaction.commit().await?;
            self.inner.secrets.note_committed(&self.secrets);
            self.inner.apply_secrets();
            return Ok(());
        }
        let mut built = self.inner.routing.built.lock().await;
        let transaction = &mut *self.transaction;
        let next = match transaction.generation().await? == *built {
            true => self.inner.changed_table(transaction, changes).await?,
            // Another process has committed something that the poll has not found yet.
            false => self.inner.table_of(transaction.routing_rows(*built).await?),
        };
        let generation = self.transaction.commit().await?;
        *built = generation;
        // Before the table is in place: it must not show new rows with the secrets before them.
        self.inner.secrets.note_committed(&self.secrets);
        self.inner.put(&next.with_generation(generation.number()));
        Ok(())
    }
}

impl Deref for Edit {
    type Target = dyn Transaction;

    fn deref(&self) -> &Self::Target {
        &*self.transaction
    }
}

impl DerefMut for Edit {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.transaction
    }
}
