//! Adding, changing and deleting providers of the workspace.

use super::changed_values::{added_values, changed_values, given_fields, provider_value};
use super::deletion::{Deleted, Deletion};
use super::key_names::KeyNames;
use super::row_errors::{changed_meanwhile, no_provider, taken};
use super::state::{WorkspaceState, origin_of};
use super::{DomainError, Workspace, input_fields, run_to_completion};
use crate::store::{Item, StoredProvider, Transaction};
use waypost_api_types::{
    Current, NewModels, ProviderInput, ProviderPatch, ProviderView, UndoTicket,
};
use waypost_routing::catalog::{Catalog, Layer, ProviderEntry, ProviderKind};
use waypost_secrets::SecretChange;

impl Workspace {
    /// Adds a provider to the workspace. One of a lower layer of the same name is replaced whole.
    ///
    /// # Errors
    /// `name_taken`, and whatever is wrong with a field.
    pub async fn add_provider(&self, input: ProviderInput) -> Result<ProviderView, DomainError> {
        let this = self.clone();
        run_to_completion(async move { this.add_provider_now(input).await }).await
    }

    async fn add_provider_now(&self, input: ProviderInput) -> Result<ProviderView, DomainError> {
        let name = input.name.trim().to_owned();
        input_fields::name("name", &name)?;
        let provider = StoredProvider {
            id: 0,
            entry: ProviderEntry {
                name: name.clone(),
                kind: input.kind,
                layer: Layer::Workspace,
                base_url: input_fields::base_url(&input.base_url)?.to_string(),
                api_key_env: input_fields::variable(input.api_key_env.as_deref())?,
                default_headers: input.default_headers,
                limits: input_fields::limits(input.limits)?,
                pass_headers: input_fields::pass_headers(&input.pass_headers, None)?,
                docs: input_fields::docs(input.docs.as_deref())?,
                notable_models: Vec::new(),
            },
            allow_private: input.allow_private,
        };
        input_fields::default_headers(&provider.entry.default_headers)?;
        let _owner = self.inner.owners.lock(&name).await;
        let state = self.state().await?;
        check_free(&state, &name)?;
        keep_managed(&state, &name, Some(provider.entry.kind))?;
        // What an earlier provider of the name left behind is not this one's.
        let is_new = !state.has_provider(&name);
        let stale = match is_new {
            true => removals(&name),
            false => Vec::new(),
        };
        let secrets = self.prepare_secrets(stale).await?;
        let mut transaction = self.begin().await?;
        secrets.write(&mut transaction).await?;
        let state = self.state_in(&mut *transaction, state.inventory).await?;
        check_free(&state, &name)?;
        keep_managed(&state, &name, Some(provider.entry.kind))?;
        if is_new {
            transaction.delete_owned(&name).await?;
        }
        let added = transaction.add_provider(&provider).await;
        added.map_err(|error| taken(error, || name_taken("Another provider or source", &name)))?;
        let policy = input.new_models;
        transaction.set_new_models(&name, policy).await?;
        let entry = &provider.entry;
        let set = [
            ("kind", true),
            ("base_url", true),
            ("api_key_env", entry.api_key_env.is_some()),
            ("default_headers", !entry.default_headers.is_empty()),
            ("pass_headers", !entry.pass_headers.is_empty()),
            ("limits", !entry.limits.is_empty()),
            ("docs", entry.docs.is_some()),
            ("allow_private", provider.allow_private),
            ("new_models", policy != NewModels::Inherit),
        ];
        let item = Item::Provider(&name);
        let fields = given_fields(&set);
        self.record_edit(&mut *transaction, "provider.add", item, &fields)
            .await?;
        let values = added_values(&fields, &provider, provider_value);
        transaction.record_values(&values).await?;
        transaction.commit().await?;
        self.finish_secrets(Ok(()), secrets).await?;
        if is_new {
            self.inner.undos.forget_key_of(&name);
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
        run_to_completion(async move {
            this.edit_provider_now(&name, patch).await?;
            this.provider(&name).await
        })
        .await
    }

    async fn edit_provider_now(&self, name: &str, patch: ProviderPatch) -> Result<(), DomainError> {
        let inventory = self.secrets().inventory();
        let mut transaction = self.begin().await?;
        let state = self.state_in(&mut *transaction, inventory).await?;
        let policy = patch.new_models;
        let changes_entry = patch
            != ProviderPatch {
                new_models: policy,
                ..ProviderPatch::default()
            };
        let stored = state.workspace_provider(name);
        if stored.is_none() {
            let entries = &state.layers.entries;
            let Some(entry) = entries.iter().rfind(|entry| entry.name == name) else {
                return Err(no_provider(name));
            };
            if changes_entry {
                return Err(not_workspace_entry(entry));
            }
        }
        if !self.expects(state.provider_version(name)) {
            drop(transaction);
            return Err(self.provider_changed(name).await);
        }
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        if let Some(stored) = stored.filter(|_| changes_entry) {
            let after = patched(stored, patch, &mut fields)?;
            values = changed_values(&fields, (stored, &after), provider_value);
            keep_managed(&state, name, Some(after.entry.kind))?;
            transaction.update_provider(&after).await?;
            // What was refused was another request.
            let changes_request = ["base_url", "api_key_env", "default_headers"];
            if changes_request.iter().any(|field| fields.contains(field)) {
                transaction.forget_refusals(name).await?;
            }
        }
        if let Some(policy) = policy
            && policy != state.new_models.get(name).copied().unwrap_or_default()
        {
            transaction.set_new_models(name, policy).await?;
            fields.push("new_models");
        }
        if !fields.is_empty() {
            let item = Item::Provider(name);
            self.record_edit(&mut *transaction, "provider.edit", item, &fields)
                .await?;
            transaction.record_values(&values).await?;
        }
        transaction.commit().await?;
        // A staged or previous key of the origin before is dropped.
        self.inner.key_cleanup.notify_one();
        Ok(())
    }

    /// Deletes a provider of the workspace, its stored key first. One of a lower layer comes into
    /// force again. The ticket takes that back.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `not_workspace_entry`, `in_use`, `secrets_unavailable`.
    pub async fn delete_provider(&self, name: &str) -> Result<UndoTicket, DomainError> {
        let (this, name) = (self.clone(), name.to_owned());
        run_to_completion(async move { this.delete_provider_now(&name).await }).await
    }

    async fn delete_provider_now(&self, name: &str) -> Result<UndoTicket, DomainError> {
        let _owner = self.inner.owners.lock(name).await;
        let state = self.state().await?;
        let Some(stored) = state.workspace_provider(name) else {
            let entries = &state.layers.entries;
            return Err(match entries.iter().rfind(|entry| entry.name == name) {
                Some(entry) => not_workspace_entry(entry),
                None => no_provider(name),
            });
        };
        let (stored, kind) = (stored.id, stored.entry.kind);
        if !self.expects(state.provider_version(name)) {
            return Err(self.provider_changed(name).await);
        }
        keep_managed(&state, name, below_workspace(&state, name))?;
        let secrets = self.prepare_secrets(removals(name)).await?;
        let inventory = state.inventory;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let state = self.state_in(&mut *transaction, inventory).await?;
            let now = state.workspace_provider(name).map(|provider| provider.id);
            if now != Some(stored) || !self.expects(state.provider_version(name)) {
                return Err(changed_meanwhile(name));
            }
            let below = below_workspace(&state, name);
            keep_managed(&state, name, below)?;
            let is_last = below.is_none();
            let item = Item::Provider(name);
            let rows = transaction.rows_of(item, is_last).await?;
            transaction.delete_provider(name).await?;
            transaction.set_previous_key(name, None).await?;
            let mut default_model = None;
            if is_last {
                transaction.delete_owned(name).await?;
                default_model = self
                    .clear_default_of(&mut *transaction, &state, name)
                    .await?;
            }
            self.record_edit(&mut *transaction, "provider.delete", item, &[])
                .await?;
            transaction.commit().await?;
            Ok((rows, default_model))
        };
        let ((rows, default_model), before) = self.finish_secrets(done.await, secrets).await?;
        self.inner.refreshes.forget(name);
        Ok(self.keep(Deletion {
            deleted: Deleted::Provider(kind),
            name: name.to_owned(),
            rows,
            secrets: Some(before),
            default_model,
        }))
    }

    /// The answer to an edit of an older version than is stored.
    pub(super) async fn provider_changed(&self, name: &str) -> DomainError {
        match self.provider(name).await {
            Ok(provider) => DomainError::precondition_failed(Current::Provider(Box::new(provider))),
            Err(error) => error,
        }
    }

    /// The default model goes with its owner: without it, the ref would quietly go to the managed
    /// gateway. Says which model that was.
    pub(super) async fn clear_default_of(
        &self,
        transaction: &mut dyn Transaction,
        state: &WorkspaceState,
        owner: &str,
    ) -> Result<Option<String>, DomainError> {
        let default = state.settings.default_model.as_deref();
        if default
            .and_then(|text| text.split_once('/'))
            .map(|(name, _)| name)
            != Some(owner)
        {
            return Ok(None);
        }
        transaction.set_default_model(None).await?;
        self.record_edit(
            transaction,
            "default_model.clear",
            Item::DefaultModel,
            &["ref"],
        )
        .await?;
        Ok(default.map(str::to_owned))
    }
}

/// Removes every key of a provider.
fn removals(name: &str) -> Vec<SecretChange> {
    let names = KeyNames::of_provider(name);
    names.all().map(SecretChange::remove).to_vec()
}

/// Refuses a name that a source or another provider of the workspace has.
fn check_free(state: &WorkspaceState, name: &str) -> Result<(), DomainError> {
    if state.source(name).is_ok() {
        return Err(name_taken("A custom source", name));
    }
    if state.workspace_provider(name).is_some() {
        return Err(name_taken("A provider of the workspace", name));
    }
    Ok(())
}

fn name_taken(by: &str, name: &str) -> DomainError {
    let message = format!("{by} is already named `{name}`. Choose another name.");
    DomainError::conflict("name_taken", message).at("name")
}

/// A provider after a change, and which fields differ.
pub(super) fn patched(
    stored: &StoredProvider,
    patch: ProviderPatch,
    fields: &mut Vec<&'static str>,
) -> Result<StoredProvider, DomainError> {
    let mut after = stored.clone();
    let entry = &mut after.entry;
    if let Some(kind) = patch.kind {
        entry.kind = kind;
    }
    if let Some(typed) = patch.base_url {
        entry.base_url = input_fields::base_url(&typed)?.to_string();
    }
    if let Some(typed) = patch.api_key_env {
        entry.api_key_env = input_fields::variable(Some(&typed))?;
    }
    if let Some(headers) = patch.default_headers {
        input_fields::default_headers(&headers)?;
        entry.default_headers = headers;
    }
    if let Some(names) = patch.pass_headers {
        entry.pass_headers = input_fields::pass_headers(&names, None)?;
    }
    if let Some(limits) = patch.limits {
        entry.limits = input_fields::limits(limits)?;
    }
    if let Some(typed) = patch.docs {
        entry.docs = input_fields::docs(Some(&typed))?;
    }
    let moved = origin_of(&entry.base_url) != origin_of(&stored.entry.base_url);
    match patch.allow_private {
        Some(allow) => {
            after.allow_private = allow;
        }
        // What was confirmed was the origin that stood there.
        None if moved => after.allow_private = false,
        None => {}
    }
    let (entry, before) = (&after.entry, &stored.entry);
    fields.extend(given_fields(&[
        ("kind", entry.kind != before.kind),
        ("base_url", entry.base_url != before.base_url),
        ("api_key_env", entry.api_key_env != before.api_key_env),
        (
            "default_headers",
            entry.default_headers != before.default_headers,
        ),
        ("pass_headers", entry.pass_headers != before.pass_headers),
        ("limits", entry.limits != before.limits),
        ("docs", entry.docs != before.docs),
        ("allow_private", after.allow_private != stored.allow_private),
    ]));
    Ok(after)
}

/// The kind of the entry that would be effective without the workspace's.
fn below_workspace(state: &WorkspaceState, name: &str) -> Option<ProviderKind> {
    let entries = state
        .layers
        .entries
        .iter()
        .filter(|entry| entry.layer != Layer::Workspace)
        .cloned()
        .collect();
    let catalog = Catalog::new(entries, state.layers.blocked.clone());
    catalog.effective(name).map(|entry| entry.kind)
}

/// Refuses a change after which the managed gateway would be none.
pub(super) fn keep_managed(
    state: &WorkspaceState,
    name: &str,
    after: Option<ProviderKind>,
) -> Result<(), DomainError> {
    if state.settings.managed_gateway != name || after == Some(ProviderKind::Gateway) {
        return Ok(());
    }
    Err(DomainError::conflict(
        "in_use",
        format!(
            "`{name}` is the managed gateway. Choose another managed gateway in Settings first."
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
