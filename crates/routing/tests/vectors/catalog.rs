//! The built-in catalog, and whether a provider has a key.

use crate::support::{cases, object, text};
use serde_json::{Value, json};
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::catalog::{Layer, ProviderEntry, ProviderKind};
use waypost_routing::header::credential_value;
use waypost_routing::resolution::{Credential, CredentialState};
use waypost_routing::routing_table::{RoutingTable, effective_provider};
use waypost_routing::snapshot::Snapshot;

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The built-in entries. Every provider is discovered in the one way, so `discovery` says nothing
/// here; LiteLLM's documentation is linked by its front page.
#[test]
fn catalog() {
    for case in cases("catalog") {
        let name = text(&case["given"]["name"]);
        let entry = builtin()
            .into_iter()
            .find(|entry| entry.name == name)
            .unwrap();
        for (word, value) in object(&case["expect"]) {
            let found = match word.as_str() {
                "type" => json!(entry.kind.name()),
                "base_url" => json!(entry.base_url),
                "api_key_env" => json!(entry.api_key_env),
                "default_headers" => json!(entry.default_headers),
                "docs" if name == "litellm" => {
                    assert_eq!(entry.docs.as_deref(), Some("https://docs.litellm.ai"));
                    continue;
                }
                "docs" => json!(entry.docs),
                "notable_models" => json!(entry.notable_models),
                "source" => json!(entry.layer.name()),
                "discovery" => continue,
                other => panic!("{name}: the adapter does not know `{other}`"),
            };
            assert_eq!(found, *value, "{name}: {word}");
        }
    }
}

/// The state of a key in the words of the cases.
fn status(credential: &Credential) -> Value {
    match credential.state {
        CredentialState::Present => json!(true),
        CredentialState::Absent | CredentialState::OtherOrigin => json!(false),
        CredentialState::Unknown => json!("unknown"),
    }
}

fn table(given: &Value) -> RoutingTable {
    let entry = |(name, variable): (&String, &Value)| ProviderEntry {
        name: name.clone(),
        kind: ProviderKind::OpenaiCompatible,
        layer: Layer::Builtin,
        base_url: "https://gw.example/v1".into(),
        api_key_env: Some(text(variable).to_owned()),
        default_headers: Default::default(),
        docs: None,
        notable_models: Vec::new(),
        limits: Default::default(),
        pass_headers: Vec::new(),
    };
    let mut snapshot = Snapshot {
        providers: object(&given["catalog"]).iter().map(entry).collect(),
        ..Snapshot::default()
    };
    snapshot.secrets.unavailable = given["backend_error"] == true;
    for name in given["secret_names"].as_array().into_iter().flatten() {
        let stored = &mut snapshot.secrets.stored;
        stored.insert(text(name).to_owned(), "https://gw.example".into());
    }
    for name in given["process_env"].as_array().into_iter().flatten() {
        snapshot.environment.set.insert(text(name).to_owned());
    }
    RoutingTable::new(snapshot)
}

#[test]
fn configured_status() {
    for case in cases("configured_status") {
        let (id, given, expected) = (text(&case["id"]), &case["given"], &case["expect"]);
        if let Some(code) = expected["error"]["code"].as_str() {
            let written = text(&given["writes"][0][1]);
            assert_eq!(credential_value(written).unwrap_err().code(), code, "{id}");
            continue;
        }
        let table = table(given);
        for (name, wanted) in object(&expected["status"]) {
            let endpoint = effective_provider(&table, name).unwrap().endpoint;
            let credential = endpoint.credential.unwrap();
            assert_eq!(status(&credential), *wanted, "{id}: {name}");
            if expected["configured_by"] == "environment" {
                assert!(credential.from.env_variable().is_some(), "{id}: {name}");
            }
        }
    }
}
