//! The providers file: what it adds to the catalog, and what is at fault in it.

use crate::support::{cases, check as check_route, object, text};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::catalog::{Catalog, ProviderEntry};
use waypost_routing::operation::Operation;
use waypost_routing::problem::Severity;
use waypost_routing::providers_file::{FileIssue, ProvidersFile, read};
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn read_given(given: &Value) -> ProvidersFile {
    if given["local_yaml_is_directory"] == true {
        return ProvidersFile::unreadable("it is a directory");
    }
    read(text(&given["local_yaml"]).as_bytes())
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

/// Holds one file against what is expected of it. A word that is not known fails.
fn check(id: &str, given: &Value, file: &ProvidersFile, expected: &Map<String, Value>) {
    let catalog = catalog(file);
    for (word, value) in expected {
        match word.as_str() {
            "entry_count" => assert_eq!(json!(catalog.listed().count()), *value, "{id}"),
            "entries" => {
                for (name, entry) in object(value) {
                    let found = catalog
                        .effective(name)
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
                    let name = text(&error["entry"]);
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
            "resolve" => {
                let table = RoutingTable::new(crate::support::snapshot(given));
                for (model_ref, expected) in object(value) {
                    let resolution = resolve(&table, &Request::new(model_ref, Operation::Chat));
                    check_route(id, given, &resolution, expected);
                }
            }
            other => panic!("{id}: the adapter does not know `{other}`"),
        }
    }
}

#[test]
fn local_yaml_merge() {
    for case in cases("local_yaml_merge") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let (file, expected) = (read_given(given), object(&case["expect"]));
        if expected.keys().all(|word| !word.starts_with("error")) {
            let is_error = |issue: &&FileIssue| issue.severity == Severity::Error;
            assert_eq!(file.issues.iter().find(is_error), None, "{id}");
        }
        check(id, given, &file, expected);
    }
}

#[test]
fn local_yaml_invalid() {
    for case in cases("local_yaml_invalid") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let file = read_given(given);
        assert!(file.whole_file_failed || !file.blocked.is_empty(), "{id}");
        check(id, given, &file, object(&case["expect"]));
    }
}
