mod agents;
mod caller_headers;
mod environment;
mod keys;
mod listed_ids;
mod models;
mod own_keys;
mod private_origins;
mod rules;
mod sources;

use super::*;
use crate::builtin_catalog::builtin;
use crate::catalog::{BlockedName, Layer, ProviderEntry, ProviderKind};
use crate::operation::Operation;
use crate::resolution::{CredentialState, Outcome, RouteKind, Warning};
use crate::snapshot::{ModelEntry, Snapshot};
use crate::source::{SourceEntry, SourceHeader};
use serde_json::json;

/// The built-in catalog, keys for some of it in the environment, and two custom sources.
fn snapshot() -> Snapshot {
    let source = |slug: &str, passthrough| SourceEntry {
        slug: slug.into(),
        name: slug.into(),
        base_url: "https://Customer.example/v1/".into(),
        auth_header: Some("X-API-Key".into()),
        headers: vec![SourceHeader {
            name: "X-Team".into(),
            value: None,
        }],
        passthrough,
        limits: Default::default(),
        pass_headers: Vec::new(),
    };
    let mut snapshot = Snapshot {
        managed_gateway: "litellm".into(),
        providers: builtin(),
        sources: vec![source("customer", true), source("quiet", false)],
        ..Snapshot::default()
    };
    for variable in ["OPENROUTER_API_KEY", "LITELLM_MASTER_KEY", "NVIDIA_API_KEY"] {
        snapshot.environment.set.insert(variable.into());
    }
    for grant in ["OPENROUTER_*", "LITELLM_*", "NVIDIA_*", "TEAM_*", "EU_*"] {
        let grants = &mut snapshot.environment.grants;
        grants.push(grant.parse().unwrap());
    }
    for slug in ["customer", "quiet"] {
        let origin = "https://customer.example".to_owned();
        let stored = &mut snapshot.secrets.stored;
        stored.insert(format!("sources/{slug}/auth-value"), origin.clone());
        stored.insert(format!("sources/{slug}/headers"), origin);
    }
    snapshot
}

fn entry(name: &str, layer: Layer, base_url: &str) -> ProviderEntry {
    ProviderEntry {
        name: name.into(),
        kind: ProviderKind::Gateway,
        layer,
        base_url: base_url.into(),
        api_key_env: Some("LITELLM_MASTER_KEY".into()),
        default_headers: Default::default(),
        docs: None,
        notable_models: Vec::new(),
        limits: Default::default(),
        pass_headers: Vec::new(),
    }
}

fn resolve_in(snapshot: Snapshot, text: &str) -> Resolution {
    resolve(
        &RoutingTable::new(snapshot),
        &Request::new(text, Operation::Chat),
    )
}

fn destination(resolution: &Resolution) -> (RouteKind, &str, &str) {
    let route = resolution.route.as_ref().unwrap();
    (
        route.kind,
        route.url.as_deref().unwrap_or(""),
        &route.wire_model,
    )
}

fn warning<'r>(resolution: &'r Resolution, code: &str) -> &'r Warning {
    let found = resolution
        .warnings
        .iter()
        .find(|warning| warning.code == code);
    found.unwrap_or_else(|| panic!("no warning {code} in {:?}", resolution.warnings))
}

fn refusal(resolution: &Resolution) -> (&str, &str) {
    assert_eq!(resolution.outcome, Outcome::Rejected);
    let error = resolution.error.as_ref().unwrap();
    (&error.code, &error.message)
}

fn reasons(resolution: &Resolution) -> Vec<(&str, bool, &str)> {
    resolution
        .trace
        .iter()
        .map(|entry| (entry.rule.name(), entry.held, entry.reason.as_str()))
        .collect()
}
