//! The contract of a transaction that writes.

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
use crate::verifications::CredentialCheck;
use async_trait::async_trait;
use std::collections::BTreeMap;
use waypost_routing::snapshot::ModelEntry;
use waypost_routing::vocabulary::NewModels;

/// A transaction that writes. No other writer runs beside it, so that what it reads stays true
/// until it ends. Dropped without [`Transaction::commit`], it changes nothing.
#[async_trait]
pub trait Transaction: Send {
    /// Makes the changes durable. Returns the generation from then on.
    async fn commit(self: Box<Self>) -> Result<Generation, StoreError>;

    /// What this transaction has changed so far of what routing reads.
    fn routing_changes(&self) -> RoutingChanges;

    /// The generation that the transaction began with.
    async fn generation(&mut self) -> Result<Generation, StoreError>;

    /// Everything that routing reads as this transaction leaves it, with the documents of the
    /// agents that were edited after `since`.
    async fn routing_rows(&mut self, since: Generation) -> Result<RoutingRows, StoreError>;

    /// The models of one provider or source that are disabled or no longer listed, by id.
    async fn model_entries(&mut self, owner: &str) -> Result<Vec<ModelEntry>, StoreError>;

    /// Settings, providers and sources with their versions.
    async fn configuration(&mut self) -> Result<Configuration, StoreError>;

    /// One agent.
    async fn agent(&mut self, name: &str) -> Result<Option<StoredAgent>, StoreError>;

    /// The digest of the sample endpoint's key; `None` if the sample is not installed.
    async fn sample_key_hash(&mut self) -> Result<Option<TokenHash>, StoreError>;

    /// Records an edit in the audit log and raises the item's version. Returns the new version.
    async fn record_edit(
        &mut self,
        actor: &Actor,
        action: &str,
        item: Item<'_>,
        fields: &[&str],
    ) -> Result<u64, StoreError>;

    /// Records in the audit log what is no edit: a test, a refresh, a sign-in.
    async fn record(
        &mut self,
        actor: &Actor,
        action: &str,
        target: &str,
        fields: &[&str],
    ) -> Result<(), StoreError>;

    /// Records what fields were before and after the event that this transaction recorded last. No
    /// value is a secret.
    async fn record_values(&mut self, values: &[ChangedValue]) -> Result<(), StoreError>;

    /// Adds a provider to the workspace. Its `id` is chosen here. Takes its name, and fails with
    /// [`crate::StoreErrorKind::Conflict`] if a provider or a source has it.
    async fn add_provider(&mut self, provider: &StoredProvider) -> Result<(), StoreError>;

    /// Writes every field of a provider that can change.
    async fn update_provider(&mut self, provider: &StoredProvider) -> Result<(), StoreError>;

    /// Deletes a provider's row and gives its name back. What it owns stays.
    async fn delete_provider(&mut self, name: &str) -> Result<(), StoreError>;

    /// Adds a source. Its `id` is chosen here. Takes its slug, and fails with
    /// [`crate::StoreErrorKind::Conflict`] if a provider or a source has it.
    async fn add_source(&mut self, source: &StoredSource) -> Result<(), StoreError>;

    /// Writes every field of a source that can change.
    async fn update_source(&mut self, source: &StoredSource) -> Result<(), StoreError>;

    /// Deletes a source's row and gives its slug back. What it owns stays.
    async fn delete_source(&mut self, slug: &str) -> Result<(), StoreError>;

    /// Deletes models, outcomes, verifications, the policy for new models and the end of the
    /// previous key of an owner.
    async fn delete_owned(&mut self, owner: &str) -> Result<(), StoreError>;

    /// Adds an agent, with a new id, or replaces its document.
    async fn put_agent(&mut self, name: &str, yaml: &str) -> Result<(), StoreError>;

    /// Sets the private origins that an agent's own base URLs may have, in place of those before.
    async fn set_agent_allow_private(
        &mut self,
        name: &str,
        origins: &[String],
    ) -> Result<(), StoreError>;

    /// Gives an agent another name. It keeps its id and its tokens. Fails with
    /// [`crate::StoreErrorKind::Conflict`] if another agent has the name.
    async fn rename_agent(&mut self, name: &str, new_name: &str) -> Result<(), StoreError>;

    /// Deletes an agent and its tokens.
    async fn delete_agent(&mut self, name: &str) -> Result<(), StoreError>;

    /// Adds an API token. Fails with [`crate::StoreErrorKind::Conflict`] if its id or digest exists.
    async fn add_token(&mut self, token: &TokenRow) -> Result<(), StoreError>;

    /// How many tokens of an agent with this label have not expired.
    async fn count_live_tokens(
        &mut self,
        agent_id: &str,
        label: &str,
        now: i64,
    ) -> Result<u64, StoreError>;

    /// Deletes an API token. Returns whether there was one.
    async fn delete_token(&mut self, id: &str) -> Result<bool, StoreError>;

    /// Sets the managed gateway.
    async fn set_managed_gateway(&mut self, name: &str) -> Result<(), StoreError>;

    /// Sets whether new models start disabled.
    async fn set_new_models_start_disabled(&mut self, disabled: bool) -> Result<(), StoreError>;

    /// Sets whether forwarding refuses bodies with a field that a gateway may route by.
    async fn set_refuse_body_routing(&mut self, refuses: bool) -> Result<(), StoreError>;

    /// Sets or clears the default model.
    async fn set_default_model(&mut self, model_ref: Option<&str>) -> Result<(), StoreError>;

    /// Sets an owner's policy for new models.
    async fn set_new_models(&mut self, owner: &str, policy: NewModels) -> Result<(), StoreError>;

    /// The first of these owners and ids that the catalog does not have.
    async fn first_unknown_model(
        &mut self,
        models: &[(&str, &str)],
    ) -> Result<Option<(String, String)>, StoreError>;

    /// Enables or disables models. Returns the owners and ids of those that were not so before.
    async fn set_models_enabled(
        &mut self,
        models: &[(&str, &str)],
        enabled: bool,
    ) -> Result<Vec<(String, String)>, StoreError>;

    /// Brings an owner's models up to what its endpoint lists. New ones start as `new_enabled`
    /// says; the others keep what they have, and none is deleted.
    async fn merge_models(
        &mut self,
        owner: &str,
        listed: &BTreeMap<String, ModelMetadata>,
        new_enabled: bool,
    ) -> Result<Merged, StoreError>;

    /// Replaces an owner's recorded outcome.
    async fn record_outcome(
        &mut self,
        owner: &str,
        call: Call,
        outcome: &StoredOutcome,
    ) -> Result<(), StoreError>;

    /// Records what a check said about a credential, in place of the previous check. Of each owner,
    /// the eight credentials that were checked last are kept.
    async fn record_verification(
        &mut self,
        owner: &str,
        check: &CredentialCheck,
    ) -> Result<(), StoreError>;

    /// Sets until when an owner's previous key is kept, in Unix seconds; `None` if there is none.
    async fn set_previous_key(&mut self, owner: &str, until: Option<i64>)
    -> Result<(), StoreError>;

    /// Deletes an owner's recorded outcomes that were about its credential: those that say
    /// `unauthorized` or `not_sent`.
    async fn forget_refusals(&mut self, owner: &str) -> Result<(), StoreError>;

    /// The rows that deleting this item deletes. A provider's include what it owns if
    /// `with_owned` is set; a source's always do.
    async fn rows_of(
        &mut self,
        item: Item<'_>,
        with_owned: bool,
    ) -> Result<DeletedRows, StoreError>;

    /// Writes deleted rows back. Fails with `Conflict` if the name was taken meanwhile.
    async fn restore_rows(&mut self, rows: &DeletedRows) -> Result<(), StoreError>;

    /// Records that the sample is installed, with its key's digest.
    async fn set_sample(&mut self, key_hash: &TokenHash) -> Result<(), StoreError>;

    /// Records that the sample is not installed.
    async fn clear_sample(&mut self) -> Result<(), StoreError>;

    /// Records which value of a secret counts once this is committed; `None` if it is removed. The
    /// row is unsettled until the backend holds nothing else.
    async fn expect_secret(
        &mut self,
        name: &str,
        value: Option<&ExpectedValue>,
    ) -> Result<(), StoreError>;
}
