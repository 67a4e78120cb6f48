//! Staged key rotation: `current`, then `current` and `next`, then after the switch `current` and
//! `previous`, then `current` alone.
//!
//! Each of the three is a secret with its own name. A switch copies values between the names in one
//! edit, so that it takes effect completely or not at all. All of them are bound to the origin they
//! were entered for, and a staged or previous key of another origin does not count.

use super::inputs::{SourceEdit, UnsavedProvider};
use super::key_names::KeyNames;
use super::key_origin::key_origin;
use super::owner::Owner;
use super::owner_identity::{Identity, identity};
use super::previous_key::{is_kept, replaced_key};
use super::row_errors::{changed_meanwhile, no_provider};
use super::state::WorkspaceState;
use super::verification::{accepted, credential_with};
use super::{DomainError, Workspace, input_fields, run_to_completion};
use waypost_api_types::{OutcomeReport, ProviderView, SourceView};
use waypost_routing::key_text::Carrier;
use waypost_secrets::{SecretChange, SecretText};
use waypost_system::clock;

/// A change to the keys of an owner.
struct Step {
    action: &'static str,
    changes: Vec<SecretChange>,
    /// The value that the current key must have afterwards; `None` if it stays.
    current: Option<String>,
    /// Until when the previous key is kept afterwards; `Some(None)` if there is none.
    previous: Option<Option<i64>>,
}

/// What a step is decided from.
struct Keys<'s> {
    state: &'s WorkspaceState,
    owner: &'s Owner,
    names: KeyNames,
    origin: String,
}

impl Keys<'_> {
    /// The value under a name, if it was entered for the origin that requests go to now.
    fn value_id(&self, name: &str) -> Option<String> {
        let stored = self.state.inventory.stored.get(name)?;
        (stored.meta.origin == self.origin).then(|| stored.value_id())
    }
}

impl Workspace {
    /// Stores a key beside the one in use. Requests do not carry it before the switch. If it is
    /// to be checked, the upstream must accept it.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `invalid_secret_value`, `secrets_unavailable`, `key_refused`
    /// and `key_not_checked`, and what keeps the owner from having an origin.
    pub async fn stage_provider_key(
        &self,
        name: &str,
        value: SecretText,
        check: bool,
    ) -> Result<ProviderView, DomainError> {
        let owner = Owner::Provider(name.to_owned());
        self.stage_key(owner, value, check).await?;
        self.provider(name).await
    }

    /// The same for the auth value of a source.
    ///
    /// # Errors
    /// As [`Workspace::stage_provider_key`].
    pub async fn stage_source_key(
        &self,
        slug: &str,
        value: SecretText,
        check: bool,
    ) -> Result<SourceView, DomainError> {
        let owner = Owner::Source(slug.to_owned());
        self.stage_key(owner, value, check).await?;
        self.source(slug).await
    }

    /// Changes the staged and the previous key of a provider.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `no_staged_key`, `no_previous_key`, `missing_api_key`,
    /// `secrets_unavailable`.
    pub async fn rotate_provider_key(
        &self,
        name: &str,
        rotation: Rotation,
    ) -> Result<ProviderView, DomainError> {
        let owner = Owner::Provider(name.to_owned());
        self.rotate_key(owner, rotation).await?;
        self.provider(name).await
    }

    /// Changes the staged and the previous auth value of a source.
    ///
    /// # Errors
    /// As [`Workspace::rotate_provider_key`].
    pub async fn rotate_source_key(
        &self,
        slug: &str,
        rotation: Rotation,
    ) -> Result<SourceView, DomainError> {
        let owner = Owner::Source(slug.to_owned());
        self.rotate_key(owner, rotation).await?;
        self.source(slug).await
    }

    /// Tests a provider with its staged key.
    ///
    /// # Errors
    /// `no_staged_key`, and if the request cannot be sent. A failed request is an outcome, not an
    /// error.
    pub async fn test_next_provider_key(&self, name: &str) -> Result<OutcomeReport, DomainError> {
        self.test_next_key(Owner::Provider(name.to_owned())).await
    }

    /// Tests a source with its staged auth value.
    ///
    /// # Errors
    /// As [`Workspace::test_next_provider_key`].
    pub async fn test_next_source_key(&self, slug: &str) -> Result<OutcomeReport, DomainError> {
        self.test_next_key(Owner::Source(slug.to_owned())).await
    }

    async fn stage_key(
        &self,
        owner: Owner,
        value: SecretText,
        check: bool,
    ) -> Result<(), DomainError> {
        let this = self.clone();
        run_to_completion(async move {
            let carrier = match &owner {
                Owner::Provider(_) => Carrier::Bearer,
                Owner::Source(slug) => {
                    let state = this.state().await?;
                    Carrier::of(state.source(slug)?.auth_header.as_deref())
                }
            };
            let accepts = this.accepts_suspicious_keys;
            let value = input_fields::key("value", &value, carrier, accepts)?;
            let mut checked = None;
            if check {
                let state = this.state().await?;
                let asked = identity(&state, &owner)?;
                this.require_version(&owner, &state).await?;
                let report = this.check_key(state, &owner, &value).await?;
                let failed = owner.action("key.stage.failed");
                this.require_accepted(&failed, &owner.target(), "key.next", "value", &report)
                    .await?;
                checked = Some((asked, report));
            }
            let put = |keys: &Keys<'_>| {
                let name = keys.names.next.clone();
                Ok(Step {
                    action: "key.stage",
                    changes: vec![SecretChange::put(name, &keys.origin, value, clock::now())],
                    current: None,
                    previous: None,
                })
            };
            this.edit_keys(&owner, checked, put).await
        })
        .await
    }

    async fn rotate_key(&self, owner: Owner, rotation: Rotation) -> Result<(), DomainError> {
        let this = self.clone();
        run_to_completion(async move {
            this.edit_keys(&owner, None, |keys| rotation.step(keys))
                .await
        })
        .await
    }

    async fn edit_keys(
        &self,
        owner: &Owner,
        checked: Option<(Identity, OutcomeReport)>,
        decide: impl FnOnce(&Keys<'_>) -> Result<Step, DomainError>,
    ) -> Result<(), DomainError> {
        let _owner = self.inner.owners.lock(owner.name()).await;
        let state = self.state().await?;
        let origin = key_origin(&state, owner)?;
        let version = self.require_version(owner, &state).await?;
        let keys = Keys {
            state: &state,
            owner,
            names: KeyNames::of(owner),
            origin,
        };
        let step = decide(&keys)?;
        let Keys { names, origin, .. } = keys;
        let secrets = self.prepare_secrets(step.changes).await?;
        let inventory = state.inventory;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let state = self.state_in(&mut *transaction, inventory).await?;
            if version_of(&state, owner) != Some(version)
                || key_origin(&state, owner).ok().as_ref() != Some(&origin)
            {
                return Err(changed_meanwhile(owner.name()));
            }
            let value = secrets.value_id(&state.inventory, &names.current);
            if step.current.is_some() && value != step.current {
                return Err(DomainError::conflict(
                    "missing_api_key",
                    "The value of that key is missing in the secrets backend, so nothing was \
                     changed. Enter the key again.",
                ));
            }
            if step.current.is_some() {
                transaction.forget_refusals(owner.name()).await?;
            }
            if let Some(until) = step.previous {
                transaction.set_previous_key(owner.name(), until).await?;
            }
            if let Some((asked, report)) = &checked {
                if identity(&state, owner).ok().as_ref() != Some(asked) {
                    return Err(changed_meanwhile(owner.name()));
                }
                let value = secrets.value_id(&state.inventory, &names.next);
                let credential = value.and_then(|value| credential_with(&state, owner, &value));
                self.record_verification(&mut *transaction, owner, credential, report)
                    .await?;
            }
            let action = owner.action(step.action);
            self.record_edit(&mut *transaction, &action, owner.item(), &["key"])
                .await?;
            Ok(transaction.commit().await?)
        };
        self.finish_secrets(done.await, secrets).await?;
        Ok(())
    }

    async fn test_next_key(&self, owner: Owner) -> Result<OutcomeReport, DomainError> {
        let state = self.state().await?;
        let origin = key_origin(&state, &owner)?;
        let next = KeyNames::of(&owner).next;
        let stored = state.inventory.stored.get(&next);
        let value_id = stored
            .filter(|stored| stored.meta.origin == origin)
            .map(|stored| stored.value_id())
            .ok_or_else(no_staged_key)?;
        let value = self.secrets().for_origin(&next, &origin).await?;
        let value = value.ok_or_else(no_staged_key)?;
        let credential = credential_with(&state, &owner, &value_id);
        let report = self.check_key(state, &owner, &value).await?;
        let mut transaction = self.begin().await?;
        self.record_verification(&mut *transaction, &owner, credential, &report)
            .await?;
        let action = match accepted(report.outcome) {
            Some(true) => owner.action("key.next.test"),
            _ => owner.action("key.next.test.failed"),
        };
        self.record(&mut *transaction, &action, &owner.target(), &[])
            .await?;
        transaction.commit().await?;
        Ok(report)
    }

    /// Lists the models of an owner with a value in the place of its key.
    async fn check_key(
        &self,
        state: WorkspaceState,
        owner: &Owner,
        value: &SecretText,
    ) -> Result<OutcomeReport, DomainError> {
        match owner {
            Owner::Provider(name) => {
                let trial = UnsavedProvider {
                    value: Some(value.clone()),
                    ..UnsavedProvider::default()
                };
                self.check_unsaved_provider(state, name, trial).await
            }
            Owner::Source(slug) => {
                let edit = SourceEdit {
                    auth_value: Some(Some(value.clone())),
                    ..SourceEdit::default()
                };
                let stored = state.source(slug)?;
                self.check_unsaved_source(&state, Some(stored), edit).await
            }
        }
    }

    /// Fails with the stored version if another one is expected. Returns the version.
    async fn require_version(
        &self,
        owner: &Owner,
        state: &WorkspaceState,
    ) -> Result<u64, DomainError> {
        let version = version_of(state, owner).ok_or_else(|| no_provider(owner.name()))?;
        match self.expects(version) {
            true => Ok(version),
            false => Err(match owner {
                Owner::Provider(name) => self.provider_changed(name).await,
                Owner::Source(slug) => self.source_changed(slug).await,
            }),
        }
    }
}

/// A change to the staged and the previous key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Deletes the staged key.
    DiscardNext,
    /// Deletes the previous key.
    DiscardPrevious,
    /// Makes the staged key the current one, and keeps the replaced one for an hour.
    Switch,
    /// Makes the previous key the current one again. The replaced one is staged, unless another
    /// key is.
    SwitchBack,
}

impl Rotation {
    fn step(self, keys: &Keys<'_>) -> Result<Step, DomainError> {
        let KeyNames {
            current,
            next,
            previous,
        } = keys.names.clone();
        let has = |name: &str| keys.value_id(name).is_some();
        match self {
            Self::DiscardNext => {
                if !keys.state.inventory.stored.contains_key(&next) {
                    return Err(DomainError::not_found("No key is staged."));
                }
                Ok(Step {
                    action: "key.next.discard",
                    changes: vec![SecretChange::remove(next)],
                    current: None,
                    previous: None,
                })
            }
            Self::DiscardPrevious => {
                if !keys.state.inventory.stored.contains_key(&previous) {
                    return Err(DomainError::not_found("No previous key is kept."));
                }
                Ok(Step {
                    action: "key.previous.discard",
                    changes: vec![SecretChange::remove(previous)],
                    current: None,
                    previous: Some(None),
                })
            }
            Self::Switch => {
                let value = keys.value_id(&next).ok_or_else(no_staged_key)?;
                let (replaced, until) = replaced_key(&keys.names, has(&current));
                Ok(Step {
                    action: "key.switch",
                    changes: vec![
                        SecretChange::copy(current, next.clone()),
                        replaced,
                        SecretChange::remove(next),
                    ],
                    current: Some(value),
                    previous: Some(until),
                })
            }
            Self::SwitchBack => {
                let is_kept = is_kept(keys.state.previous_keys.get(keys.owner.name()).copied());
                let value = keys.value_id(&previous).filter(|_| is_kept);
                let value = value.ok_or_else(no_previous_key)?;
                let mut changes = vec![
                    SecretChange::copy(current.clone(), previous.clone()),
                    SecretChange::remove(previous),
                ];
                if !has(&next) && has(&current) {
                    changes.push(SecretChange::copy(next, current));
                }
                Ok(Step {
                    action: "key.switch_back",
                    changes,
                    current: Some(value),
                    previous: Some(None),
                })
            }
        }
    }
}

fn version_of(state: &WorkspaceState, owner: &Owner) -> Option<u64> {
    match owner {
        Owner::Provider(name) => state
            .has_provider(name)
            .then(|| state.provider_version(name)),
        Owner::Source(slug) => Some(state.source(slug).ok()?.version),
    }
}

fn no_staged_key() -> DomainError {
    let message = "No key is staged for the origin that requests go to. Stage one first.";
    DomainError::conflict("no_staged_key", message)
}

fn no_previous_key() -> DomainError {
    let message = "The previous key is no longer kept. Enter it again, if you still have it.";
    DomainError::conflict("no_previous_key", message)
}
