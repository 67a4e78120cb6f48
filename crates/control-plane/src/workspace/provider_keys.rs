//! The keys of providers.

use super::facts::Facts;
use super::provider_edit::no_effective_provider;
use super::providers::no_provider;
use super::undo::{Deleted, Deletion};
use super::{DomainError, Workspace, run_to_completion, validate};
use crate::clock;
use crate::store::{DeletedRows, Item};
use waypost_api_types::{KeyRemoved, ProviderView, UndoTicket};
use waypost_routing::credential::provider_secret;
use waypost_routing::endpoint::effective_provider;
use waypost_secrets::{SecretChange, SecretText};

impl Workspace {
    /// Stores a key for the origin that the provider's requests go to now.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `invalid_secret_value`, `secrets_unavailable`, and what
    /// keeps the provider from having an origin.
    pub async fn set_provider_key(
        &self,
        name: &str,
        value: SecretText,
    ) -> Result<ProviderView, DomainError> {
        let (this, name) = (self.clone(), name.to_owned());
        run_to_completion(async move {
            let value = validate::key("value", &value)?;
            this.change_key(&name, Some(value)).await?;
            this.provider(&name).await
        })
        .await
    }

    /// Removes the stored key. The ticket, where there was one, takes that back.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `secrets_unavailable`.
    pub async fn remove_provider_key(&self, name: &str) -> Result<KeyRemoved, DomainError> {
        let (this, name) = (self.clone(), name.to_owned());
        run_to_completion(async move {
            let undo = this.change_key(&name, None).await?;
            let provider = this.provider(&name).await?;
            Ok(KeyRemoved { provider, undo })
        })
        .await
    }

    async fn change_key(
        &self,
        name: &str,
        value: Option<SecretText>,
    ) -> Result<Option<UndoTicket>, DomainError> {
        let _owner = self.inner.owners.lock(name).await;
        let facts = self.facts().await?;
        let secret = provider_secret(name);
        let removes = value.is_none();
        let (change, action) = match value {
            Some(value) => {
                let origin = effective_origin(&facts, name)?;
                let change = SecretChange::put(secret, &origin, value, clock::now());
                (change, "provider.key.set")
            }
            None if facts.has_provider(name) => {
                (SecretChange::remove(secret), "provider.key.remove")
            }
            None => return Err(no_provider(name)),
        };
        if !self.expects(facts.provider_version(name)) {
            return Err(self.provider_changed(name).await);
        }
        let secrets = self.prepare_secrets(vec![change]).await?;
        let (origin, inventory) = (effective_origin(&facts, name).ok(), facts.inventory);
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut *transaction).await?;
            let facts = self.facts_in(&mut *transaction, inventory).await?;
            if !facts.has_provider(name) {
                return Err(no_provider(name));
            }
            if !self.expects(facts.provider_version(name))
                || (!removes && effective_origin(&facts, name).ok() != origin)
            {
                return Err(changed_meanwhile(name));
            }
            self.record_edit(&mut *transaction, action, Item::Provider(name), &["key"])
                .await?;
            Ok(transaction.commit().await?)
        };
        let ((), before) = self.finish_secrets(done.await, secrets).await?;
        Ok((removes && before.restores_values()).then(|| {
            self.keep(Deletion {
                deleted: Deleted::ProviderKey,
                name: name.to_owned(),
                rows: DeletedRows::default(),
                secrets: Some(before),
                default_model: None,
            })
        }))
    }
}

/// Another process changed the owner between its secrets and its rows.
pub(super) fn changed_meanwhile(name: &str) -> DomainError {
    let message =
        format!("`{name}` was changed at the same time, so nothing was saved. Try again.");
    DomainError::conflict("changed_meanwhile", message)
}

/// The origin that requests to a provider go to now.
fn effective_origin(facts: &Facts, name: &str) -> Result<String, DomainError> {
    let world = facts.table();
    let Some(effective) = effective_provider(&world, name) else {
        return Err(no_effective_provider(facts, name));
    };
    match effective.endpoint.base_url {
        Ok(base_url) => Ok(base_url.url.origin()),
        Err(problem) => Err(DomainError::invalid(
            "base_url",
            problem.code,
            problem.message,
        )),
    }
}
