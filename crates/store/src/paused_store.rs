//! A store that stops before each call, for tests of what happens in between.

mod transaction;

use crate::sessions::{LinkRow, SessionRow};
use crate::token_hash::TokenHash;
use crate::{
    Actor, AgentChanges, AuditFilter, AuditRow, Configuration, DatabaseDescription, ExpectedValue,
    Generation, ModelsFilter, OwnerRows, Position, RoutingRows, SecretRow, Store, StoreError,
    StoredAgent, StoredCounts, StoredModel, TokenRow, Transaction,
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use transaction::PausedTransaction;
use waypost_routing::snapshot::ModelEntry;
use waypost_routing::vocabulary::SecretsBackendKind;

/// What runs before a call. An error is returned in place of the call.
pub type Hook = Box<
    dyn Fn(&'static str) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>
        + Send
        + Sync,
>;

/// Runs a hook before each call of a [`PausedStore`] and its transactions.
#[derive(Clone)]
struct Gate(Arc<Paused>);

struct Paused {
    hook: Hook,
    writing: Arc<AtomicBool>,
}

impl Gate {
    async fn pass(&self, call: &'static str) -> Result<(), StoreError> {
        (self.0.hook)(call).await
    }
}

/// A store that runs a hook before each call.
pub struct PausedStore {
    inner: Arc<dyn Store>,
    gate: Gate,
}

impl PausedStore {
    /// Puts a hook before every call of a store. `writing` tells whether a transaction of this
    /// store is open.
    pub fn new(inner: Arc<dyn Store>, writing: Arc<AtomicBool>, hook: Hook) -> Self {
        let gate = Gate(Arc::new(Paused { hook, writing }));
        Self { inner, gate }
    }
}

#[async_trait]
impl Store for PausedStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        self.gate.pass("begin").await?;
        let inner = self.inner.begin().await?;
        self.gate.0.writing.store(true, Ordering::SeqCst);
        Ok(Box::new(PausedTransaction::new(inner, self.gate.clone())))
    }

    async fn generation(&self) -> Result<Generation, StoreError> {
        self.gate.pass("generation").await?;
        self.inner.generation().await
    }

    async fn routing_rows(&self, since: Generation) -> Result<RoutingRows, StoreError> {
        self.gate.pass("routing_rows").await?;
        self.inner.routing_rows(since).await
    }

    fn database(&self) -> &DatabaseDescription {
        self.inner.database()
    }

    async fn writable(&self) -> Result<(), StoreError> {
        self.gate.pass("writable").await?;
        self.inner.writable().await
    }

    fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.changes()
    }

    async fn close(&self) {
        self.inner.close().await
    }

    async fn workspace_id(&self) -> Result<String, StoreError> {
        self.gate.pass("workspace_id").await?;
        self.inner.workspace_id().await
    }

    async fn secrets_backend(&self) -> Result<Option<SecretsBackendKind>, StoreError> {
        self.gate.pass("secrets_backend").await?;
        self.inner.secrets_backend().await
    }

    async fn record_secrets_backend(&self, backend: SecretsBackendKind) -> Result<(), StoreError> {
        self.gate.pass("record_secrets_backend").await?;
        self.inner.record_secrets_backend(backend).await
    }

    async fn dashboard_url(&self) -> Result<Option<String>, StoreError> {
        self.gate.pass("dashboard_url").await?;
        self.inner.dashboard_url().await
    }

    async fn sign_in_links(&self) -> Result<bool, StoreError> {
        self.gate.pass("sign_in_links").await?;
        self.inner.sign_in_links().await
    }

    async fn record_sign_in_links(&self, accepted: bool) -> Result<(), StoreError> {
        self.gate.pass("record_sign_in_links").await?;
        self.inner.record_sign_in_links(accepted).await
    }

    async fn record_dashboard_url(&self, url: &str) -> Result<(), StoreError> {
        self.gate.pass("record_dashboard_url").await?;
        self.inner.record_dashboard_url(url).await
    }

    async fn configuration(&self) -> Result<Configuration, StoreError> {
        self.gate.pass("configuration").await?;
        self.inner.configuration().await
    }

    async fn owner_rows(&self) -> Result<OwnerRows, StoreError> {
        self.gate.pass("owner_rows").await?;
        self.inner.owner_rows().await
    }

    async fn model_entries(&self) -> Result<Vec<ModelEntry>, StoreError> {
        self.gate.pass("model_entries").await?;
        self.inner.model_entries().await
    }

    async fn models(
        &self,
        filter: &ModelsFilter,
        after: Option<&Position>,
        limit: u32,
    ) -> Result<(Vec<StoredModel>, u64), StoreError> {
        self.gate.pass("models").await?;
        self.inner.models(filter, after, limit).await
    }

    async fn enabled_models(&self) -> Result<Vec<(String, String, i64)>, StoreError> {
        self.gate.pass("enabled_models").await?;
        self.inner.enabled_models().await
    }

    async fn model_counts(
        &self,
        filter: &ModelsFilter,
    ) -> Result<BTreeMap<String, StoredCounts>, StoreError> {
        self.gate.pass("model_counts").await?;
        self.inner.model_counts(filter).await
    }

    async fn model_enabled(&self, owner: &str, id: &str) -> Result<Option<bool>, StoreError> {
        self.gate.pass("model_enabled").await?;
        self.inner.model_enabled(owner, id).await
    }

    async fn agents(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<(Vec<StoredAgent>, bool), StoreError> {
        self.gate.pass("agents").await?;
        self.inner.agents(after, limit).await
    }

    async fn agent(&self, name: &str) -> Result<Option<StoredAgent>, StoreError> {
        self.gate.pass("agent").await?;
        self.inner.agent(name).await
    }

    async fn agent_name(&self, id: &str) -> Result<Option<String>, StoreError> {
        self.gate.pass("agent_name").await?;
        self.inner.agent_name(id).await
    }

    async fn agent_changes(&self, since: u64) -> Result<AgentChanges, StoreError> {
        self.gate.pass("agent_changes").await?;
        self.inner.agent_changes(since).await
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<(Vec<AuditRow>, bool), StoreError> {
        self.gate.pass("audit").await?;
        self.inner.audit(filter, limit).await
    }

    async fn sample_key_hash(&self) -> Result<Option<TokenHash>, StoreError> {
        self.gate.pass("sample_key_hash").await?;
        self.inner.sample_key_hash().await
    }

    async fn add_link(&self, link: &LinkRow) -> Result<(), StoreError> {
        self.gate.pass("add_link").await?;
        self.inner.add_link(link).await
    }

    async fn add_session(
        &self,
        session: &SessionRow,
        previous: Option<&TokenHash>,
    ) -> Result<(), StoreError> {
        self.gate.pass("add_session").await?;
        self.inner.add_session(session, previous).await
    }

    async fn redeem_link(
        &self,
        link: &TokenHash,
        session: &SessionRow,
        previous: Option<&TokenHash>,
    ) -> Result<Option<SessionRow>, StoreError> {
        self.gate.pass("redeem_link").await?;
        self.inner.redeem_link(link, session, previous).await
    }

    async fn sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        self.gate.pass("sessions").await?;
        self.inner.sessions().await
    }

    async fn touch_sessions(&self, used: &[(TokenHash, i64)]) -> Result<bool, StoreError> {
        self.gate.pass("touch_sessions").await?;
        self.inner.touch_sessions(used).await
    }

    async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        self.gate.pass("tokens").await?;
        self.inner.tokens().await
    }

    async fn touch_tokens(&self, used: &[(String, i64)]) -> Result<bool, StoreError> {
        self.gate.pass("touch_tokens").await?;
        self.inner.touch_tokens(used).await
    }

    async fn end_session(&self, hash: &TokenHash) -> Result<(), StoreError> {
        self.gate.pass("end_session").await?;
        self.inner.end_session(hash).await
    }

    async fn end_session_of(&self, public_id: &str, actor: &Actor) -> Result<bool, StoreError> {
        self.gate.pass("end_session_of").await?;
        self.inner.end_session_of(public_id, actor).await
    }

    async fn end_all_sessions(&self) -> Result<u64, StoreError> {
        self.gate.pass("end_all_sessions").await?;
        self.inner.end_all_sessions().await
    }

    async fn secrets(&self) -> Result<BTreeMap<String, SecretRow>, StoreError> {
        self.gate.pass("secrets").await?;
        self.inner.secrets().await
    }

    async fn secret(&self, name: &str) -> Result<Option<SecretRow>, StoreError> {
        self.gate.pass("secret").await?;
        self.inner.secret(name).await
    }

    async fn begin_secret_changes(&self, names: &[String]) -> Result<(), StoreError> {
        self.gate.pass("begin_secret_changes").await?;
        self.inner.begin_secret_changes(names).await
    }

    async fn settle_secret(&self, name: &str) -> Result<(), StoreError> {
        self.gate.pass("settle_secret").await?;
        self.inner.settle_secret(name).await
    }

    async fn adopt_secret(&self, name: &str, value: &ExpectedValue) -> Result<(), StoreError> {
        self.gate.pass("adopt_secret").await?;
        self.inner.adopt_secret(name, value).await
    }
}
