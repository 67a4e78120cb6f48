//! The contract of a database.

use crate::agents::{AgentChanges, StoredAgent};
use crate::audit::{Actor, AuditFilter, AuditRow};
use crate::configuration::Configuration;
use crate::database_description::DatabaseDescription;
use crate::error::StoreError;
use crate::generation::Generation;
use crate::models::{ModelsFilter, Position, StoredModel};
use crate::outcomes::{OwnerRows, StoredCounts};
use crate::routing_rows::RoutingRows;
use crate::secrets::{ExpectedValue, SecretRow};
use crate::sessions::{LinkRow, SessionRow};
use crate::token_hash::TokenHash;
use crate::tokens::TokenRow;
use crate::transaction::Transaction;
use async_trait::async_trait;
use std::collections::BTreeMap;
use tokio::sync::watch;
use waypost_routing::snapshot::ModelEntry;
use waypost_routing::vocabulary::SecretsBackendKind;

/// The database of one workspace.
///
/// Every method reads or writes one consistent state. Times are Unix seconds. Any method can fail
/// with [`crate::StoreErrorKind::Busy`], `Unreachable`, `DiskFull`, `Damaged` or `Internal`; further errors are
/// documented where they can occur.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a transaction that writes, after every writer before it has ended.
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError>;

    /// The generation now. What is read after this is of this generation or of a later one.
    async fn generation(&self) -> Result<Generation, StoreError>;

    /// Counts the commits of other processes that the database reports. It need not report all of
    /// them, or any: followers of the database read it from time to time as well.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Everything that routing reads, with the documents of the agents that were edited after
    /// `since`.
    async fn routing_rows(&self, since: Generation) -> Result<RoutingRows, StoreError>;

    /// Which database it is.
    fn database(&self) -> &DatabaseDescription;

    /// Fails if writing has failed and still does. Waits for no other writer.
    async fn writable(&self) -> Result<(), StoreError>;

    /// Closes the database. Nothing can be read or written afterwards.
    async fn close(&self);

    /// The workspace's random id, which the first call makes.
    async fn workspace_id(&self) -> Result<String, StoreError>;

    /// The secrets backend that the first start chose; `None` before that.
    async fn secrets_backend(&self) -> Result<Option<SecretsBackendKind>, StoreError>;

    /// Records the secrets backend. [`Store::workspace_id`] must have been called before.
    async fn record_secrets_backend(&self, backend: SecretsBackendKind) -> Result<(), StoreError>;

    /// Where the last start served the dashboard; `None` before the first one.
    async fn dashboard_url(&self) -> Result<Option<String>, StoreError>;

    /// Whether the last start accepts sign-in links. True before the first one.
    async fn sign_in_links(&self) -> Result<bool, StoreError>;

    /// Records whether sign-in links are accepted. [`Store::workspace_id`] must have been called
    /// before.
    async fn record_sign_in_links(&self, accepted: bool) -> Result<(), StoreError>;

    /// Records where the dashboard is served. [`Store::workspace_id`] must have been called before.
    async fn record_dashboard_url(&self, url: &str) -> Result<(), StoreError>;

    /// Settings, providers and sources with their versions.
    async fn configuration(&self) -> Result<Configuration, StoreError>;

    /// Model counts and recorded outcomes of all owners.
    async fn owner_rows(&self) -> Result<OwnerRows, StoreError>;

    /// The models that are disabled or no longer listed.
    async fn model_entries(&self) -> Result<Vec<ModelEntry>, StoreError>;

    /// Models after a position, by owner and id, and how many match in all.
    async fn models(
        &self,
        filter: &ModelsFilter,
        after: Option<&Position>,
        limit: u32,
    ) -> Result<(Vec<StoredModel>, u64), StoreError>;

    /// The models that are listed and enabled, by owner and id: owner, id and when each was first
    /// seen, in Unix seconds.
    async fn enabled_models(&self) -> Result<Vec<(String, String, i64)>, StoreError>;

    /// How many of the matching models each owner has, by state. An owner without any is left out.
    async fn model_counts(
        &self,
        filter: &ModelsFilter,
    ) -> Result<BTreeMap<String, StoredCounts>, StoreError>;

    /// Whether a model is enabled; `None` if the catalog does not have it.
    async fn model_enabled(&self, owner: &str, id: &str) -> Result<Option<bool>, StoreError>;

    /// Agents after a name, by name: at most `limit`, and fewer if they are large. The flag says
    /// whether there are more.
    async fn agents(&self, after: &str, limit: u32)
    -> Result<(Vec<StoredAgent>, bool), StoreError>;

    /// One agent.
    async fn agent(&self, name: &str) -> Result<Option<StoredAgent>, StoreError>;

    /// The current name of the agent with a permanent id.
    async fn agent_name(&self, id: &str) -> Result<Option<String>, StoreError>;

    /// The versions of all agents and the documents whose version is above `since`.
    async fn agent_changes(&self, since: u64) -> Result<AgentChanges, StoreError>;

    /// One page of the audit log, newest first.
    async fn audit(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<(Vec<AuditRow>, bool), StoreError>;

    /// The digest of the sample endpoint's key; `None` if the sample is not installed.
    async fn sample_key_hash(&self) -> Result<Option<TokenHash>, StoreError>;

    /// Adds a sign-in link and deletes those that expired before it was created.
    async fn add_link(&self, link: &LinkRow) -> Result<(), StoreError>;

    /// Uses up a link that is good at `session.created_at`, and adds a session with the link's
    /// role in its place. Deletes the session with the digest `previous`, and all that have
    /// expired. Returns the session as added; `None` if the link is not good.
    async fn redeem_link(
        &self,
        link: &TokenHash,
        session: &SessionRow,
        previous: Option<&TokenHash>,
    ) -> Result<Option<SessionRow>, StoreError>;

    /// Adds a session. Deletes the session with the digest `previous`, and all that have expired.
    async fn add_session(
        &self,
        session: &SessionRow,
        previous: Option<&TokenHash>,
    ) -> Result<(), StoreError>;

    /// Every session, expired ones included.
    async fn sessions(&self) -> Result<Vec<SessionRow>, StoreError>;

    /// Records when sessions were last used. Gives up at once if another writer is active: the
    /// next touch comes soon. Returns whether it was written.
    async fn touch_sessions(&self, used: &[(TokenHash, i64)]) -> Result<bool, StoreError>;

    /// Ends a session; does nothing if there is none.
    async fn end_session(&self, hash: &TokenHash) -> Result<(), StoreError>;

    /// Ends the session with a public id, for another one, and records who did. Returns whether
    /// there was one.
    async fn end_session_of(&self, public_id: &str, actor: &Actor) -> Result<bool, StoreError>;

    /// Ends every session and deletes every unused link. Returns the number of sessions.
    async fn end_all_sessions(&self) -> Result<u64, StoreError>;

    /// Every API token, expired ones included, with the current name of its agent.
    async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError>;

    /// Records when tokens were last used, by id. Gives up at once if another writer is active: the
    /// next touch comes soon. Returns whether it was written.
    async fn touch_tokens(&self, used: &[(String, i64)]) -> Result<bool, StoreError>;

    /// Every secret's row, by name.
    async fn secrets(&self) -> Result<BTreeMap<String, SecretRow>, StoreError>;

    /// One secret's row.
    async fn secret(&self, name: &str) -> Result<Option<SecretRow>, StoreError>;

    /// Marks secrets as unsettled before their backend values change, all or none. A name without
    /// a row gets one that expects nothing.
    async fn begin_secret_changes(&self, names: &[String]) -> Result<(), StoreError>;

    /// Marks a secret as settled, and deletes the row of one that is not expected.
    async fn settle_secret(&self, name: &str) -> Result<(), StoreError>;

    /// Records a value that another program stored in place of the expected one.
    async fn adopt_secret(&self, name: &str, value: &ExpectedValue) -> Result<(), StoreError>;
}
