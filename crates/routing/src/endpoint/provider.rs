//! The endpoint of a catalog provider.

use super::{
    AuthHeader, BaseUrlProblem, EffectiveBaseUrl, Endpoint, HeaderSet, ProviderSlot, ReadUrl,
    auth_header, base_url_problem, unavailable_warning,
};
use crate::agent::GatewayOverride;
use crate::base_url::BaseUrl;
use crate::catalog::{ProviderEntry, ProviderKind};
use crate::codes;
use crate::credential::{agent_key_secret, choose, is_sendable, missing_secret, provider_secret};
use crate::provenance::Provenance;
use crate::resolution::{Credential, CredentialState, Rejection, Warning};
use crate::snapshot::Snapshot;

/// What is an agent's own at a gateway.
#[derive(Clone, Copy, Default)]
pub(crate) struct OfAgent<'a> {
    /// What its document overrides.
    pub(crate) block: Option<&'a GatewayOverride>,
    /// Its id, if its own key is stored for the gateway.
    pub(crate) key_of: Option<&'a str>,
}

impl OfAgent<'_> {
    pub(crate) fn is_nothing(self) -> bool {
        self.block.is_none() && self.key_of.is_none()
    }
}

/// The endpoint of a provider, with what is an agent's own there. Direct providers have nothing
/// that is an agent's.
pub(crate) fn endpoint(
    snapshot: &Snapshot,
    slot: &ProviderSlot,
    of_agent: OfAgent<'_>,
) -> Endpoint {
    let entry = &slot.entry;
    let of_agent = match entry.kind {
        ProviderKind::Gateway => of_agent,
        ProviderKind::OpenaiCompatible => OfAgent::default(),
    };
    let overrides = of_agent.block;
    let own_key = of_agent.key_of.map(|id| agent_key_secret(id, &entry.name));
    let base_url = base_url(slot, overrides);
    let origin = base_url.as_ref().ok().map(|base| base.url.origin());
    // What the entry lets pass is meant for its own address.
    let is_agents_address = overrides.is_some_and(|block| block.url.is_some())
        && origin
            != self::base_url(slot, None)
                .ok()
                .map(|base| base.url.origin());
    let own_variable = overrides.and_then(|overrides| overrides.api_key_env.as_deref());
    // Without an address nothing is sent, and the address is what has to be settled first.
    let may_send = |variable: &str| {
        let origin = origin.as_deref();
        origin.is_none_or(|origin| slot.may_send(variable, origin, &snapshot.environment))
    };
    let own = OwnPlaces {
        key: own_key.as_deref(),
        variable: own_variable,
    };
    let credential = credential(snapshot, entry, own, origin.as_deref(), &may_send);
    let auth = auth_header(Some(&credential), None);

    let mut headers = HeaderSet::default();
    for (name, value) in &entry.default_headers {
        headers.set(name, value.clone(), entry.layer.into());
    }
    for (name, value) in overrides.iter().flat_map(|block| &block.default_headers) {
        headers.set(name, value.clone(), Provenance::AgentYaml);
    }
    let shadowed = auth.as_ref().and_then(|auth| headers.set_credential(auth));

    let warnings = [
        unavailable_warning(&credential),
        own.shadowed_variable(entry),
        overridden_origin(slot, auth.as_ref(), origin.as_deref()),
        shadowed,
    ];
    let problem = match (own.key, own_variable) {
        (Some(name), _) => missing_secret(&snapshot.secrets, name)
            .or_else(|| agents_key_elsewhere(entry, &credential, origin.as_deref())),
        (None, Some(variable)) if !may_send(variable) => Some(agents_variable_not_allowed(
            entry,
            variable,
            origin.as_deref(),
        )),
        (None, Some(variable)) => unusable_variable(snapshot, variable, &credential)
            .or_else(|| unset_variable(entry, variable, &credential)),
        (None, None) => missing_secret(&snapshot.secrets, &provider_secret(&entry.name))
            .or_else(|| {
                let variable = entry.api_key_env.as_deref().filter(|name| may_send(name))?;
                unusable_variable(snapshot, variable, &credential)
            })
            .or_else(|| missing_key(entry, &credential, origin.as_deref(), &may_send)),
    };
    Endpoint {
        credential_problem: problem,
        base_url,
        credential: Some(credential),
        auth,
        headers: headers.into_headers(),
        pass_headers: match is_agents_address {
            true => Vec::new(),
            false => entry.pass_headers.clone(),
        },
        limits: entry.limits,
        warnings: warnings.into_iter().flatten().collect(),
    }
}

/// A place that gives a base URL: its name, what it says, and how a message calls it.
type BaseUrlPlace = (Provenance, ReadUrl, String);

/// The effective base URL: the places that can give one, in order, of which the first wins. A bad
/// one is an error and never falls back to the next place.
fn base_url(
    slot: &ProviderSlot,
    overrides: Option<&GatewayOverride>,
) -> Result<EffectiveBaseUrl, BaseUrlProblem> {
    let name = &slot.entry.name;
    let agent = || {
        let url = overrides?.url.as_deref()?;
        let what = format!("The `url` of `{name}` in the agent's document");
        Some((Provenance::AgentYaml, BaseUrl::parse(url), what))
    };
    let environment = || {
        let (variable, read) = slot.environment.as_ref()?;
        let what =
            format!("The environment variable `{variable}`, which sets the base URL of `{name}`,");
        Some((Provenance::Env(variable.clone()), read.clone(), what))
    };
    let entry = || {
        let what = format!("The base URL of `{name}`");
        Some((slot.entry.layer.into(), slot.base_url.clone(), what))
    };
    let places: [&dyn Fn() -> Option<BaseUrlPlace>; 3] = [&agent, &environment, &entry];
    let (from, read, what) = places
        .iter()
        .find_map(|place| place())
        .expect("an entry always has a base URL, if only a bad one");
    match read {
        Ok(url) => Ok(EffectiveBaseUrl { url, from }),
        Err(error) => Err(base_url_problem(&error, from, &what)),
    }
}

/// The places of a key that are an agent's own.
#[derive(Clone, Copy)]
struct OwnPlaces<'a> {
    /// The name of its stored key.
    key: Option<&'a str>,
    /// The variable that its document names.
    variable: Option<&'a str>,
}

impl OwnPlaces<'_> {
    /// Warns where the stored key keeps the variable from being used.
    fn shadowed_variable(self, entry: &ProviderEntry) -> Option<Warning> {
        self.key?;
        let variable = self.variable?;
        Some(Warning {
            code: codes::AGENT_KEY_SHADOWS_ENV.into(),
            message: format!(
                "The agent has its own stored key for `{}`, so the environment variable \
                 `{variable}`, which its document names, is not used.",
                entry.name
            ),
            suggestion: None,
        })
    }
}

/// The ladder of a provider's credential: the stored key, then the variable that the entry names.
/// An agent's own stored key and the variable that it names come before them. Where it has one of
/// the two, no later place counts: another key would be another budget.
fn credential(
    snapshot: &Snapshot,
    entry: &ProviderEntry,
    own: OwnPlaces<'_>,
    origin: Option<&str>,
    may_send: &dyn Fn(&str) -> bool,
) -> Credential {
    let variable = |name: &str| Provenance::Env(name.to_owned());
    let own_key = own.key.map(|name| Provenance::Secret(name.to_owned()));
    let mut places: Vec<Provenance> = own_key.into_iter().collect();
    places.extend(own.variable.map(variable));
    let eligible = usize::from(!places.is_empty());
    places.push(Provenance::Secret(provider_secret(&entry.name)));
    let entrys = entry.api_key_env.as_deref();
    places.extend(entrys.filter(|_| entrys != own.variable).map(variable));
    let eligible = match eligible {
        0 => places.len(),
        _ => eligible,
    };
    choose(
        places,
        eligible,
        origin,
        &snapshot.secrets,
        &snapshot.environment,
        may_send,
    )
    .expect("a provider always has the place of its stored key")
}

/// The rejection of a route to another origin than the agent's own key was entered for.
fn agents_key_elsewhere(
    entry: &ProviderEntry,
    credential: &Credential,
    origin: Option<&str>,
) -> Option<Rejection> {
    let key = credential.candidates.first()?;
    let (bound, origin) = (key.origin.as_deref()?, origin?);
    Some(Rejection {
        code: codes::MISSING_API_KEY.into(),
        message: format!(
            "The agent's own key for `{}` was entered for {bound} and is not sent to {origin}. No \
             other key is used in its place. Enter it again on the agent's page, or remove it.",
            entry.name
        ),
        span: None,
    })
}

/// The rejection of a route that has no key but a variable whose value is not one.
fn unusable_variable(
    snapshot: &Snapshot,
    variable: &str,
    credential: &Credential,
) -> Option<Rejection> {
    let reason = snapshot.environment.unusable.get(variable)?;
    (!is_sendable(credential)).then(|| Rejection {
        code: codes::ENV_UNUSABLE.into(),
        message: format!("The environment variable `{variable}` is not used: {reason}"),
        span: None,
    })
}

/// The refusal of a route for which an agent names a variable that is not set.
fn unset_variable(
    entry: &ProviderEntry,
    variable: &str,
    credential: &Credential,
) -> Option<Rejection> {
    (!is_sendable(credential)).then(|| Rejection {
        code: codes::MISSING_API_KEY.into(),
        message: format!(
            "The agent takes the key of `{}` from the environment variable `{variable}`, which \
             is not set. No other key is used in its place.",
            entry.name
        ),
        span: None,
    })
}

/// The rejection of a route for which an agent names a variable that the operator has not granted,
/// the same whether or not it is set.
fn agents_variable_not_allowed(
    entry: &ProviderEntry,
    variable: &str,
    origin: Option<&str>,
) -> Rejection {
    let origin = origin.unwrap_or_default();
    Rejection {
        code: codes::ENV_NOT_ALLOWED.into(),
        message: format!(
            "The agent takes the key of `{}` from the environment variable `{variable}`, which may \
             not be sent to {origin}. Remove `api_key_env` from the agent's document, or start \
             Waypost with `--env-keys {variable}@{origin}`.",
            entry.name
        ),
        span: None,
    }
}

/// The rejection of a route whose key is nowhere to be found.
fn missing_key(
    entry: &ProviderEntry,
    credential: &Credential,
    origin: Option<&str>,
    may_send: &dyn Fn(&str) -> bool,
) -> Option<Rejection> {
    if is_sendable(credential) {
        return None;
    }
    let name = &entry.name;
    let variable = entry.api_key_env.as_deref();
    let denied = variable.filter(|variable| !may_send(variable));
    let other_origin = credential
        .candidates
        .iter()
        .filter(|candidate| candidate.state == CredentialState::OtherOrigin)
        .find_map(|candidate| candidate.origin.as_deref());
    if let (Some(variable), Some(origin), None) = (denied, origin, other_origin) {
        return Some(Rejection {
            code: codes::ENV_NOT_ALLOWED.into(),
            message: format!(
                "The environment variable `{variable}` may not be sent to {origin}. Configure a \
                 key for `{name}`, or start Waypost with `--env-keys {variable}@{origin}`."
            ),
            span: None,
        });
    }
    let stored = match (other_origin, origin) {
        (Some(bound), Some(origin)) => format!(
            "The stored key of `{name}` was entered for {bound} and is not sent to {origin}. \
             Enter it again for the new address"
        ),
        _ => format!("There is no key for `{name}`. Configure one"),
    };
    let variable = match variable.filter(|_| denied.is_none()) {
        Some(variable) => format!(", or set the environment variable `{variable}`"),
        None => String::new(),
    };
    Some(Rejection {
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
    let variable = auth?.from.env_variable()?;
    let (origin, home) = (origin?, slot.home_origin.as_deref()?);
    (origin != home).then(|| Warning {
        code: codes::KEY_TO_OVERRIDDEN_ORIGIN.into(),
        message: format!("The key from `{variable}` is sent to {origin}, which replaces {home}."),
        suggestion: None,
    })
}
