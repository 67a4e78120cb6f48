//! Endpoints: the effective base URL, headers and credential of a provider or source.
//!
//! Test, refresh and every route read this one place, so that what was tested is what is used.

mod provider;
mod slots;
mod source;

pub(crate) use provider::{OfAgent, endpoint as provider_endpoint};
pub(crate) use slots::{ProviderSlot, ReadUrl, SourceSlot, WithEndpoint};
pub(crate) use source::{bare_address, endpoint as source_endpoint, unknown_source};

use crate::base_url::{BaseUrl, BaseUrlError};
use crate::header::credential_header;
use crate::provenance::Provenance;
use crate::resolution::{Credential, Provenanced, Rejection, RouteHeader, Warning};
use crate::time_limits::TimeLimits;
use crate::{codes, credential};
use std::collections::BTreeMap;

/// Where requests go and what they carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The effective base URL, or why there is none.
    pub base_url: Result<EffectiveBaseUrl, BaseUrlProblem>,
    /// The credential; `None` for an endpoint that takes none.
    pub credential: Option<Credential>,
    /// The header that carries the credential; absent where none is sent.
    pub auth: Option<AuthHeader>,
    /// The headers of every request to the endpoint, the credential's included: lower-case names,
    /// one value each, sorted by name. A request with a body adds its `content-type`.
    pub headers: Vec<RouteHeader>,
    /// Headers of the caller that are passed on, beside those that always are: lower-case names,
    /// sorted. A header of the endpoint wins.
    pub pass_headers: Vec<String>,
    /// How long its requests may take, where that differs from the others.
    pub limits: TimeLimits,
    /// Why the credential or the headers cannot be sent, where they cannot.
    pub credential_problem: Option<Rejection>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
}

/// A base URL with the place it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveBaseUrl {
    /// The base URL.
    pub url: BaseUrl,
    /// Where it comes from.
    pub from: Provenance,
}

impl EffectiveBaseUrl {
    /// The same as a resolution shows it.
    #[must_use]
    pub fn provenanced(&self) -> Provenanced {
        Provenanced {
            value: self.url.to_string(),
            from: self.from.clone(),
        }
    }
}

/// Why there is no usable base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrlProblem {
    /// The place that gives the bad one.
    pub from: Provenance,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong and where, for a person.
    pub message: String,
}

/// The header that carries a credential: its value is `prefix` and then the credential itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthHeader {
    /// The lower-case name.
    pub name: String,
    /// `Bearer ` or nothing.
    pub prefix: &'static str,
    /// The place of the credential: `secret:<name>` or `env:<VAR>`.
    pub from: Provenance,
}

/// The headers of a request while they are put together: the later one of a name wins.
#[derive(Default)]
pub(crate) struct HeaderSet(BTreeMap<String, (String, Provenance)>);

impl HeaderSet {
    /// Sets a header and gives back the place of the one that it replaces.
    pub(crate) fn set(
        &mut self,
        name: &str,
        value: String,
        from: Provenance,
    ) -> Option<Provenance> {
        let replaced = self.0.insert(name.to_ascii_lowercase(), (value, from));
        replaced.map(|(_, from)| from)
    }

    /// Sets the credential's header, which wins over every other, and warns where it does.
    pub(crate) fn set_credential(&mut self, auth: &AuthHeader) -> Option<Warning> {
        let value = format!("{}{{{{{}}}}}", auth.prefix, auth.from);
        let shadowed = self.set(&auth.name, value, auth.from.clone())?;
        Some(Warning {
            code: codes::HEADER_SHADOWED.into(),
            message: format!(
                "The header `{}` from `{shadowed}` is not sent: the credential's header of the \
                 same name replaces it.",
                auth.name
            ),
            suggestion: None,
        })
    }

    pub(crate) fn into_headers(self) -> Vec<RouteHeader> {
        self.0
            .into_iter()
            .map(|(name, (value, from))| RouteHeader { name, value, from })
            .collect()
    }
}

/// The header for a credential that can be sent.
pub(crate) fn auth_header(
    credential: Option<&Credential>,
    auth_header: Option<&str>,
) -> Option<AuthHeader> {
    let credential = credential.filter(|credential| credential::is_sendable(credential))?;
    let (name, prefix) = credential_header(auth_header);
    Some(AuthHeader {
        name,
        prefix,
        from: credential.from.clone(),
    })
}

/// The warning for a credential that may or may not be there.
pub(crate) fn unavailable_warning(credential: &Credential) -> Option<Warning> {
    use crate::resolution::CredentialState::Unknown;
    (credential.state == Unknown).then(|| Warning {
        code: codes::SECRETS_UNAVAILABLE.into(),
        message: format!(
            "The secrets backend is not responding, so it is not known whether `{}` is there.",
            credential.from
        ),
        suggestion: None,
    })
}

/// A problem with a base URL, with the place that gives it.
pub(crate) fn base_url_problem(
    error: &BaseUrlError,
    from: Provenance,
    what: &str,
) -> BaseUrlProblem {
    BaseUrlProblem {
        message: format!("{what} cannot be used: {}", error.message()),
        code: error.code(),
        from,
    }
}
