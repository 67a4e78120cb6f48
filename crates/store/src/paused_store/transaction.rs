//! The transactions of a store that stops before each call.

use super::Gate;
use crate::token_hash::TokenHash;
use crate::{
    Actor, Call, ChangedValue, Configuration, CredentialCheck, DeletedRows, ExpectedValue,
    Generation, Item, Merged, ModelMetadata, RoutingChanges, RoutingRows, StoreError, StoredAgent,
    StoredOutcome, StoredProvider, StoredSource, TokenRow, Transaction,
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use waypost_routing::snapshot::ModelEntry;
use waypost_routing::vocabulary::NewModels;

/// A transaction that runs the hook of its store before each call.
pub(super) struct PausedTransaction {
    inner: Option<Box<dyn Transaction>>,
    gate: Gate,
}

impl PausedTransaction {
    pub(super) fn new(inner: Box<dyn Transaction>, gate: Gate) -> Self {
        Self {
            inner: Some(inner),
            gate,
        }
    }

    fn inner(&mut self) -> &mut dyn Transaction {
        &mut **self.inner.as_mut().expect("it has not ended")
    }
}

impl Drop for PausedTransaction {
    fn drop(&mut self) {
        self.gate.0.writing.store(false, Ordering::SeqCst);
    }
}

#[async_trait]
impl Transaction for PausedTransaction {
    async fn commit(mut self: Box<Self>) -> Result<Generation, StoreError> {
        self.gate.pass("commit").await?;
        let inner = self.inner.take().expect("it ends once");
        inner.commit().await
    }

    fn routing_changes(&self) -> RoutingChanges {
        self.inner
            .as_ref()
            .expect("it has not ended")
            .routing_changes()
    }

    async fn generation(&mut self) -> Result<Generation, StoreError> {
        self.gate.pass("generation").await?;
        self.inner().generation().await
    }

    async fn routing_rows(&mut self, since: Generation) -> Result<RoutingRows, StoreError> {
        self.gate.pass("routing_rows").await?;
        self.inner().routing_rows(since).await
    }

    async fn model_entries(&mut self, owner: &str) -> Result<Vec<ModelEntry>, StoreError> {
        self.gate.pass("model_entries").await?;
        self.inner().model_entries(owner).await
    }

    async fn configuration(&mut self) -> Result<Configuration, StoreError> {
        self.gate.pass("configuration").await?;
        self.inner().configuration().await
    }

    async fn agent(&mut self, name: &str) -> Result<Option<StoredAgent>, StoreError> {
        self.gate.pass("agent").await?;
        self.inner().agent(name).await
    }

    async fn sample_key_hash(&mut self) -> Result<Option<TokenHash>, StoreError> {
        self.gate.pass("sample_key_hash").await?;
        self.inner().sample_key_hash().await
    }

    async fn record_edit(
        &mut self,
        actor: &Actor,
        action: &str,
        item: Item<'_>,
        fields: &[&str],
    ) -> Result<u64, StoreError> {
        self.gate.pass("record_edit").await?;
        self.inner().record_edit(actor, action, item, fields).await
    }

    async fn record(
        &mut self,
        actor: &Actor,
        action: &str,
        target: &str,
        fields: &[&str],
    ) -> Result<(), StoreError> {
        self.gate.pass("record").await?;
        self.inner().record(actor, action, target, fields).await
    }

    async fn record_values(&mut self, values: &[ChangedValue]) -> Result<(), StoreError> {
        self.gate.pass("record_values").await?;
        self.inner().record_values(values).await
    }

    async fn add_provider(&mut self, provider: &StoredProvider) -> Result<(), StoreError> {
        self.gate.pass("add_provider").await?;
        self.inner().add_provider(provider).await
    }

    async fn update_provider(&mut self, provider: &StoredProvider) -> Result<(), StoreError> {
        self.gate.pass("update_provider").await?;
        self.inner().update_provider(provider).await
    }

    async fn delete_provider(&mut self, name: &str) -> Result<(), StoreError> {
        self.gate.pass("delete_provider").await?;
        self.inner().delete_provider(name).await
    }

    async fn add_source(&mut self, source: &StoredSource) -> Result<(), StoreError> {
        self.gate.pass("add_source").await?;
        self.inner().add_source(source).await
    }

    async fn update_source(&mut self, source: &StoredSource) -> Result<(), StoreError> {
        self.gate.pass("update_source").await?;
        self.inner().update_source(source).await
    }

    async fn delete_source(&mut self, slug: &str) -> Result<(), StoreError> {
        self.gate.pass("delete_source").await?;
        self.inner().delete_source(slug).await
    }

    async fn delete_owned(&mut self, owner: &str) -> Result<(), StoreError> {
        self.gate.pass("delete_owned").await?;
        self.inner().delete_owned(owner).await
    }

    async fn put_agent(&mut self, name: &str, yaml: &str) -> Result<(), StoreError> {
        self.gate.pass("put_agent").await?;
        self.inner().put_agent(name, yaml).await
    }

    async fn set_agent_allow_private(
        &mut self,
        name: &str,
        origins: &[String],
    ) -> Result<(), StoreError> {
        self.gate.pass("set_agent_allow_private").await?;
        self.inner().set_agent_allow_private(name, origins).await
    }

    async fn rename_agent(&mut self, name: &str, new_name: &str) -> Result<(), StoreError> {
        self.gate.pass("rename_agent").await?;
        self.inner().rename_agent(name, new_name).await
    }

    async fn add_token(&mut self, token: &TokenRow) -> Result<(), StoreError> {
        self.gate.pass("add_token").await?;
        self.inner().add_token(token).await
    }

    async fn count_live_tokens(
        &mut self,
        agent_id: &str,
        label: &str,
        now: i64,
    ) -> Result<u64, StoreError> {
        self.gate.pass("count_live_tokens").await?;
        self.inner().count_live_tokens(agent_id, label, now).await
    }

    async fn delete_token(&mut self, id: &str) -> Result<bool, StoreError> {
        self.gate.pass("delete_token").await?;
        self.inner().delete_token(id).await
    }

    async fn delete_agent(&mut self, name: &str) -> Result<(), StoreError> {
        self.gate.pass("delete_agent").await?;
        self.inner().delete_agent(name).await
    }

    async fn set_managed_gateway(&mut self, name: &str) -> Result<(), StoreError> {
        self.gate.pass("set_managed_gateway").await?;
        self.inner().set_managed_gateway(name).await
    }

    async fn set_new_models_start_disabled(&mut self, disabled: bool) -> Result<(), StoreError> {
        self.gate.pass("set_new_models_start_disabled").await?;
        self.inner().set_new_models_start_disabled(disabled).await
    }

    async fn set_refuse_body_routing(&mut self, refuses: bool) -> Result<(), StoreError> {
        self.gate.pass("set_refuse_body_routing").await?;
        self.inner().set_refuse_body_routing(refuses).await
    }

    async fn set_default_model(&mut self, model_ref: Option<&str>) -> Result<(), StoreError> {
        self.gate.pass("set_default_model").await?;
        self.inner().set_default_model(model_ref).await
    }

    async fn set_new_models(&mut self, owner: &str, policy: NewModels) -> Result<(), StoreError> {
        self.gate.pass("set_new_models").await?;
        self.inner().set_new_models(owner, policy).await
    }

    async fn first_unknown_model(
        &mut self,
        models: &[(&str, &str)],
    ) -> Result<Option<(String, String)>, StoreError> {
        self.gate.pass("first_unknown_model").await?;
        self.inner().first_unknown_model(models).await
    }

    async fn set_models_enabled(
        &mut self,
        models: &[(&str, &str)],
        enabled: bool,
    ) -> Result<Vec<(String, String)>, StoreError> {
        self.gate.pass("set_models_enabled").await?;
        self.inner().set_models_enabled(models, enabled).await
    }

    async fn merge_models(
        &mut self,
        owner: &str,
        listed: &BTreeMap<String, ModelMetadata>,
        new_enabled: bool,
    ) -> Result<Merged, StoreError> {
        self.gate.pass("merge_models").await?;
        self.inner().merge_models(owner, listed, new_enabled).await
    }

    async fn record_outcome(
        &mut self,
        owner: &str,
        call: Call,
        outcome: &StoredOutcome,
    ) -> Result<(), StoreError> {
        self.gate.pass("record_outcome").await?;
        self.inner().record_outcome(owner, call, outcome).await
    }

    async fn rows_of(
        &mut self,
        item: Item<'_>,
        with_owned: bool,
    ) -> Result<DeletedRows, StoreError> {
        self.gate.pass("rows_of").await?;
        self.inner().rows_of(item, with_owned).await
    }

    async fn restore_rows(&mut self, rows: &DeletedRows) -> Result<(), StoreError> {
        self.gate.pass("restore_rows").await?;
        self.inner().restore_rows(rows).await
    }

    async fn record_verification(
        &mut self,
        owner: &str,
        check: &CredentialCheck,
    ) -> Result<(), StoreError> {
        self.gate.pass("record_verification").await?;
        self.inner().record_verification(owner, check).await
    }

    async fn set_previous_key(
        &mut self,
        owner: &str,
        until: Option<i64>,
    ) -> Result<(), StoreError> {
        self.gate.pass("set_previous_key").await?;
        self.inner().set_previous_key(owner, until).await
    }

    async fn forget_refusals(&mut self, owner: &str) -> Result<(), StoreError> {
        self.gate.pass("forget_refusals").await?;
        self.inner().forget_refusals(owner).await
    }

    async fn set_sample(&mut self, key_hash: &TokenHash) -> Result<(), StoreError> {
        self.gate.pass("set_sample").await?;
        self.inner().set_sample(key_hash).await
    }

    async fn clear_sample(&mut self) -> Result<(), StoreError> {
        self.gate.pass("clear_sample").await?;
        self.inner().clear_sample().await
    }

    async fn expect_secret(
        &mut self,
        name: &str,
        value: Option<&ExpectedValue>,
    ) -> Result<(), StoreError> {
        self.gate.pass("expect_secret").await?;
        self.inner().expect_secret(name, value).await
    }
}
