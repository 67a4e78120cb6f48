//! The vectors of the providers file, natively and in the browser: areas `local_yaml_merge` and
//! `local_yaml_invalid`. One adapter for each, so that a vector added to the file runs without new
//! code; a word of a vector that no adapter knows fails the test.

#![allow(
    clippy::unwrap_used,
    reason = "a vector of another shape fails its test"
)]

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use waypost_routing::catalog::{Catalog, ProviderEntry, builtin};
use waypost_routing::problem::Severity;
use waypost_routing::providers_file::{FileIssue, ProvidersFile, read};

const VECTORS: &str = include_str!("vectors/gateways.json");

fn vectors(area: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let of_area: Vec<Value> = all
        .into_iter()
        .filter(|vector| vector["area"] == area)
        .collect();
    assert!(!of_area.is_empty(), "no vectors of the area {area}");
    of_area
}

fn read_given(given: &Value) -> ProvidersFile {
    if given["local_yaml_is_directory"] == true {
        return ProvidersFile::unreadable("it is a directory");
    }
    read(given["local_yaml"].as_str().unwrap().as_bytes())
}

fn catalog(file: &ProvidersFile) -> Catalog {
    let mut entries = builtin();
    entries.extend(file.entries.clone());
    Catalog::new(entries, file.blocked.clone())
}

/// An entry in the words of the vectors.
fn in_words(entry: &ProviderEntry) -> Value {
    json!({
        "type": entry.kind.name(),
        "base_url": entry.base_url,
        "api_key_env": entry.api_key_env,
        "default_headers": entry.default_headers,
        "source": entry.layer.name(),
        "notable_models": entry.notable_models,
    })
}

fn has_issue(file: &ProvidersFile, severity: Severity, wanted: &Value) -> bool {
    let is_wanted = |issue: &&FileIssue| {
        issue.severity == severity
            && wanted["code"] == issue.code
            && (wanted["entry"].is_null() || wanted["entry"].as_str() == issue.entry.as_deref())
    };
    file.issues.iter().any(|issue| is_wanted(&issue))
}

/// Holds one file against what is expected of it.
fn check(id: &str, file: &ProvidersFile, expected: &Map<String, Value>) {
    let catalog = catalog(file);
    for (word, value) in expected {
        match word.as_str() {
            "entry_count" => assert_eq!(json!(catalog.listed().count()), *value, "{id}"),
            "entries" => {
                for (name, entry) in value.as_object().unwrap() {
                    let found = catalog
                        .in_force(name)
                        .unwrap_or_else(|| panic!("{id}: {name}"));
                    assert_eq!(in_words(found), *entry, "{id}: {name}");
                }
            }
            "entries_loaded" => {
                let names: Vec<_> = file.entries.iter().map(|entry| &entry.name).collect();
                assert_eq!(json!(names), *value, "{id}");
            }
            "entry_loaded" => assert_eq!(json!(file.entries.len() == 1), *value, "{id}"),
            "error" | "report" => {
                assert!(has_issue(file, Severity::Error, value), "{id}: {file:#?}");
                assert!(file.entries.is_empty(), "{id}");
            }
            "errors" => {
                for error in value.as_array().unwrap() {
                    assert!(has_issue(file, Severity::Error, error), "{id}: {file:#?}");
                    let name = error["entry"].as_str().unwrap();
                    assert!(catalog.blocked(name).is_some(), "{id}: {name}");
                }
            }
            "warning" => assert!(has_issue(file, Severity::Warning, value), "{id}: {file:#?}"),
            "builtins_intact" => {
                let listed: BTreeSet<_> = catalog.listed().map(|entry| &entry.name).collect();
                let all = builtin();
                let known = all.iter().all(|entry| listed.contains(&entry.name));
                assert_eq!(json!(known), *value, "{id}");
            }
            // What the entries resolve to is held in the vectors of the resolver.
            "resolve" => {}
            other => panic!("{id}: the adapter does not know `{other}`"),
        }
    }
}

#[test]
fn local_yaml_merge() {
    for vector in vectors("local_yaml_merge") {
        let id = vector["id"].as_str().unwrap();
        let file = read_given(&vector["given"]);
        let expected = vector["expect"].as_object().unwrap();
        if expected.keys().all(|word| !word.starts_with("error")) {
            let errors = file
                .issues
                .iter()
                .filter(|issue| issue.severity == Severity::Error);
            assert_eq!(errors.count(), 0, "{id}: {file:#?}");
        }
        check(id, &file, expected);
    }
}

#[test]
fn local_yaml_invalid() {
    for vector in vectors("local_yaml_invalid") {
        let id = vector["id"].as_str().unwrap();
        let file = read_given(&vector["given"]);
        assert!(file.whole_file_failed || !file.blocked.is_empty(), "{id}");
        check(id, &file, vector["expect"].as_object().unwrap());
    }
}
