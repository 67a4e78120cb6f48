//! The endpoint of a custom source, and of a base URL that an agent brings itself.

use super::{
    BaseUrlProblem, EffectiveBaseUrl, Endpoint, HeaderSet, ReadUrl, SourceSlot, auth_header,
    base_url_problem, unavailable_warning,
};
use crate::codes;
use crate::credential::{
    choose, is_sendable, missing_secret, secret_state, source_auth_secret, source_headers_secret,
};
use crate::provenance::Provenance;
use crate::resolution::{Credential, CredentialState, Rejection};
use crate::snapshot::{SecretStates, Snapshot};
use crate::source::{SourceEntry, SourceHeader};
use crate::time_limits::TimeLimits;

/// The endpoint of a source, or of an agent's own base URL with the secrets of that source.
pub(crate) fn endpoint(snapshot: &Snapshot, slot: &SourceSlot, own: Option<&ReadUrl>) -> Endpoint {
    let entry = &slot.entry;
    let from = Provenance::Source(entry.slug.clone());
    let base_url = match own {
        Some(own) => agents_base_url(own),
        None => sources_base_url(slot, &from),
    };
    let origin = base_url.as_ref().ok().map(|base| base.url.origin());
    let home = slot.base_url.as_ref().ok().map(|url| url.origin());
    let secrets = bound_to_home(&snapshot.secrets, entry, home.as_deref());
    // The secrets belong to the source's own origin, whatever the agent says.
    let elsewhere = own.is_some() && home.is_some() && origin != home;

    let credential = credential(snapshot, &secrets, entry, origin.as_deref(), elsewhere);
    let auth = auth_header(credential.as_ref(), entry.auth_header.as_deref());
    let headers_bound = headers_bound_elsewhere(&secrets, entry, origin.as_deref());
    let mut headers = HeaderSet::default();
    if headers_bound.is_none() && !elsewhere {
        for header in &entry.headers {
            headers.set(&header.name, header_value(entry, header), from.clone());
        }
    }
    let shadowed = auth.as_ref().and_then(|auth| headers.set_credential(auth));
    let unavailable = credential.as_ref().and_then(unavailable_warning);
    let has_secrets = credential.is_some() || !entry.headers.is_empty();
    let bound = home
        .filter(|_| elsewhere && has_secrets)
        .or_else(|| credential.as_ref().and_then(bound_elsewhere))
        .or(headers_bound);
    Endpoint {
        credential_problem: missing(&secrets, entry, elsewhere)
            .or_else(|| mismatch(&entry.slug, bound, origin.as_deref(), own.is_some())),
        base_url,
        credential,
        auth,
        headers: headers.into_headers(),
        pass_headers: match elsewhere {
            true => Vec::new(),
            false => entry.pass_headers.clone(),
        },
        limits: entry.limits,
        warnings: unavailable.into_iter().chain(shadowed).collect(),
    }
}

/// The endpoint of a passthrough model whose source does not exist: at most its address is known.
pub(crate) fn unknown_source(slug: &str, own: Option<&ReadUrl>) -> Endpoint {
    let message = format!(
        "There is no custom source `{slug}`, whose credential the model should use. Add it, or \
         name another."
    );
    let base_url = own.map(agents_base_url).unwrap_or_else(|| {
        Err(BaseUrlProblem {
            from: Provenance::AgentYaml,
            code: codes::UNKNOWN_SOURCE,
            message: message.clone(),
        })
    });
    Endpoint {
        credential_problem: Some(Rejection {
            code: codes::UNKNOWN_SOURCE.to_owned(),
            message,
            span: None,
        }),
        ..without_credential(base_url)
    }
}

/// The endpoint of a passthrough model that names no source.
pub(crate) fn bare_address(own: Option<&ReadUrl>) -> Endpoint {
    let missing = || {
        Err(BaseUrlProblem {
            from: Provenance::AgentYaml,
            code: codes::PASSTHROUGH_NEEDS_BASE_URL,
            message: "The model passes through but names neither a source nor a base URL. Name \
                      one of them."
                .to_owned(),
        })
    };
    without_credential(own.map_or_else(missing, agents_base_url))
}

fn without_credential(base_url: Result<EffectiveBaseUrl, BaseUrlProblem>) -> Endpoint {
    Endpoint {
        base_url,
        credential: None,
        auth: None,
        headers: Vec::new(),
        pass_headers: Vec::new(),
        limits: TimeLimits::default(),
        credential_problem: None,
        warnings: Vec::new(),
    }
}

fn agents_base_url(own: &ReadUrl) -> Result<EffectiveBaseUrl, BaseUrlProblem> {
    match own {
        Ok(url) => Ok(EffectiveBaseUrl {
            url: url.clone(),
            from: Provenance::AgentYaml,
        }),
        Err(error) => {
            let what = "The base URL in the agent's document";
            Err(base_url_problem(error, Provenance::AgentYaml, what))
        }
    }
}

fn sources_base_url(
    slot: &SourceSlot,
    from: &Provenance,
) -> Result<EffectiveBaseUrl, BaseUrlProblem> {
    let slug = &slot.entry.slug;
    match &slot.base_url {
        Ok(url) => Ok(EffectiveBaseUrl {
            url: url.clone(),
            from: from.clone(),
        }),
        Err(error) if error.code() == codes::MISSING_BASE_URL => Err(BaseUrlProblem {
            from: from.clone(),
            code: codes::PASSTHROUGH_NEEDS_BASE_URL,
            message: format!(
                "The source `{slug}` has no base URL, so nothing can be sent to it. Enter one."
            ),
        }),
        Err(error) => {
            let what = format!("The base URL of the source `{slug}`");
            Err(base_url_problem(error, from.clone(), &what))
        }
    }
}

/// The value of a static header: as written, or where it is a secret, its name in the backend.
fn header_value(entry: &SourceEntry, header: &SourceHeader) -> String {
    match &header.value {
        Some(value) => value.clone(),
        None => format!(
            "{{{{secret:{}#{}}}}}",
            source_headers_secret(&entry.slug),
            header.name.to_ascii_lowercase()
        ),
    }
}

/// What is known of the source's secrets, with its own origin for those that were stored for any.
fn bound_to_home(secrets: &SecretStates, entry: &SourceEntry, home: Option<&str>) -> SecretStates {
    let mut own = SecretStates {
        unavailable: secrets.unavailable,
        unknown: secrets.unknown.clone(),
        missing: secrets.missing.clone(),
        ..SecretStates::default()
    };
    for name in [
        source_auth_secret(&entry.slug),
        source_headers_secret(&entry.slug),
    ] {
        let Some(bound) = secrets.stored.get(&name) else {
            continue;
        };
        let bound = match home {
            Some(home) if bound.is_empty() => home,
            _ => bound,
        };
        own.stored.insert(name, bound.to_owned());
    }
    own
}

/// Why a source cannot be used whose key or static headers are configured and not there. To send
/// the request without them would be another request.
fn missing(secrets: &SecretStates, entry: &SourceEntry, elsewhere: bool) -> Option<Rejection> {
    if elsewhere {
        return None;
    }
    let headers = || {
        let listed = entry.headers.iter().any(|header| header.value.is_none());
        listed.then(|| source_headers_secret(&entry.slug))
    };
    missing_secret(secrets, &source_auth_secret(&entry.slug))
        .or_else(|| missing_secret(secrets, &headers()?))
}

/// The credential of a source. A source without an auth value is valid: it needs no key.
fn credential(
    snapshot: &Snapshot,
    secrets: &SecretStates,
    entry: &SourceEntry,
    origin: Option<&str>,
    elsewhere: bool,
) -> Option<Credential> {
    let places = vec![Provenance::Secret(source_auth_secret(&entry.slug))];
    let eligible = usize::from(!elsewhere);
    let environment = &snapshot.environment;
    let credential = choose(places, eligible, origin, secrets, environment, &|_| true)?;
    (credential.state != CredentialState::Absent).then_some(credential)
}

fn bound_elsewhere(credential: &Credential) -> Option<String> {
    if is_sendable(credential) {
        return None;
    }
    credential
        .candidates
        .iter()
        .find_map(|candidate| candidate.origin.clone())
}

/// The origin that the static headers were entered for, where it is another one. Their values are
/// secrets and as bound as the key is.
fn headers_bound_elsewhere(
    secrets: &SecretStates,
    entry: &SourceEntry,
    origin: Option<&str>,
) -> Option<String> {
    if entry.headers.is_empty() {
        return None;
    }
    let (_, bound) = secret_state(secrets, &source_headers_secret(&entry.slug), origin);
    bound
}

/// The refusal of a route to another origin than the one the source's secrets belong to.
fn mismatch(
    slug: &str,
    bound: Option<String>,
    origin: Option<&str>,
    is_agents: bool,
) -> Option<Rejection> {
    let (bound, origin) = (bound?, origin?);
    let remedy = match is_agents {
        true => "Name a source of that address, or none",
        false => "Enter them again for the new address",
    };
    Some(Rejection {
        code: codes::CREDENTIAL_ORIGIN_MISMATCH.into(),
        message: format!(
            "The secrets of the source `{slug}` were entered for {bound} and are not sent to \
             {origin}. {remedy}."
        ),
        span: None,
    })
}
