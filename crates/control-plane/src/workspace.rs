//! The workspace: every operation that the API offers, with no word of HTTP.
//!
//! A change that has secrets locks its owner, stores their values beside those in use, and commits
//! both with its rows. The transaction of the rows checks everything once more: nothing that was read before it counts. It
//! also records the change in the audit log. What is effective (base URL, headers, credential)
//! is asked of `waypost_routing` alone, for showing, testing, refreshing and routing alike.

mod agent_keys;
mod agents;
mod audit_log;
mod bundle;
mod changed_values;
mod check_record;
mod checked_save;
mod connection_check;
mod credential_cache;
mod credential_values;
mod deletion;
mod entry_names;
mod env_keys;
mod input_fields;
mod inputs;
mod key_cleanup;
mod key_names;
mod key_origin;
mod key_rotation;
mod key_view;
mod listed_models;
mod model_refresh;
mod model_replacement;
mod models;
mod outgoing_request;
mod owner;
mod owner_identity;
mod owner_locks;
pub mod paging;
mod previous_key;
mod provider_edit;
mod provider_keys;
mod providers;
mod refresh_registry;
mod refresh_report;
mod refused_credentials;
mod request_deletion;
mod routed_agent;
mod routing_table;
mod row_errors;
mod secret_change;
mod settings;
mod shared_reads;
mod snapshot_document;
mod source_edit;
mod source_secrets;
mod sources;
mod state;
mod static_headers;
mod stored_routing;
mod tokens;
mod undo;
mod undo_log;
mod unsaved_check;
mod usage;
mod verification;
mod version;

#[cfg(test)]
pub(crate) mod tests;

pub use crate::domain_error::{DomainError, ErrorKind, Evidence};
pub(crate) use bundle::{Bundle, Proceed};
pub use inputs::{NewSource, SourceEdit, UnsavedProvider};
pub use key_rotation::Rotation;
pub use models::ModelsQuery;
pub use snapshot_document::{Encoding, SnapshotDocument};
pub(crate) use stored_routing::table_of_rows;
pub use version::Expected;

use credential_cache::CredentialCache;
use owner_locks::OwnerLocks;
use refused_credentials::RefusedCredentials;
use routing_table::{Edit, LiveTable};
use shared_reads::SharedReads;
use undo_log::UndoLog;

use crate::catalog::environment::Environment;
use crate::catalog::file::{FileLayer, ProvidersPath};
use crate::panics::bad_end;
use crate::store::{Actor, Item, Store, StoreError, Transaction};
use crate::tokens::LiveTokens;
use crate::workspace::refresh_registry::RefreshRegistry;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use waypost_egress::Egress;
use waypost_forwarding::ForwardingLimits;
use waypost_secrets::SecretStore;
use waypost_system::random;

/// What a workspace is made of.
pub struct Parts {
    /// The directory that holds the database, as Settings shows it.
    pub data_dir: PathBuf,
    /// Whether inference requests are forwarded, as Settings shows it.
    pub forwards: bool,
    /// The port of the listener for inference requests, if it is not the dashboard's.
    pub inference_port: Option<u16>,
    /// The limits of forwarding, of which Settings shows those that an entry may replace.
    pub limits: ForwardingLimits,
    /// The database.
    pub store: Arc<dyn Store>,
    /// The API tokens.
    pub tokens: LiveTokens,
    /// The secrets.
    pub secrets: SecretStore,
    /// The one way out.
    pub egress: Egress,
    /// Where variables are read from.
    pub environment: Environment,
    /// Where the providers file is looked for.
    pub providers_path: ProvidersPath,
}

/// The workspace, with the actor of changes to it. Clones share everything.
#[derive(Clone)]
pub struct Workspace {
    inner: Arc<Inner>,
    actor: Actor,
    expected: Expected,
    accepts_suspicious_keys: bool,
}

struct Inner {
    data_dir: PathBuf,
    forwards: bool,
    inference_port: Option<u16>,
    limits: ForwardingLimits,
    /// Random, and another one after each start.
    start_id: String,
    store: Arc<dyn Store>,
    tokens: LiveTokens,
    secrets: SecretStore,
    egress: Egress,
    environment: Environment,
    file: FileLayer,
    refreshes: RefreshRegistry,
    routing: LiveTable,
    /// What was deleted in the last seconds.
    undos: UndoLog,
    owners: OwnerLocks,
    /// Values for forwarded requests.
    credentials: CredentialCache,
    /// The readings of such values that are under way.
    credential_reads: SharedReads,
    /// What upstreams said no to.
    refused: RefusedCredentials,
    /// Where work runs that takes its time, whatever thread asks for it.
    runtime: Handle,
    /// Wakes the task that destroys keys that no longer count.
    key_cleanup: Arc<Notify>,
}

impl Workspace {
    /// Opens a workspace: builds its routing table, and follows its providers file, its secrets
    /// and what other processes write from then on.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub async fn open(parts: Parts) -> Result<Self, StoreError> {
        let inner = Arc::new(Inner {
            data_dir: parts.data_dir,
            forwards: parts.forwards,
            inference_port: parts.inference_port,
            limits: parts.limits,
            start_id: random::public_id(),
            store: parts.store,
            tokens: parts.tokens,
            secrets: parts.secrets,
            egress: parts.egress,
            environment: parts.environment,
            file: FileLayer::open(parts.providers_path),
            refreshes: RefreshRegistry::default(),
            routing: LiveTable::new(),
            undos: UndoLog::default(),
            owners: OwnerLocks::default(),
            credentials: CredentialCache::default(),
            credential_reads: SharedReads::default(),
            refused: RefusedCredentials::default(),
            runtime: Handle::current(),
            key_cleanup: Arc::default(),
        });
        inner.start_routing().await?;
        inner.start_key_cleanup();
        Ok(Self {
            inner,
            actor: Actor::system(),
            expected: Expected::Any,
            accepts_suspicious_keys: false,
        })
    }

    /// The same workspace, in which a change may store a key that looks like something else.
    #[must_use]
    pub fn accepting_suspicious_keys(&self, accepts: bool) -> Self {
        Self {
            accepts_suspicious_keys: accepts,
            ..self.clone()
        }
    }

    /// The same workspace with another actor.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        Self {
            actor,
            ..self.clone()
        }
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.inner.store
    }

    /// The secrets.
    #[must_use]
    pub fn secrets(&self) -> &SecretStore {
        &self.inner.secrets
    }

    /// The one way out.
    #[must_use]
    pub fn egress(&self) -> &Egress {
        &self.inner.egress
    }

    fn data_dir(&self) -> &Path {
        &self.inner.data_dir
    }

    fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Begins a transaction that writes. While it is open, nothing may wait for the secrets: they
    /// write to the database as well.
    async fn begin(&self) -> Result<Edit, DomainError> {
        Ok(Edit::begin(&self.inner).await?)
    }

    /// Records an edit in the audit log, in its transaction and the actor's name, and raises the
    /// item's version.
    async fn record_edit(
        &self,
        transaction: &mut dyn Transaction,
        action: &str,
        item: Item<'_>,
        fields: &[&str],
    ) -> Result<(), DomainError> {
        transaction
            .record_edit(self.actor(), action, item, fields)
            .await?;
        Ok(())
    }

    /// Records in the audit log what is no edit, such as a test.
    async fn record(
        &self,
        transaction: &mut dyn Transaction,
        action: &str,
        target: &str,
        fields: &[&str],
    ) -> Result<(), DomainError> {
        Ok(transaction
            .record(self.actor(), action, target, fields)
            .await?)
    }
}

/// Runs a change in a separate task, so that it completes although its request is cancelled.
async fn run_to_completion<T: Send + 'static>(
    change: impl Future<Output = Result<T, DomainError>> + Send + 'static,
) -> Result<T, DomainError> {
    tokio::spawn(change)
        .await
        .unwrap_or_else(|error| Err(DomainError::internal("change failed", &bad_end(&error))))
}
