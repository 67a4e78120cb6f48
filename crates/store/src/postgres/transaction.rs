//! [`Transaction`] on PostgreSQL.

use super::connections::{Writing, on};
use super::notifications::Notifications;
use super::{
    agents, audit, configuration, deleted_rows, models, names, new_models, outcomes, previous_keys,
    providers, routing_rows, sample, secrets, settings, sources, tokens, verifications, versions,
};
use crate::agents::StoredAgent;
use crate::audit::{Actor, ChangedValue};
use crate::configuration::{Configuration, StoredProvider, StoredSource};
use crate::deleted_rows::DeletedRows;
use crate::error::StoreError;
use crate::generation::Generation;
use crate::item::Item;
use crate::models::{Merged, ModelMetadata};
use crate::outcomes::{Call, StoredOutcome};
use crate::routing_rows::{RoutingChanges, RoutingRows};
use crate::secrets::ExpectedValue;
use crate::token_hash::TokenHash;
use crate::tokens::TokenRow;
use crate::transaction::Transaction;
use crate::verifications::CredentialCheck;
use async_trait::async_trait;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::sync::Arc;
use waypost_routing::snapshot::ModelEntry;
use waypost_routing::vocabulary::NewModels;

/// A transaction that writes the workspace.
pub(super) struct PostgresTransaction {
    writing: Writing,
    /// When it began, in Unix seconds: the time of all its rows.
    now: i64,
    /// The generation before it.
    began: Generation,
    changes: RoutingChanges,
    notifications: Arc<Notifications>,
}

impl PostgresTransaction {
    pub(super) async fn begin(
        mut writing: Writing,
        now: i64,
        notifications: Arc<Notifications>,
    ) -> Result<Self, StoreError> {
        let began = on!(writing, c => versions::generation(c))?;
        Ok(Self {
            writing,
            now,
            began,
            changes: RoutingChanges::default(),
            notifications,
        })
    }

    fn changed_models_of(&mut self, owner: &str) {
        self.changes.models_of.insert(owner.to_owned());
    }

    /// Notes that a provider or source was added, changed or deleted; its models may be others.
    fn changed_owner(&mut self, owner: &str) {
        self.changes.configuration = true;
        self.changed_models_of(owner);
    }

    fn changed_agent(&mut self, name: &str) {
        self.changes.agents.insert(name.to_owned());
    }
}

/// Runs one step of the transaction.
macro_rules! step {
    ($transaction:expr, $connection:ident, $now:ident => $step:expr) => {{
        #[allow(unused_variables, reason = "not every step writes the time")]
        let $now = $transaction.now;
        on!($transaction.writing, $connection => $step)
    }};
}

async fn record_edit(
    connection: &mut PgConnection,
    now: i64,
    actor: &Actor,
    action: &str,
    item: Item<'_>,
    fields: &[&str],
) -> Result<u64, sqlx::Error> {
    let target = item.to_string();
    audit::record(connection, now, actor, action, &target, fields).await?;
    versions::raise(connection, item, actor, now).await
}

async fn add_provider(
    connection: &mut PgConnection,
    provider: &StoredProvider,
    now: i64,
) -> Result<(), sqlx::Error> {
    names::take(connection, &provider.entry.name, "provider").await?;
    let id = versions::next(connection).await?;
    providers::insert(connection, id, provider, now).await
}

async fn delete_provider(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    providers::delete(connection, name).await?;
    names::release(connection, name).await
}

async fn add_source(
    connection: &mut PgConnection,
    source: &StoredSource,
    now: i64,
) -> Result<(), sqlx::Error> {
    names::take(connection, &source.slug, "source").await?;
    sources::insert(connection, source, now).await
}

async fn delete_source(connection: &mut PgConnection, slug: &str) -> Result<(), sqlx::Error> {
    sources::delete(connection, slug).await?;
    names::release(connection, slug).await
}

async fn delete_owned(connection: &mut PgConnection, owner: &str) -> Result<(), sqlx::Error> {
    models::delete_owner(connection, owner).await?;
    outcomes::forget(connection, owner).await?;
    verifications::forget(connection, owner).await?;
    previous_keys::set(connection, owner, None).await?;
    new_models::set(connection, owner, NewModels::Inherit).await
}

async fn rows_of(
    connection: &mut PgConnection,
    item: Item<'_>,
    with_owned: bool,
) -> Result<DeletedRows, sqlx::Error> {
    match item {
        Item::Agent(name) => deleted_rows::of_agent(connection, name).await,
        Item::Provider(name) => deleted_rows::of_provider(connection, name, with_owned).await,
        Item::Source(slug) => deleted_rows::of_source(connection, slug).await,
        Item::Settings | Item::DefaultModel => Ok(DeletedRows::default()),
    }
}

#[async_trait]
impl Transaction for PostgresTransaction {
    async fn commit(mut self: Box<Self>) -> Result<Generation, StoreError> {
        let generation = match self.changes.is_empty() {
            true => self.began,
            false => {
                let next = on!(self.writing, c => versions::next(c))?;
                Generation(next.unsigned_abs())
            }
        };
        let notify = self.notifications.statement();
        self.writing.commit_after(&notify).await?;
        Ok(generation)
    }

    fn routing_changes(&self) -> RoutingChanges {
        self.changes.clone()
    }

    async fn generation(&mut self) -> Result<Generation, StoreError> {
        Ok(self.began)
    }

    async fn routing_rows(&mut self, since: Generation) -> Result<RoutingRows, StoreError> {
        step!(self, c, now => routing_rows::read(c, since))
    }

    async fn model_entries(&mut self, owner: &str) -> Result<Vec<ModelEntry>, StoreError> {
        step!(self, c, now => models::entries_of(c, owner))
    }

    async fn configuration(&mut self) -> Result<Configuration, StoreError> {
        step!(self, c, now => configuration::read(c))
    }

    async fn agent(&mut self, name: &str) -> Result<Option<StoredAgent>, StoreError> {
        step!(self, c, now => agents::find(c, name))
    }

    async fn sample_key_hash(&mut self) -> Result<Option<TokenHash>, StoreError> {
        step!(self, c, now => sample::key_hash(c))
    }

    async fn record(
        &mut self,
        actor: &Actor,
        action: &str,
        target: &str,
        fields: &[&str],
    ) -> Result<(), StoreError> {
        step!(self, c, now => audit::record(c, now, actor, action, target, fields))
    }

    async fn record_values(&mut self, values: &[ChangedValue]) -> Result<(), StoreError> {
        step!(self, c, now => audit::record_values(c, values))
    }

    async fn update_provider(&mut self, provider: &StoredProvider) -> Result<(), StoreError> {
        self.changed_owner(&provider.entry.name);
        step!(self, c, now => providers::update(c, provider, now))
    }

    async fn update_source(&mut self, source: &StoredSource) -> Result<(), StoreError> {
        self.changed_owner(&source.slug);
        step!(self, c, now => sources::update(c, source, now))
    }

    async fn put_agent(&mut self, name: &str, yaml: &str) -> Result<(), StoreError> {
        self.changed_agent(name);
        step!(self, c, now => agents::put(c, name, yaml))
    }

    async fn set_agent_allow_private(
        &mut self,
        name: &str,
        origins: &[String],
    ) -> Result<(), StoreError> {
        self.changed_agent(name);
        step!(self, c, now => agents::set_allow_private(c, name, origins))
    }

    async fn rename_agent(&mut self, name: &str, new_name: &str) -> Result<(), StoreError> {
        self.changed_agent(name);
        self.changed_agent(new_name);
        step!(self, c, now => agents::rename(c, name, new_name))
    }

    async fn add_token(&mut self, token: &TokenRow) -> Result<(), StoreError> {
        step!(self, c, now => tokens::add(c, token))
    }

    async fn count_live_tokens(
        &mut self,
        agent_id: &str,
        label: &str,
        now: i64,
    ) -> Result<u64, StoreError> {
        step!(self, c, begun => tokens::count_live(c, agent_id, label, now))
    }

    async fn delete_token(&mut self, id: &str) -> Result<bool, StoreError> {
        step!(self, c, now => tokens::delete(c, id))
    }

    async fn delete_agent(&mut self, name: &str) -> Result<(), StoreError> {
        self.changed_agent(name);
        step!(self, c, now => agents::delete(c, name))
    }

    async fn set_managed_gateway(&mut self, name: &str) -> Result<(), StoreError> {
        self.changes.configuration = true;
        step!(self, c, now => settings::set_managed_gateway(c, name))
    }

    async fn set_new_models_start_disabled(&mut self, disabled: bool) -> Result<(), StoreError> {
        self.changes.configuration = true;
        step!(self, c, now => settings::set_new_models_start_disabled(c, disabled))
    }

    async fn set_refuse_body_routing(&mut self, refuses: bool) -> Result<(), StoreError> {
        self.changes.configuration = true;
        step!(self, c, now => settings::set_refuse_body_routing(c, refuses))
    }

    async fn set_default_model(&mut self, model_ref: Option<&str>) -> Result<(), StoreError> {
        self.changes.configuration = true;
        step!(self, c, now => settings::set_default_model(c, model_ref))
    }

    async fn set_new_models(&mut self, owner: &str, policy: NewModels) -> Result<(), StoreError> {
        step!(self, c, now => new_models::set(c, owner, policy))
    }

    async fn first_unknown_model(
        &mut self,
        models: &[(&str, &str)],
    ) -> Result<Option<(String, String)>, StoreError> {
        step!(self, c, now => models::first_unknown(c, models))
    }

    async fn set_models_enabled(
        &mut self,
        models: &[(&str, &str)],
        enabled: bool,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let switched: Result<Vec<(String, String)>, StoreError> =
            step!(self, c, now => models::set_enabled(c, models, enabled));
        if switched.as_ref().is_ok_and(|switched| !switched.is_empty()) {
            for (owner, _) in models {
                if !self.changes.models_of.contains(*owner) {
                    self.changed_models_of(owner);
                }
            }
        }
        switched
    }

    async fn merge_models(
        &mut self,
        owner: &str,
        listed: &BTreeMap<String, ModelMetadata>,
        new_enabled: bool,
    ) -> Result<Merged, StoreError> {
        let merged: Result<Merged, StoreError> =
            step!(self, c, now => models::merge(c, owner, listed, new_enabled, now));
        if let Ok(merged) = &merged {
            let parts = [&merged.added, &merged.removed, &merged.changed];
            if parts.iter().any(|ids| !ids.is_empty()) {
                self.changed_models_of(owner);
            }
        }
        merged
    }

    async fn record_outcome(
        &mut self,
        owner: &str,
        call: Call,
        outcome: &StoredOutcome,
    ) -> Result<(), StoreError> {
        step!(self, c, now => outcomes::record(c, owner, call, outcome, now))
    }

    async fn record_verification(
        &mut self,
        owner: &str,
        check: &CredentialCheck,
    ) -> Result<(), StoreError> {
        step!(self, c, now => verifications::record(c, owner, check, now))
    }

    async fn set_previous_key(
        &mut self,
        owner: &str,
        until: Option<i64>,
    ) -> Result<(), StoreError> {
        step!(self, c, now => previous_keys::set(c, owner, until))
    }

    async fn forget_refusals(&mut self, owner: &str) -> Result<(), StoreError> {
        step!(self, c, now => outcomes::forget_refusals(c, owner))
    }

    async fn restore_rows(&mut self, rows: &DeletedRows) -> Result<(), StoreError> {
        step!(self, c, now => deleted_rows::restore(c, rows))
    }

    async fn set_sample(&mut self, key_hash: &TokenHash) -> Result<(), StoreError> {
        step!(self, c, now => sample::set(c, key_hash, now))
    }

    async fn clear_sample(&mut self) -> Result<(), StoreError> {
        step!(self, c, now => sample::clear(c))
    }

    async fn expect_secret(
        &mut self,
        name: &str,
        value: Option<&ExpectedValue>,
    ) -> Result<(), StoreError> {
        step!(self, c, now => secrets::expect(c, name, value))
    }

    async fn record_edit(
        &mut self,
        actor: &Actor,
        action: &str,
        item: Item<'_>,
        fields: &[&str],
    ) -> Result<u64, StoreError> {
        match item {
            Item::Settings | Item::DefaultModel => self.changes.configuration = true,
            Item::Provider(owner) | Item::Source(owner) => self.changed_owner(owner),
            Item::Agent(name) => self.changed_agent(name),
        }
        step!(self, c, now => record_edit(c, now, actor, action, item, fields))
    }

    async fn add_provider(&mut self, provider: &StoredProvider) -> Result<(), StoreError> {
        self.changed_owner(&provider.entry.name);
        step!(self, c, now => add_provider(c, provider, now))
    }

    async fn delete_provider(&mut self, name: &str) -> Result<(), StoreError> {
        self.changed_owner(name);
        step!(self, c, now => delete_provider(c, name))
    }

    async fn add_source(&mut self, source: &StoredSource) -> Result<(), StoreError> {
        self.changed_owner(&source.slug);
        step!(self, c, now => add_source(c, source, now))
    }

    async fn delete_source(&mut self, slug: &str) -> Result<(), StoreError> {
        self.changed_owner(slug);
        step!(self, c, now => delete_source(c, slug))
    }

    async fn delete_owned(&mut self, owner: &str) -> Result<(), StoreError> {
        self.changed_models_of(owner);
        step!(self, c, now => delete_owned(c, owner))
    }

    async fn rows_of(
        &mut self,
        item: Item<'_>,
        with_owned: bool,
    ) -> Result<DeletedRows, StoreError> {
        step!(self, c, now => rows_of(c, item, with_owned))
    }
}
