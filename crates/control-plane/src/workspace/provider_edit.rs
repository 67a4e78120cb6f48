//! Adding, changing and deleting providers of the workspace.

use super::facts::{Facts, origin_of};
use super::providers::no_provider;
use super::secret_change::SecretChange;
use super::undo::{Gone, Trash};
use super::{DomainError, Workspace, to_the_end, validate};
use crate::store::providers::{self, StoredProvider};
use crate::store::remains::Remains;
use crate::store::{models, new_models, outcomes, settings, versions};
use sqlx::{Sqlite, Transaction};
use waypost_api_types::{
    Current, NewModels, ProviderDraft, ProviderPatch, ProviderView, UndoTicket,
};
use waypost_routing::catalog::{Catalog, Layer, ProviderEntry, ProviderKind};
use waypost_routing::credential::provider_secret;

impl Workspace {
    /// Adds a provider to the workspace. One of a lower layer of the same name is replaced whole.
    ///
    /// # Errors
    /// `name_taken`, and whatever is wrong with a field.
    pub async fn add_provider(&self, draft: ProviderDraft) -> Result<ProviderView, DomainError> {
        let this = self.clone();
        to_the_end(async move { this.add_provider_now(draft).await }).await
    }

    async fn add_provider_now(&self, draft: ProviderDraft) -> Result<ProviderView, DomainError> {
        let name = draft.name.trim().to_owned();
        validate::name("name", &name)?;
        let provider = StoredProvider {
            entry: ProviderEntry {
                name: name.clone(),
                kind: draft.kind,
                layer: Layer::Workspace,
                base_url: validate::base_url(&draft.base_url)?.to_string(),
                api_key_env: validate::variable(draft.api_key_env.as_deref())?,
                default_headers: draft.default_headers,
                docs: validate::docs(draft.docs.as_deref())?,
                notable_models: Vec::new(),
            },
            allow_private: draft.allow_private,
        };
        validate::default_headers(&provider.entry.default_headers)?;
        {
            let _changing = self.changing().await;
            let facts = self.facts().await?;
            let taken_by = if facts.sources.iter().any(|source| source.slug == name) {
                Some("A custom source")
            } else if facts.workspace_provider(&name).is_some() {
                Some("A provider of the workspace")
            } else {
                None
            };
            if let Some(other) = taken_by {
                let message = format!("{other} is already named `{name}`. Choose another name.");
                return Err(DomainError::conflict("name_taken", message).at("name"));
            }
            keep_managed(&facts, &name, Some(provider.entry.kind))?;
            // Whatever was left behind under the name by one that is gone is not its heir's.
            let is_new = !facts.has_provider(&name);
            let stale = is_new.then(|| SecretChange::remove(provider_secret(&name)));
            self.change_secrets(stale.into_iter().collect()).await?;
            let mut transaction = self.begin().await?;
            if is_new {
                self.inner.undos.forget_key_of(&name);
                forget_owner(&mut transaction, &name).await?;
            }
            providers::put(&mut transaction, &provider).await?;
            new_models::set(&mut transaction, &name, draft.new_models).await?;
            let fields = ["kind", "base_url", "api_key_env", "default_headers", "docs"];
            let target = versions::provider(&name);
            self.record(&mut transaction, "provider.add", &target, &fields)
                .await?;
            transaction.commit().await?;
        }
        self.provider(&name).await
    }

    /// Changes a provider. Of one that is not the workspace's, only the policy for new models can
    /// be changed.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `not_workspace_entry`, `in_use`, and whatever is wrong with
    /// a field.
    pub async fn edit_provider(
        &self,
        name: &str,
        patch: ProviderPatch,
    ) -> Result<ProviderView, DomainError> {
        let (this, name) = (self.clone(), name.to_owned());
        to_the_end(async move {
            this.edit_provider_now(&name, patch).await?;
            this.provider(&name).await
        })
        .await
    }

    async fn edit_provider_now(&self, name: &str, patch: ProviderPatch) -> Result<(), DomainError> {
        let _changing = self.changing().await;
        let facts = self.facts().await?;
        let policy = patch.new_models;
        let changes_entry = patch
            != ProviderPatch {
                new_models: policy,
                ..ProviderPatch::default()
            };
        let stored = facts.workspace_provider(name);
        if stored.is_none() {
            let entries = &facts.layers.entries;
            let Some(entry) = entries.iter().rfind(|entry| entry.name == name) else {
                return Err(no_provider(name));
            };
            if changes_entry {
                return Err(not_workspace_entry(entry));
            }
        }
        self.check_provider_version(&facts, name).await?;
        let mut fields = Vec::new();
        let mut transaction = self.begin().await?;
        if let Some(stored) = stored.filter(|_| changes_entry) {
            let after = patched(stored, patch, &mut fields)?;
            keep_managed(&facts, name, Some(after.entry.kind))?;
            providers::put(&mut transaction, &after).await?;
        }
        if let Some(policy) = policy {
            new_models::set(&mut transaction, name, policy).await?;
            fields.push("new_models");
        }
        if !fields.is_empty() {
            let target = versions::provider(name);
            self.record(&mut transaction, "provider.edit", &target, &fields)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Deletes a provider of the workspace, its stored key first. One of a lower layer comes into
    /// force again. The ticket takes that back.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `not_workspace_entry`, `in_use`, `secrets_unavailable`.
    pub async fn delete_provider(&self, name: &str) -> Result<UndoTicket, DomainError> {
        let (this, name) = (self.clone(), name.to_owned());
        to_the_end(async move { this.delete_provider_now(&name).await }).await
    }

    async fn delete_provider_now(&self, name: &str) -> Result<UndoTicket, DomainError> {
        let _changing = self.changing().await;
        let facts = self.facts().await?;
        let Some(stored) = facts.workspace_provider(name) else {
            let entries = &facts.layers.entries;
            return Err(match entries.iter().rfind(|entry| entry.name == name) {
                Some(entry) => not_workspace_entry(entry),
                None => no_provider(name),
            });
        };
        self.check_provider_version(&facts, name).await?;
        let below = below_workspace(&facts, name);
        keep_managed(&facts, name, below)?;
        let removal = SecretChange::remove(provider_secret(name));
        let applied = self.change_secrets(vec![removal]).await?;
        let done = async {
            let mut transaction = self.begin().await?;
            let is_last = below.is_none();
            let rows = Remains::of_provider(&mut transaction, name, is_last).await?;
            providers::delete(&mut transaction, name).await?;
            let mut default_model = None;
            if is_last {
                forget_owner(&mut transaction, name).await?;
                default_model = self
                    .clear_default_of(&mut transaction, &facts, name)
                    .await?;
            }
            let target = versions::provider(name);
            self.record(&mut transaction, "provider.delete", &target, &[])
                .await?;
            transaction.commit().await?;
            Ok((rows, default_model))
        };
        let ((rows, default_model), secrets) = self.or_revert(done.await, applied).await?;
        self.inner.refreshes.forget(name);
        Ok(self.keep(Trash {
            gone: Gone::Provider(stored.entry.kind),
            name: name.to_owned(),
            rows,
            secrets: Some(secrets),
            default_model,
        }))
    }

    pub(super) async fn check_provider_version(
        &self,
        facts: &Facts,
        name: &str,
    ) -> Result<(), DomainError> {
        let version = facts.versions.of(&versions::provider(name));
        self.check_version(version, async {
            Ok(Current::Provider(Box::new(self.provider(name).await?)))
        })
        .await
    }

    /// The default model goes with its owner: without it, the ref would quietly go to the managed
    /// gateway. Says which model that was.
    pub(super) async fn clear_default_of(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        facts: &Facts,
        owner: &str,
    ) -> Result<Option<String>, DomainError> {
        let default = facts.settings.default_model.as_deref();
        if default
            .and_then(|text| text.split_once('/'))
            .map(|(name, _)| name)
            != Some(owner)
        {
            return Ok(None);
        }
        settings::set_default_model(transaction, None).await?;
        self.record(
            transaction,
            "default_model.clear",
            versions::DEFAULT_MODEL,
            &["ref"],
        )
        .await?;
        Ok(default.map(str::to_owned))
    }
}

/// Deletes what the database tells of an owner that is no more, or of one that never was.
pub(super) async fn forget_owner(
    transaction: &mut Transaction<'_, Sqlite>,
    owner: &str,
) -> Result<(), DomainError> {
    models::delete_owner(transaction, owner).await?;
    outcomes::forget(transaction, owner).await?;
    new_models::set(transaction, owner, NewModels::Inherit).await?;
    Ok(())
}

/// A provider after a change, and which fields that names.
pub(super) fn patched(
    stored: &StoredProvider,
    patch: ProviderPatch,
    fields: &mut Vec<&'static str>,
) -> Result<StoredProvider, DomainError> {
    let mut after = stored.clone();
    let entry = &mut after.entry;
    if let Some(kind) = patch.kind {
        entry.kind = kind;
        fields.push("kind");
    }
    if let Some(typed) = patch.base_url {
        entry.base_url = validate::base_url(&typed)?.to_string();
        fields.push("base_url");
    }
    if let Some(typed) = patch.api_key_env {
        entry.api_key_env = validate::variable(Some(&typed))?;
        fields.push("api_key_env");
    }
    if let Some(headers) = patch.default_headers {
        validate::default_headers(&headers)?;
        entry.default_headers = headers;
        fields.push("default_headers");
    }
    if let Some(typed) = patch.docs {
        entry.docs = validate::docs(Some(&typed))?;
        fields.push("docs");
    }
    let moved = origin_of(&entry.base_url) != origin_of(&stored.entry.base_url);
    match patch.allow_private {
        Some(allow) => {
            after.allow_private = allow;
            fields.push("allow_private");
        }
        // What was confirmed was the origin that stood there.
        None if moved => after.allow_private = false,
        None => {}
    }
    Ok(after)
}

/// The kind of the entry that would be in force without the workspace's.
fn below_workspace(facts: &Facts, name: &str) -> Option<ProviderKind> {
    let entries = facts
        .layers
        .entries
        .iter()
        .filter(|entry| entry.layer != Layer::Workspace)
        .cloned()
        .collect();
    let catalog = Catalog::new(entries, facts.layers.blocked.clone());
    catalog.effective(name).map(|entry| entry.kind)
}

/// Refuses a change after which the managed gateway would be none.
pub(super) fn keep_managed(
    facts: &Facts,
    name: &str,
    after: Option<ProviderKind>,
) -> Result<(), DomainError> {
    if facts.settings.managed_gateway != name || after == Some(ProviderKind::Gateway) {
        return Ok(());
    }
    Err(DomainError::conflict(
        "in_use",
        format!(
            "`{name}` is the managed gateway, which takes every request that no other rule takes. \
             Choose another managed gateway in Settings first."
        ),
    ))
}

fn not_workspace_entry(entry: &ProviderEntry) -> DomainError {
    let whose = match entry.layer {
        Layer::Builtin => "built in",
        _ => "from the providers file",
    };
    DomainError::conflict(
        "not_workspace_entry",
        format!(
            "`{}` is {whose}. Add an entry of the same name to the workspace to replace it.",
            entry.name
        ),
    )
}

/// Why no provider is in force under a name: there is none, or the providers file blocks it.
pub(super) fn not_in_force(facts: &Facts, name: &str) -> DomainError {
    let blocked = facts.layers.blocked.iter().find(|entry| entry.name == name);
    match blocked {
        None => no_provider(name),
        Some(blocked) => DomainError::conflict(
            "blocked",
            format!(
                "The entry `{name}` of the providers file is at fault, which blocks its name: {} \
                 Correct the file.",
                blocked.message
            ),
        ),
    }
}
