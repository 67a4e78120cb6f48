//! What the adapters have in common: reading cases, making a routing table of one, and sending what a
//! resolution says with the secrets of the case put in.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::operation::Operation;
use waypost_routing::providers_file;
use waypost_routing::resolution::{Resolution, Route};
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;

const GATEWAYS: &str = include_str!("gateways.json");
const SOURCES: &str = include_str!("custom_sources_and_passthrough.json");

/// Every case of both files.
pub(crate) fn all() -> Vec<Value> {
    [GATEWAYS, SOURCES]
        .into_iter()
        .flat_map(|text| serde_json::from_str::<Vec<Value>>(text).unwrap())
        .collect()
}

/// The cases of one area, less those that are listed with a reason not to be run.
pub(crate) fn cases(area: &str) -> Vec<Value> {
    let cases: Vec<Value> = all()
        .into_iter()
        .filter(|case| case["area"] == area)
        .filter(|case| !crate::areas::is_left_out(text(&case["id"])))
        .collect();
    assert!(!cases.is_empty(), "no cases of the area {area}");
    cases
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// The snapshot of a case: the built-in catalog, its providers file and its environment. The
/// values of the environment stay here; the snapshot has names only.
pub(crate) fn snapshot(given: &Value) -> Snapshot {
    let mut snapshot = Snapshot {
        managed_gateway: "litellm".into(),
        providers: builtin(),
        ..Snapshot::default()
    };
    if let Some(yaml) = given["local_yaml"].as_str() {
        let file = providers_file::read(yaml.as_bytes());
        snapshot.providers.extend(file.entries);
        snapshot.blocked = file.blocked;
    }
    for (variable, value) in environment(given) {
        if !value.trim().is_empty() {
            snapshot.environment.set.insert(variable.clone());
        }
        if variable.ends_with("_BASE_URL") {
            snapshot.environment.base_urls.insert(variable, value);
        }
    }
    snapshot
}

pub(crate) fn environment(given: &Value) -> BTreeMap<String, String> {
    match given.get("env") {
        Some(env) => object(env)
            .iter()
            .map(|(name, value)| (name.clone(), text(value).to_owned()))
            .collect(),
        None => BTreeMap::new(),
    }
}

pub(crate) fn resolve_given(given: &Value) -> Resolution {
    let table = RoutingTable::new(snapshot(given));
    resolve(&table, &Request::new(text(&given["ref"]), Operation::Chat))
}

/// The headers as they would be sent: each secret's place filled with its value, trimmed as it is
/// when it is stored or read.
pub(crate) fn sent_headers(
    route: &Route,
    secrets: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    route
        .headers
        .iter()
        .map(|header| {
            let place = format!("{{{{{}}}}}", header.from);
            let value = match secrets.get(&header.from.to_string()) {
                Some(secret) => header.value.replace(&place, secret.trim()),
                None => header.value.clone(),
            };
            (header.name.clone(), value)
        })
        .collect()
}

/// The environment of a case under the places that a resolution names.
pub(crate) fn secrets(given: &Value) -> BTreeMap<String, String> {
    environment(given)
        .into_iter()
        .map(|(name, value)| (format!("env:{name}"), value))
        .collect()
}

/// Holds a resolution against the words of a case. A word that is not known fails.
pub(crate) fn check(id: &str, given: &Value, resolution: &Resolution, expected: &Value) {
    let secrets = secrets(given);
    for (word, value) in object(expected) {
        check_word(id, word, value, resolution, &secrets);
    }
}

fn check_word(
    id: &str,
    word: &str,
    value: &Value,
    resolution: &Resolution,
    secrets: &BTreeMap<String, String>,
) {
    if word == "match" {
        let taken = resolution
            .route
            .as_ref()
            .is_some_and(|route| route.kind.name() != "managed");
        assert_eq!(taken, *value, "{id}: {resolution:#?}");
        return;
    }
    if word == "error" {
        let error = resolution
            .error
            .as_ref()
            .unwrap_or_else(|| panic!("{id}: not rejected: {resolution:#?}"));
        assert_eq!(error.code, text(&value["code"]), "{id}");
        if let Some(variable) = value["api_key_env"].as_str() {
            assert!(error.message.contains(variable), "{id}: {}", error.message);
        }
        return;
    }
    assert_eq!(resolution.error, None, "{id}");
    let route = resolution.route.as_ref().unwrap();
    let base_url = route.base_url.as_ref().unwrap();
    match word {
        "kind" => assert_eq!(route.kind.name(), text(value), "{id}"),
        "provider" => assert_eq!(route.provider.as_deref(), value.as_str(), "{id}"),
        "base_url" => assert_eq!(base_url.value, text(value), "{id}"),
        "base_url_from" => assert_eq!(base_url.from.to_string(), text(value), "{id}"),
        "wire_model" => assert_eq!(route.wire_model, text(value), "{id}"),
        "fallback_policy" => assert_eq!(route.fallback_policy.as_deref(), value.as_str(), "{id}"),
        // The policy is shown, and nothing in a route acts on it.
        "fallback_enforced" => assert_eq!(*value, false, "{id}"),
        "api_key_env" => {
            let credential = route.credential.as_ref().unwrap();
            assert_eq!(credential.from.env_variable(), value.as_str(), "{id}");
        }
        "headers" => check_headers(id, &sent_headers(route, secrets), value),
        other => panic!("{id}: the adapter does not know `{other}`"),
    }
}

/// A case lists another product's headers; the two that name the product are replaced.
fn check_headers(id: &str, sent: &BTreeMap<String, String>, expected: &Value) {
    let own = [
        ("http-referer", "http://localhost:8700"),
        ("x-title", "Waypost"),
    ];
    for (name, value) in object(expected) {
        let own = own.iter().find(|(own, _)| own == name);
        let wanted = own.map_or(text(value), |(_, value)| value);
        assert_eq!(
            sent.get(name).map(String::as_str),
            Some(wanted),
            "{id}: {name}"
        );
    }
    if object(expected).len() > 1 {
        assert_eq!(sent.len(), object(expected).len(), "{id}: {sent:?}");
    }
}
