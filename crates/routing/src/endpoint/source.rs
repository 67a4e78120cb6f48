//! The endpoint of a custom source.

use super::{
    EffectiveBaseUrl, Endpoint, HeaderSet, auth_header, base_url_problem, unavailable_warning,
};
use crate::codes;
use crate::credential::{
    Place, choose, is_sendable, secret_state, source_auth_secret, source_headers_secret,
};
use crate::resolution::{Credential, CredentialState, Refusal};
use crate::source::{SourceFacts, SourceHeader};
use crate::world::{SourceSlot, World};

/// A custom source with its effective values.
#[derive(Clone, Debug)]
pub struct EffectiveSource<'w> {
    /// The source.
    pub source: &'w SourceFacts,
    /// Where requests to it go and what they carry.
    pub endpoint: Endpoint,
}

/// The effective values of a source; `None` for a slug that no source has.
#[must_use]
pub fn effective_source<'w>(world: &'w World, slug: &str) -> Option<EffectiveSource<'w>> {
    let slot = world.source(slug)?;
    Some(EffectiveSource {
        source: &slot.facts,
        endpoint: endpoint(world, slot),
    })
}

pub(crate) fn endpoint(world: &World, slot: &SourceSlot) -> Endpoint {
    let facts = &slot.facts;
    let slug = &facts.slug;
    let from = format!("source:{slug}");
    let base_url = match &slot.base_url {
        Ok(url) => Ok(EffectiveBaseUrl {
            url: url.clone(),
            from: from.clone(),
        }),
        Err(error) => {
            let what = format!("The base URL of the source `{slug}`");
            Err(base_url_problem(error, from.clone(), &what))
        }
    };
    let origin = base_url.as_ref().ok().map(|base| base.url.origin());
    let credential = credential(world, facts, origin.as_deref());
    let auth = auth_header(credential.as_ref(), facts.auth_header.as_deref());

    let headers_bound = headers_bound_elsewhere(world, facts, origin.as_deref());
    let mut headers = HeaderSet::default();
    if headers_bound.is_none() {
        for header in &facts.headers {
            headers.set(&header.name, header_value(facts, header), from.clone());
        }
    }
    let shadowed = auth.as_ref().and_then(|auth| headers.set_credential(auth));
    let unavailable = credential.as_ref().and_then(unavailable_warning);
    let key_bound = credential.as_ref().and_then(bound_elsewhere);
    Endpoint {
        credential_problem: mismatch(slug, key_bound.or(headers_bound), origin.as_deref()),
        base_url,
        credential,
        auth,
        headers: headers.into_headers(),
        warnings: unavailable.into_iter().chain(shadowed).collect(),
    }
}

/// The value of a static header: as written, or where it is a secret, its name in the backend.
fn header_value(facts: &SourceFacts, header: &SourceHeader) -> String {
    match &header.value {
        Some(value) => value.clone(),
        None => format!(
            "{{{{secret:{}#{}}}}}",
            source_headers_secret(&facts.slug),
            header.name.to_ascii_lowercase()
        ),
    }
}

/// The credential of a source. A source without an auth value is keyless, which is no fault.
fn credential(world: &World, facts: &SourceFacts, origin: Option<&str>) -> Option<Credential> {
    let snapshot = world.snapshot();
    let place = Place::Secret(source_auth_secret(&facts.slug));
    let credential = choose(
        &[place],
        1,
        origin,
        &snapshot.secrets,
        &snapshot.environment,
    )?;
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
    world: &World,
    facts: &SourceFacts,
    origin: Option<&str>,
) -> Option<String> {
    if facts.headers.is_empty() {
        return None;
    }
    let name = source_headers_secret(&facts.slug);
    let (_, bound) = secret_state(&world.snapshot().secrets, &name, origin);
    bound
}

/// The refusal of a route to another origin than the one the source's secrets were entered for.
fn mismatch(slug: &str, bound: Option<String>, origin: Option<&str>) -> Option<Refusal> {
    let (bound, origin) = (bound?, origin?);
    Some(Refusal {
        code: codes::CREDENTIAL_ORIGIN_MISMATCH.into(),
        message: format!(
            "The secrets of the source `{slug}` were entered for {bound} and are not sent to \
             {origin}. Enter them again for the new address."
        ),
        span: None,
    })
}
