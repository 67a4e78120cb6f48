//! The endpoint of a catalog provider.

use super::{
    AuthHeader, BaseUrlProblem, EffectiveBaseUrl, Endpoint, HeaderSet, auth_header,
    base_url_problem, unavailable_warning,
};
use crate::catalog::ProviderEntry;
use crate::codes;
use crate::credential::{Place, choose, is_sendable, provider_secret};
use crate::resolution::{Credential, CredentialState, Refusal, Warning};
use crate::world::{ProviderSlot, World};

/// A provider in force with its effective values.
#[derive(Clone, Debug)]
pub struct EffectiveProvider<'w> {
    /// The entry in force.
    pub entry: &'w ProviderEntry,
    /// Where requests to it go and what they carry.
    pub endpoint: Endpoint,
}

/// The effective values of the provider in force under a name; `None` for a name that no provider
/// has or that is blocked.
#[must_use]
pub fn effective_provider<'w>(world: &'w World, name: &str) -> Option<EffectiveProvider<'w>> {
    let slot = world.provider(name)?;
    Some(EffectiveProvider {
        entry: &slot.entry,
        endpoint: endpoint(world, slot),
    })
}

pub(crate) fn endpoint(world: &World, slot: &ProviderSlot) -> Endpoint {
    let entry = &slot.entry;
    let base_url = base_url(slot);
    let origin = base_url.as_ref().ok().map(|base| base.url.origin());
    let credential = credential(world, entry, origin.as_deref());
    let auth = auth_header(Some(&credential), None);

    let mut headers = HeaderSet::default();
    for (name, value) in &entry.default_headers {
        headers.set(name, value.clone(), entry.layer.name().to_owned());
    }
    let shadowed = auth.as_ref().and_then(|auth| headers.set_credential(auth));

    let warnings = [
        unavailable_warning(&credential),
        overridden_origin(slot, auth.as_ref(), origin.as_deref()),
        shadowed,
    ];
    Endpoint {
        credential_problem: missing_key(entry, &credential, origin.as_deref()),
        base_url,
        credential: Some(credential),
        auth,
        headers: headers.into_headers(),
        warnings: warnings.into_iter().flatten().collect(),
    }
}

/// The effective base URL: the places that can give one, in order, of which the first wins. A bad
/// one is an error and never falls back to the next place.
fn base_url(slot: &ProviderSlot) -> Result<EffectiveBaseUrl, BaseUrlProblem> {
    let name = &slot.entry.name;
    let environment = slot.environment.as_ref().map(|(variable, read)| {
        let what =
            format!("The environment variable `{variable}`, which sets the base URL of `{name}`,");
        (format!("env:{variable}"), read, what)
    });
    let entry = (
        slot.entry.layer.name().to_owned(),
        &slot.base_url,
        format!("The base URL of `{name}`"),
    );
    let (from, read, what) = environment.unwrap_or(entry);
    match read {
        Ok(url) => Ok(EffectiveBaseUrl {
            url: url.clone(),
            from,
        }),
        Err(error) => Err(base_url_problem(error, from, &what)),
    }
}

/// The ladder of a provider's credential: the stored key, then the variable that the entry names.
fn credential(world: &World, entry: &ProviderEntry, origin: Option<&str>) -> Credential {
    let snapshot = world.snapshot();
    let mut places = vec![Place::Secret(provider_secret(&entry.name))];
    if let Some(variable) = &entry.api_key_env {
        places.push(Place::Environment(variable.clone()));
    }
    choose(
        &places,
        places.len(),
        origin,
        &snapshot.secrets,
        &snapshot.environment,
    )
    .expect("a provider always has the place of its stored key")
}

/// The refusal of a route whose key is nowhere to be found.
fn missing_key(
    entry: &ProviderEntry,
    credential: &Credential,
    origin: Option<&str>,
) -> Option<Refusal> {
    if is_sendable(credential) {
        return None;
    }
    let name = &entry.name;
    let other_origin = credential
        .candidates
        .iter()
        .filter(|candidate| candidate.state == CredentialState::OtherOrigin)
        .find_map(|candidate| candidate.origin.as_deref());
    let stored = match (other_origin, origin) {
        (Some(bound), Some(origin)) => format!(
            "The stored key of `{name}` was entered for {bound} and is not sent to {origin}. \
             Enter it again for the new address"
        ),
        _ => format!("There is no key for `{name}`. Configure one"),
    };
    let variable = match &entry.api_key_env {
        Some(variable) => format!(", or set the environment variable `{variable}`"),
        None => String::new(),
    };
    Some(Refusal {
        code: codes::MISSING_API_KEY.into(),
        message: format!("{stored}{variable}."),
        span: None,
    })
}

/// Warns where a key from the environment goes to an origin that something put in the place of the
/// name's own.
fn overridden_origin(
    slot: &ProviderSlot,
    auth: Option<&AuthHeader>,
    origin: Option<&str>,
) -> Option<Warning> {
    let variable = auth?.from.strip_prefix("env:")?;
    let (origin, home) = (origin?, slot.home_origin.as_deref()?);
    (origin != home).then(|| Warning {
        code: codes::KEY_TO_OVERRIDDEN_ORIGIN.into(),
        message: format!(
            "The key from `{variable}` is sent to {origin}, which has been put in the place of \
             {home}."
        ),
        suggestion: None,
    })
}
