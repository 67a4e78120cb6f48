//! What is known about the credential of a provider or source.
//!
//! A check is recorded for one value at one origin, under a name that is no secret. What is shown is
//! the check of the credential that requests carry now, so that a new key, a new origin or another
//! variable is not verified without anything having to be reset.

use super::owner::Owner;
use super::owner_identity::Identity;
use super::state::{WorkspaceState, origin_of};
use super::{DomainError, Workspace};
use crate::store::{CredentialCheck, OwnerRows, StoredSource, Transaction};
use waypost_api_types::{CheckOutcome, OutcomeReport, Verification, VerificationState};
use waypost_routing::credential::{source_auth_secret, source_headers_secret};
use waypost_routing::endpoint::Endpoint;
use waypost_routing::provenance::Provenance;
use waypost_secrets::Inventory;

/// Stands for the value where no credential is sent.
const NO_VALUE: &str = "none";

impl Workspace {
    /// A name for what requests to a provider carry; `None` if it has no base URL or the value is
    /// not known.
    pub(super) fn provider_credential(
        &self,
        state: &WorkspaceState,
        endpoint: &Endpoint,
    ) -> Option<String> {
        let value = match endpoint.auth.as_ref().map(|auth| &auth.from) {
            None => NO_VALUE.to_owned(),
            // A later start may have another value.
            Some(Provenance::Env(variable)) => format!("env:{variable}:{}", self.inner.start_id),
            Some(from) => state.inventory.stored.get(from.secret_name()?)?.value_id(),
        };
        provider_credential_of(endpoint, &value)
    }

    /// A name for what requests to an owner carry now.
    pub(super) fn credential_in_use(
        &self,
        state: &WorkspaceState,
        owner: &Owner,
    ) -> Option<String> {
        match owner {
            Owner::Provider(_) => self.provider_credential(state, &owner.endpoint(&state.table())?),
            Owner::Source(slug) => {
                let stored = &state.inventory.stored;
                source_credential(state.source(slug).ok()?, &|name| {
                    stored.get(name).map(|stored| stored.value_id())
                })
            }
        }
    }

    /// Records a check of a credential, if the upstream accepted or refused it.
    pub(super) async fn record_verification(
        &self,
        transaction: &mut dyn Transaction,
        owner: &Owner,
        credential: Option<String>,
        report: &OutcomeReport,
    ) -> Result<(), DomainError> {
        let (outcome, message) = (report.outcome, report.message.as_str());
        self.record_credential_check(transaction, owner.name(), credential, outcome, message)
            .await
    }

    /// Records what an upstream said about a credential, if it accepted or refused it. Its owner is a
    /// provider, a source, or the secret of an agent's own key.
    pub(super) async fn record_credential_check(
        &self,
        transaction: &mut dyn Transaction,
        owner: &str,
        credential: Option<String>,
        outcome: CheckOutcome,
        message: &str,
    ) -> Result<(), DomainError> {
        let (Some(credential), Some(accepted)) = (credential, accepted(outcome)) else {
            return Ok(());
        };
        let check = CredentialCheck {
            credential,
            accepted,
            outcome,
            message: message.to_owned(),
        };
        transaction.record_verification(owner, &check).await?;
        Ok(())
    }
}

/// A key that the upstream accepted, for the provider as it was then.
pub(super) struct CheckedKey {
    pub(super) provider: Identity,
    pub(super) report: OutcomeReport,
}

/// A change that the upstream accepted, to the source as it was then.
pub(super) struct CheckedEdit {
    pub(super) before: StoredSource,
    pub(super) report: OutcomeReport,
}

/// A name for a value in the place of a provider's key.
pub(super) fn provider_credential_of(endpoint: &Endpoint, value: &str) -> Option<String> {
    let origin = endpoint.base_url.as_ref().ok()?.url.origin();
    Some(format!("{origin} {value}"))
}

/// A name for everything that decides whether an upstream accepts the credential of a source: the
/// origin, the header, and the values of the key and of the static headers, which `value_id` names.
pub(super) fn source_credential(
    source: &StoredSource,
    value_id: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let origin = origin_of(&source.base_url)?;
    let header = source.auth_header.as_deref().unwrap_or_default();
    let value = value_id(&source_auth_secret(&source.slug));
    let value = value.as_deref().unwrap_or(NO_VALUE);
    let headers = match source.header_names.is_empty() {
        true => None,
        false => value_id(&source_headers_secret(&source.slug)),
    };
    let headers = headers.unwrap_or_default();
    Some([&origin, header, &headers, value].join(" "))
}

/// A name for an agent's own key as it is stored now.
pub(super) fn agent_key_credential(inventory: &Inventory, secret: &str) -> Option<String> {
    let stored = inventory.stored.get(secret)?;
    Some(format!("{} {}", stored.meta.origin, stored.value_id()))
}

/// The credential of an owner with a value in the place of its key.
pub(super) fn credential_with(
    state: &WorkspaceState,
    owner: &Owner,
    value_id: &str,
) -> Option<String> {
    match owner {
        Owner::Provider(_) => provider_credential_of(&owner.endpoint(&state.table())?, value_id),
        Owner::Source(slug) => {
            let key = source_auth_secret(slug);
            source_credential(state.source(slug).ok()?, &|name| {
                if name == key {
                    return Some(value_id.to_owned());
                }
                let stored = state.inventory.stored.get(name)?;
                Some(stored.value_id())
            })
        }
    }
}

/// Whether an outcome says that the credential is accepted; `None` if it says nothing about it.
pub(super) fn accepted(outcome: CheckOutcome) -> Option<bool> {
    match outcome {
        CheckOutcome::Ok | CheckOutcome::NoModels => Some(true),
        CheckOutcome::Unauthorized => Some(false),
        _ => None,
    }
}

/// What the last check said about a credential.
pub(super) fn shown(rows: &OwnerRows, owner: &str, credential: Option<String>) -> Verification {
    let recorded =
        credential.and_then(|credential| rows.verifications.get(&(owner.to_owned(), credential)));
    match recorded {
        None => Verification::default(),
        Some(check) => Verification {
            state: match check.accepted {
                true => VerificationState::Verified,
                false => VerificationState::Refused,
            },
            at: Some(check.at),
            code: Some(check.outcome),
            message: Some(check.message.clone()),
        },
    }
}
