//! The keys of providers.

use super::check_record::stored_outcome;
use super::deletion::{Deleted, Deletion};
use super::key_names::KeyNames;
use super::key_origin::provider_origin;
use super::owner::Owner;
use super::owner_identity::identity;
use super::previous_key::replaced_key;
use super::row_errors::{changed_meanwhile, no_provider};
use super::verification::{CheckedKey, provider_credential_of};
use super::{DomainError, Workspace, input_fields, run_to_completion};
use crate::store::{Call, DeletedRows, Item};
use waypost_api_types::{KeyRemoved, ProviderView, UndoTicket};
use waypost_routing::credential::provider_secret;
use waypost_routing::key_text::Carrier;
use waypost_secrets::{SecretChange, SecretText};
use waypost_system::clock;

impl Workspace {
    /// Stores a key for the origin that the provider's requests go to now.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `invalid_secret_value`, `suspicious_secret_value`,
    /// `secrets_unavailable`, and what keeps the provider from having an origin.
    pub async fn set_provider_key(
        &self,
        name: &str,
        value: SecretText,
    ) -> Result<ProviderView, DomainError> {
        self.save_provider_key(name, value, false).await
    }

    /// Stores a key; if it is to be checked, only if the upstream accepts it, and the models are
    /// refreshed then.
    pub(super) async fn save_provider_key(
        &self,
        name: &str,
        value: SecretText,
        check: bool,
    ) -> Result<ProviderView, DomainError> {
        let (this, name) = (self.clone(), name.to_owned());
        run_to_completion(async move {
            let accepts = this.accepts_suspicious_keys;
            let value = input_fields::key("value", &value, Carrier::Bearer, accepts)?;
            let checked = match check {
                true => Some(this.accepted_provider_key(&name, &value).await?),
                false => None,
            };
            this.change_key(&name, Some(value), checked).await?;
            if check {
                this.start_refresh(Owner::Provider(name.clone()));
            }
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
            let undo = this.change_key(&name, None, None).await?;
            let provider = this.provider(&name).await?;
            Ok(KeyRemoved { provider, undo })
        })
        .await
    }

    async fn change_key(
        &self,
        name: &str,
        value: Option<SecretText>,
        checked: Option<CheckedKey>,
    ) -> Result<Option<UndoTicket>, DomainError> {
        let _owner = self.inner.owners.lock(name).await;
        let state = self.state().await?;
        let removes = value.is_none();
        let names = KeyNames::of_provider(name);
        let stored = &state.inventory.stored;
        let has_key = KeyNames::of_provider(name)
            .all()
            .iter()
            .any(|name| stored.contains_key(name));
        let mut until = None;
        let (changes, action) = match value {
            Some(value) => {
                let origin = provider_origin(&state, name)?;
                let stored = state.inventory.stored.get(&names.current);
                let keeps = stored.is_some_and(|stored| stored.meta.origin == origin);
                let (replaced, end) = replaced_key(&names, keeps);
                until = end;
                let put = SecretChange::put(names.current, &origin, value, clock::now());
                (vec![put, replaced], "provider.key.set")
            }
            None if state.has_provider(name) => {
                let removals = names.all().map(SecretChange::remove);
                (removals.to_vec(), "provider.key.remove")
            }
            None => return Err(no_provider(name)),
        };
        if !self.expects(state.provider_version(name)) {
            return Err(self.provider_changed(name).await);
        }
        if removes && !has_key {
            return Ok(None);
        }
        let secrets = self.prepare_secrets(changes).await?;
        let (origin, inventory) = (provider_origin(&state, name).ok(), state.inventory);
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let state = self.state_in(&mut *transaction, inventory).await?;
            if !state.has_provider(name) {
                return Err(no_provider(name));
            }
            if !self.expects(state.provider_version(name))
                || (!removes && provider_origin(&state, name).ok() != origin)
            {
                return Err(changed_meanwhile(name));
            }
            let owner = Owner::Provider(name.to_owned());
            if let Some(checked) = &checked
                && identity(&state, &owner).ok().as_ref() != Some(&checked.provider)
            {
                return Err(changed_meanwhile(name));
            }
            transaction.set_previous_key(name, until).await?;
            if !removes {
                transaction.forget_refusals(name).await?;
            }
            if let Some(CheckedKey { report, .. }) = &checked {
                let value = secrets.value_id(&state.inventory, &provider_secret(name));
                let endpoint = owner.endpoint(&state.table());
                let credential = endpoint
                    .zip(value)
                    .and_then(|(endpoint, value)| provider_credential_of(&endpoint, &value));
                let outcome = stored_outcome(Call::Test, report);
                transaction
                    .record_outcome(name, Call::Test, &outcome)
                    .await?;
                self.record_verification(&mut *transaction, &owner, credential, report)
                    .await?;
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
