//! From what is effective to what is sent: the one place where a credential's name becomes its
//! value.

use super::owner::Owner;
use super::row_errors::no_source;
use super::state::WorkspaceState;
use super::static_headers::read_header;
use super::{DomainError, Workspace};
use crate::discovery::{AuthSent, ModelListTarget};
use crate::tokens::contains_token;
use std::collections::{BTreeMap, BTreeSet};
use waypost_routing::codes;
use waypost_routing::credential::source_headers_secret;
use waypost_routing::endpoint::{AuthHeader, Endpoint};
use waypost_routing::header::CALLER_CREDENTIALS;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::{CredentialState, RouteHeader};
use waypost_routing::routing_table::{RoutingTable, effective_provider, effective_source};
use waypost_routing::snapshot::Snapshot;
use waypost_secrets::{SecretState, SecretText, SecretsError};

/// Values that were typed and are not stored (yet), by the name they would be stored under. They
/// are typed for the very request they go into.
pub(super) type TypedSecrets = BTreeMap<String, SecretText>;

impl Workspace {
    /// The endpoint of what is stored, ready to be called.
    pub(super) async fn endpoint(
        &self,
        state: &WorkspaceState,
        owner: &Owner,
    ) -> Result<ModelListTarget, DomainError> {
        let typed = TypedSecrets::new();
        let snapshot = state.snapshot(Vec::new());
        match owner {
            Owner::Provider(name) => self.provider_endpoint(state, snapshot, name, &typed).await,
            Owner::Source(slug) => {
                let table = RoutingTable::new(snapshot);
                let effective = effective_source(&table, slug).ok_or_else(|| no_source(slug))?;
                let granted = state.granted_origins();
                self.callable(&effective.endpoint, &typed, &granted).await
            }
        }
    }

    pub(super) async fn provider_endpoint(
        &self,
        state: &WorkspaceState,
        snapshot: Snapshot,
        name: &str,
        typed: &TypedSecrets,
    ) -> Result<ModelListTarget, DomainError> {
        let table = RoutingTable::new(snapshot);
        let effective =
            effective_provider(&table, name).ok_or_else(|| state.no_effective_provider(name))?;
        let granted = state.granted_origins();
        self.callable(&effective.endpoint, typed, &granted).await
    }

    /// Makes an effective endpoint ready to be called.
    ///
    /// # Errors
    /// Where it has no usable base URL, where its secrets were entered for another origin, where
    /// the secrets backend is not responding. Nothing is sent then.
    pub(super) async fn callable(
        &self,
        effective: &Endpoint,
        typed: &TypedSecrets,
        granted: &BTreeSet<String>,
    ) -> Result<ModelListTarget, DomainError> {
        let base_url = match &effective.base_url {
            Ok(base_url) => &base_url.url,
            Err(problem) => {
                let message = problem.message.clone();
                return Err(DomainError::invalid("base_url", problem.code, message));
            }
        };
        self.refuse_missing(effective, typed)?;
        refuse_bound_elsewhere(effective)?;
        let origin = base_url.origin();
        let mut headers = Vec::with_capacity(effective.headers.len());
        for header in &effective.headers {
            let value = self.header_value(effective, header, typed, &origin).await?;
            if let Some(value) = value {
                headers.push((header.name.clone(), value));
            }
        }
        Ok(ModelListTarget {
            base_url: base_url.clone(),
            granted: granted.contains(&origin),
            auth: auth_sent(&headers, effective.auth.as_ref()),
            headers,
            check_key_path: None,
        })
    }

    /// Refuses a call whose stored key is configured and not there.
    fn refuse_missing(
        &self,
        effective: &Endpoint,
        typed: &TypedSecrets,
    ) -> Result<(), DomainError> {
        let inventory = self.secrets().inventory();
        let candidates = effective
            .credential
            .iter()
            .flat_map(|found| &found.candidates);
        let lost = candidates
            .take_while(|place| !place.chosen)
            .map(|place| &place.from)
            .find(|place| {
                let name = place.secret_name();
                name.filter(|name| !typed.contains_key(*name))
                    .is_some_and(|name| {
                        matches!(
                            inventory.state(name),
                            Some(SecretState::Absent | SecretState::Changed)
                        )
                    })
            });
        match lost {
            Some(place) => Err(missing(place)),
            None => Ok(()),
        }
    }

    async fn header_value(
        &self,
        effective: &Endpoint,
        header: &RouteHeader,
        typed: &TypedSecrets,
        origin: &str,
    ) -> Result<Option<SecretText>, DomainError> {
        if let Some(auth) = &effective.auth
            && auth.name == header.name
        {
            let key = self.credential(&auth.from, typed, origin).await?;
            if key.is_none() {
                if may_have_another_key(effective) {
                    return Err(unavailable("it is not known which key to use"));
                }
                if was_found(effective) {
                    return Err(missing(&auth.from));
                }
            }
            return Ok(key.map(|key| prefixed(auth.prefix, &key)));
        }
        if let Provenance::Source(slug) = &header.from {
            // The static headers of a source are one secret, of which the route has the name.
            let name = source_headers_secret(slug);
            let all = self.secret(&name, typed, origin).await?;
            let value = match &all {
                Some(all) => read_header(all, &header.name)?,
                None => None,
            };
            // Leaving out a header that is listed would send another request than was configured.
            return value
                .map(Some)
                .ok_or_else(|| missing(&Provenance::Secret(name)));
        }
        Ok(Some(SecretText::new(header.value.clone())))
    }

    /// The value of a credential by its place.
    pub(super) async fn credential(
        &self,
        from: &Provenance,
        typed: &TypedSecrets,
        origin: &str,
    ) -> Result<Option<SecretText>, DomainError> {
        if let Provenance::Env(variable) = from {
            let Some(read) = self.inner.environment.key(variable) else {
                return Ok(None);
            };
            let key = read.map_err(|reason| {
                let message = format!(
                    "The environment variable `{variable}` is not used: {reason} Nothing was sent."
                );
                DomainError::conflict(codes::ENV_UNUSABLE, message)
            })?;
            if contains_token(key.expose()) {
                let message = format!(
                    "The environment variable `{variable}` contains a Waypost token, not a provider's key, so nothing was sent. Set it to the key you got from the provider."
                );
                return Err(DomainError::invalid("value", "waypost_token", message));
            }
            return Ok(Some(key));
        }
        match from.secret_name() {
            Some(name) => self.secret(name, typed, origin).await,
            None => Ok(None),
        }
    }

    pub(super) async fn secret(
        &self,
        name: &str,
        typed: &TypedSecrets,
        origin: &str,
    ) -> Result<Option<SecretText>, DomainError> {
        if let Some(value) = typed.get(name) {
            return Ok(Some(value.clone()));
        }
        match self.secrets().for_origin(name, origin).await {
            Ok(value) => Ok(value),
            Err(error) => {
                // The next route must know what was found out here.
                self.apply_secrets();
                Err(match error {
                    SecretsError::Unavailable(reason) | SecretsError::TimedOut(reason) => {
                        unavailable(&reason)
                    }
                    SecretsError::NeedsReentry { name, reason } => DomainError::conflict(
                        "missing_api_key",
                        format!(
                            "The secret `{name}` cannot be used: {reason}. Nothing was sent. Enter it again."
                        ),
                    ),
                    error => error.into(),
                })
            }
        }
    }
}

/// A value that is listed and not there.
fn missing(place: &Provenance) -> DomainError {
    let name = place.label();
    DomainError::conflict(
        "missing_api_key",
        format!("The value of `{name}` is missing, so nothing was sent. Enter it again."),
    )
}

/// Whether routing has found the credential in the place it chose.
fn was_found(effective: &Endpoint) -> bool {
    effective
        .credential
        .as_ref()
        .is_some_and(|credential| credential.state == CredentialState::Present)
}

fn unavailable(reason: &str) -> DomainError {
    DomainError::unavailable(
        "secrets_unavailable",
        format!("The secrets backend is not responding ({reason}), so nothing was sent."),
    )
}

/// Whether a place that does not answer was chosen before others. Going out without a key would
/// tell of a key that is refused, where none was asked.
fn may_have_another_key(effective: &Endpoint) -> bool {
    effective.credential.as_ref().is_some_and(|credential| {
        credential.state == CredentialState::Unknown && credential.candidates.len() > 1
    })
}

/// Calling without the key that was entered would only lead to a puzzling refusal, at an address
/// that may have been set to collect requests.
fn refuse_bound_elsewhere(effective: &Endpoint) -> Result<(), DomainError> {
    let Some(problem) = &effective.credential_problem else {
        return Ok(());
    };
    let of_variable = [codes::ENV_NOT_ALLOWED, codes::ENV_UNUSABLE];
    if let Some(code) = of_variable.into_iter().find(|code| problem.code == *code) {
        let message = format!("{} Nothing was sent.", problem.message);
        return Err(DomainError::conflict(code, message));
    }
    let only_missing = effective.credential.as_ref().is_some_and(|credential| {
        credential
            .candidates
            .iter()
            .all(|place| place.state == CredentialState::Absent)
    });
    if only_missing {
        return Ok(());
    }
    let message = format!("{} Nothing was sent.", problem.message);
    let has_passed_over = effective
        .credential
        .as_ref()
        .is_some_and(|credential| !credential.candidates.iter().any(|place| place.chosen));
    // A key that was passed over is another origin's; without one, a listed value is missing.
    let code = match problem.code == "missing_api_key" && !has_passed_over {
        true => "missing_api_key",
        false => "credential_origin_mismatch",
    };
    Err(DomainError::conflict(code, message))
}

fn prefixed(prefix: &str, key: &SecretText) -> SecretText {
    let mut text = String::with_capacity(prefix.len() + key.expose().len());
    text.push_str(prefix);
    text.push_str(key.expose());
    SecretText::new(text)
}

/// How the request identifies itself, which tells a gateway's odd refusals from its faults.
fn auth_sent(headers: &[(String, SecretText)], auth: Option<&AuthHeader>) -> AuthSent {
    let authorization = headers.iter().find(|(name, _)| name == "authorization");
    if let Some((_, value)) = authorization {
        return if value.expose().contains(' ') {
            AuthSent::Scheme
        } else {
            AuthSent::NoScheme
        };
    }
    let carries_one = headers.iter().any(|(name, _)| {
        CALLER_CREDENTIALS.contains(&name.as_str()) || auth.is_some_and(|auth| auth.name == *name)
    });
    if carries_one {
        AuthSent::Scheme
    } else {
        AuthSent::None
    }
}
