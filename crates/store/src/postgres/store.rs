//! [`Store`] on PostgreSQL.

use super::connections::{Connections, Writer, on};
use super::notifications::Notifications;
use super::transaction::PostgresTransaction;
use super::{
    agents, audit, configuration, links, meta, models, outcomes, routing_rows, sample, secrets,
    sessions, tokens, verifications, versions,
};
use crate::agents::{AgentChanges, StoredAgent};
use crate::audit::{Actor, AuditFilter, AuditRow, ChangedValue};
use crate::configuration::Configuration;
use crate::database_description::DatabaseDescription;
use crate::error::{StoreError, StoreErrorKind};
use crate::generation::Generation;
use crate::models::{ModelsFilter, Position, StoredModel};
use crate::outcomes::{OwnerRows, StoredCounts};
use crate::routing_rows::RoutingRows;
use crate::secrets::{ExpectedValue, SecretRow};
use crate::sessions::{LinkRow, SessionRow};
use crate::store::Store;
use crate::token_hash::TokenHash;
use crate::tokens::TokenRow;
use crate::transaction::Transaction;
use async_trait::async_trait;
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use waypost_routing::snapshot::ModelEntry;
use waypost_routing::vocabulary::SecretsBackendKind;
use waypost_system::{clock, random};

/// How many connections read at once.
const READERS: u32 = 6;

/// How many connections write: one, and one that still rolls back.
const WRITERS: u32 = 2;

/// The workspace in a PostgreSQL database.
pub struct PostgresStore {
    readers: Connections,
    writer: Writer,
    description: DatabaseDescription,
    notifications: Arc<Notifications>,
}

impl PostgresStore {
    pub(super) fn new(options: &PgConnectOptions, description: DatabaseDescription) -> Self {
        let listener = Connections::new(options.clone(), 1);
        Self {
            description,
            readers: Connections::new(options.clone(), READERS),
            writer: Writer::new(Connections::new(options.clone(), WRITERS)),
            notifications: Arc::new(Notifications::listen(listener)),
        }
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }
}

/// Runs one statement that reads.
macro_rules! get {
    ($store:expr, $connection:ident => $read:expr) => {{
        let mut lent = $store.readers.acquire().await?;
        on!(lent, $connection => $read)
    }};
}

/// Runs statements that read one consistent state.
macro_rules! read {
    ($store:expr, $connection:ident => $read:expr) => {{
        let mut lent = $store.readers.begin_reading().await?;
        let answer = on!(lent, $connection => $read)?;
        lent.commit().await?;
        Ok(answer)
    }};
}

/// Runs a write in a separate transaction.
macro_rules! write {
    ($store:expr, $connection:ident => $write:expr) => {{
        let mut writing = $store.writer.begin().await?;
        let answer = on!(writing, $connection => $write)?;
        writing
            .commit_after(&$store.notifications.statement())
            .await?;
        Ok(answer)
    }};
}

async fn owner_rows(connection: &mut PgConnection) -> Result<OwnerRows, sqlx::Error> {
    Ok(OwnerRows {
        counts: models::counts(connection).await?,
        outcomes: outcomes::list(connection).await?,
        verifications: verifications::list(connection).await?,
    })
}

async fn add_link(connection: &mut PgConnection, link: &LinkRow) -> Result<(), sqlx::Error> {
    links::add(connection, link).await?;
    let target = format!("role:{}", link.role.name());
    let actor = Actor::system();
    audit::record(
        connection,
        link.created_at,
        &actor,
        "sign_in_link.make",
        &target,
        &[],
    )
    .await
}

async fn redeem_link(
    connection: &mut PgConnection,
    link: &TokenHash,
    session: &SessionRow,
    previous: Option<&TokenHash>,
) -> Result<Option<SessionRow>, sqlx::Error> {
    let now = session.created_at;
    let Some(role) = links::redeem(connection, link, now).await? else {
        return Ok(None);
    };
    let session = SessionRow {
        role,
        ..session.clone()
    };
    begin_session(connection, &session, previous).await?;
    Ok(Some(session))
}

async fn begin_session(
    connection: &mut PgConnection,
    session: &SessionRow,
    previous: Option<&TokenHash>,
) -> Result<(), sqlx::Error> {
    if let Some(previous) = previous {
        sessions::delete(connection, previous).await?;
    }
    sessions::add(connection, session).await?;
    let now = session.created_at;
    let actor = Actor::session(&session.public_id, session.label());
    audit::record(connection, now, &actor, "session.begin", "session", &[]).await?;
    let value = |field: &str, after: &str| ChangedValue {
        field: field.to_owned(),
        before: None,
        after: Some(after.to_owned()),
    };
    let mut values = vec![value("role", session.role.name())];
    if !session.client.address.is_empty() {
        values.push(value("address", &session.client.address));
    }
    // Names may be equal, and change: these two identify the person.
    if let Some(person) = &session.person {
        values.push(value("subject", &person.subject));
        values.push(value("issuer", &person.issuer));
    }
    audit::record_values(connection, &values).await
}

async fn end_session(connection: &mut PgConnection, hash: &TokenHash) -> Result<(), sqlx::Error> {
    if let Some((public_id, label)) = sessions::delete(connection, hash).await? {
        let (now, actor) = (clock::now(), Actor::session(&public_id, &label));
        audit::record(connection, now, &actor, "session.end", "session", &[]).await?;
    }
    Ok(())
}

async fn end_session_of(
    connection: &mut PgConnection,
    public_id: &str,
    actor: &Actor,
) -> Result<bool, sqlx::Error> {
    let Some(label) = sessions::delete_by_id(connection, public_id).await? else {
        return Ok(false);
    };
    let target = Actor::session(public_id, &label);
    let (now, target) = (clock::now(), target.as_str());
    audit::record(connection, now, actor, "session.end_other", target, &[]).await?;
    Ok(true)
}

async fn end_all_sessions(connection: &mut PgConnection) -> Result<u64, sqlx::Error> {
    links::clear(connection).await?;
    let ended = sessions::clear(connection).await?;
    let (now, actor) = (clock::now(), Actor::system());
    audit::record(connection, now, &actor, "session.end_all", "session", &[]).await?;
    Ok(ended)
}

#[async_trait]
impl Store for PostgresStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let writing = self.writer.begin().await?;
        let begun =
            PostgresTransaction::begin(writing, clock::now(), self.notifications.clone()).await?;
        Ok(Box::new(begun))
    }

    async fn generation(&self) -> Result<Generation, StoreError> {
        get!(self, c => versions::generation(c))
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.notifications.changes()
    }

    async fn routing_rows(&self, since: Generation) -> Result<RoutingRows, StoreError> {
        read!(self, c => routing_rows::read(c, since))
    }

    fn database(&self) -> &DatabaseDescription {
        &self.description
    }

    async fn writable(&self) -> Result<(), StoreError> {
        let Some(failure) = self.writer.last_failure() else {
            return Ok(());
        };
        // Writing has failed: try again, with a write that leaves nothing.
        let Some(mut writing) = self.writer.try_begin().await? else {
            return Err(StoreError::new(StoreErrorKind::Busy, failure));
        };
        on!(writing, c => meta::probe_write(c))?;
        writing.commit().await
    }

    async fn close(&self) {
        self.notifications.stop();
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn workspace_id(&self) -> Result<String, StoreError> {
        let new_id = random::public_id();
        write!(self, c => meta::workspace_id(c, &new_id, clock::now()))
    }

    async fn configuration(&self) -> Result<Configuration, StoreError> {
        read!(self, c => configuration::read(c))
    }

    async fn owner_rows(&self) -> Result<OwnerRows, StoreError> {
        read!(self, c => owner_rows(c))
    }

    async fn add_link(&self, link: &LinkRow) -> Result<(), StoreError> {
        write!(self, c => add_link(c, link))
    }

    async fn redeem_link(
        &self,
        link: &TokenHash,
        session: &SessionRow,
        previous: Option<&TokenHash>,
    ) -> Result<Option<SessionRow>, StoreError> {
        // Anyone may send an invalid link: it is refused without a place in the writers' queue.
        let is_valid: Result<bool, StoreError> =
            read!(self, c => links::is_valid(c, link, session.created_at));
        if !is_valid? {
            return Ok(None);
        }
        write!(self, c => redeem_link(c, link, session, previous))
    }

    async fn add_session(
        &self,
        session: &SessionRow,
        previous: Option<&TokenHash>,
    ) -> Result<(), StoreError> {
        write!(self, c => begin_session(c, session, previous))
    }

    async fn touch_sessions(&self, used: &[(TokenHash, i64)]) -> Result<bool, StoreError> {
        let Some(mut writing) = self.writer.try_begin().await? else {
            return Ok(false);
        };
        for (hash, at) in used {
            on!(writing, c => sessions::touch(c, hash, *at))?;
        }
        writing.commit().await?;
        Ok(true)
    }

    async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        get!(self, c => tokens::list(c))
    }

    async fn touch_tokens(&self, used: &[(String, i64)]) -> Result<bool, StoreError> {
        let Some(mut writing) = self.writer.try_begin().await? else {
            return Ok(false);
        };
        for (id, at) in used {
            on!(writing, c => tokens::touch(c, id, *at))?;
        }
        writing.commit().await?;
        Ok(true)
    }

    async fn end_session(&self, hash: &TokenHash) -> Result<(), StoreError> {
        write!(self, c => end_session(c, hash))
    }

    async fn end_session_of(&self, public_id: &str, actor: &Actor) -> Result<bool, StoreError> {
        write!(self, c => end_session_of(c, public_id, actor))
    }

    async fn end_all_sessions(&self) -> Result<u64, StoreError> {
        write!(self, c => end_all_sessions(c))
    }

    async fn secrets_backend(&self) -> Result<Option<SecretsBackendKind>, StoreError> {
        get!(self, c => meta::secrets_backend(c))
    }

    async fn sign_in_links(&self) -> Result<bool, StoreError> {
        get!(self, c => meta::sign_in_links(c))
    }

    async fn dashboard_url(&self) -> Result<Option<String>, StoreError> {
        get!(self, c => meta::dashboard_url(c))
    }

    async fn model_entries(&self) -> Result<Vec<ModelEntry>, StoreError> {
        get!(self, c => models::entries(c))
    }

    async fn models(
        &self,
        filter: &ModelsFilter,
        after: Option<&Position>,
        limit: u32,
    ) -> Result<(Vec<StoredModel>, u64), StoreError> {
        read!(self, c => models::page(c, filter, after, limit))
    }

    async fn enabled_models(&self) -> Result<Vec<(String, String, i64)>, StoreError> {
        get!(self, c => models::all_enabled(c))
    }

    async fn model_counts(
        &self,
        filter: &ModelsFilter,
    ) -> Result<BTreeMap<String, StoredCounts>, StoreError> {
        get!(self, c => models::counts_of(c, filter))
    }

    async fn model_enabled(&self, owner: &str, id: &str) -> Result<Option<bool>, StoreError> {
        get!(self, c => models::enabled(c, owner, id))
    }

    async fn agents(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<(Vec<StoredAgent>, bool), StoreError> {
        read!(self, c => agents::page(c, after, limit))
    }

    async fn agent(&self, name: &str) -> Result<Option<StoredAgent>, StoreError> {
        get!(self, c => agents::find(c, name))
    }

    async fn agent_name(&self, id: &str) -> Result<Option<String>, StoreError> {
        get!(self, c => agents::name_of(c, id))
    }

    async fn agent_changes(&self, since: u64) -> Result<AgentChanges, StoreError> {
        read!(self, c => agents::changes(c, since))
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<(Vec<AuditRow>, bool), StoreError> {
        get!(self, c => audit::page(c, filter, limit))
    }

    async fn sample_key_hash(&self) -> Result<Option<TokenHash>, StoreError> {
        get!(self, c => sample::key_hash(c))
    }

    async fn sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        get!(self, c => sessions::list(c))
    }

    async fn secrets(&self) -> Result<BTreeMap<String, SecretRow>, StoreError> {
        get!(self, c => secrets::list(c))
    }

    async fn secret(&self, name: &str) -> Result<Option<SecretRow>, StoreError> {
        get!(self, c => secrets::find(c, name))
    }

    async fn record_secrets_backend(&self, backend: SecretsBackendKind) -> Result<(), StoreError> {
        write!(self, c => meta::record_secrets_backend(c, backend))
    }

    async fn record_sign_in_links(&self, accepted: bool) -> Result<(), StoreError> {
        write!(self, c => meta::record_sign_in_links(c, accepted))
    }

    async fn record_dashboard_url(&self, url: &str) -> Result<(), StoreError> {
        write!(self, c => meta::record_dashboard_url(c, url))
    }

    async fn begin_secret_changes(&self, names: &[String]) -> Result<(), StoreError> {
        write!(self, c => secrets::begin(c, names))
    }

    async fn settle_secret(&self, name: &str) -> Result<(), StoreError> {
        write!(self, c => secrets::settle(c, name))
    }

    async fn adopt_secret(&self, name: &str, value: &ExpectedValue) -> Result<(), StoreError> {
        write!(self, c => secrets::adopt(c, name, value))
    }
}
