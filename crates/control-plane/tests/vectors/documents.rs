//! Documents: `waypost providers check` and `waypost agent check`.

use crate::Run;
use crate::home::Home;
use crate::support::{cases, check, object, text};
use serde_json::{Value, json};
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::operation::Operation;

fn checked(given: &Value) -> (i32, Value) {
    const FILE: &str = ".waypost/providers.local.yaml";
    let home = Home::new();
    if given["local_yaml_is_directory"] == true {
        std::fs::create_dir_all(home.path().join(FILE)).unwrap();
    } else if let Some(yaml) = given["local_yaml"].as_str() {
        home.write(FILE, yaml);
    }
    let done = home.run(&["providers", "check", "--json"], &[]);
    (done.status(), done.json())
}

fn has(issues: &Value, wanted: &Value) -> bool {
    issues.as_array().unwrap().iter().any(|issue| {
        issue["code"] == wanted["code"]
            && (wanted["entry"].is_null() || issue["entry"] == wanted["entry"])
    })
}

/// Holds the fields that a case names; LiteLLM's documentation is linked by its front page, and
/// every provider is discovered in the one way.
fn check_entry(id: &str, found: &Value, expected: &Value) {
    for (field, value) in object(expected) {
        match field.as_str() {
            "discovery" => {}
            "docs" if id == "cat-litellm" => assert_eq!(found["docs"], "https://docs.litellm.ai"),
            "default_headers" if found["source"] == "builtin" => {
                let names = |headers: &Value| -> Vec<String> {
                    object(headers)
                        .keys()
                        .map(|name| name.to_lowercase())
                        .collect()
                };
                // The values name this product.
                assert_eq!(names(&found[field]), names(value), "{id}");
            }
            _ => assert_eq!(found[field], *value, "{id}: {field}"),
        }
    }
}

#[test]
fn the_catalog_is_as_observed() {
    let (status, report) = checked(&json!({}));
    assert_eq!(status, 0);
    for case in cases("catalog") {
        let found = &report["entries"][text(&case["given"]["name"])];
        check_entry(text(&case["id"]), found, &case["expect"]);
    }
}

#[test]
fn providers_files_are_read_as_observed() {
    for case in cases("local_yaml_merge")
        .into_iter()
        .chain(cases("local_yaml_invalid"))
    {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let (status, report) = checked(given);
        let errors = report["errors"].as_array().unwrap();
        assert_eq!(status, i32::from(!errors.is_empty()), "{id}: {report}");
        let is_at_fault = object(&case["expect"])
            .keys()
            .any(|word| word.starts_with("error") || word == "report");
        assert!(status == 1 || !is_at_fault, "{id}: {report}");
        assert!(status == 1 || case["area"] == "local_yaml_merge", "{id}");
        let entries = object(&report["entries"]);
        let of_the_file = || {
            let from_file = entries
                .iter()
                .filter(|(_, entry)| entry["source"] == "user-local");
            from_file.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
        };
        for (word, value) in object(&case["expect"]) {
            match word.as_str() {
                "entry_count" => assert_eq!(report["entry_count"], *value, "{id}"),
                "entries" => {
                    for (name, entry) in object(value) {
                        check_entry(id, &entries[name], entry);
                    }
                }
                "entries_loaded" => assert_eq!(json!(of_the_file()), *value, "{id}"),
                "entry_loaded" => assert_eq!(json!(of_the_file().len() == 1), *value, "{id}"),
                "error" | "report" => {
                    assert!(has(&report["errors"], value), "{id}: {report}");
                    assert!(of_the_file().is_empty(), "{id}");
                }
                "errors" => {
                    for error in value.as_array().unwrap() {
                        assert!(has(&report["errors"], error), "{id}: {report}");
                    }
                }
                "warning" => assert!(has(&report["warnings"], value), "{id}: {report}"),
                "builtins_intact" => {
                    let known = builtin()
                        .iter()
                        .all(|entry| entries.contains_key(&entry.name));
                    assert_eq!(json!(known), *value, "{id}");
                }
                "resolve" => {
                    let run = Run::of(given);
                    for (model_ref, expected) in object(value) {
                        let resolution = run.route(model_ref, Operation::Chat);
                        check(id, given, &resolution, expected);
                    }
                }
                other => panic!("{id}: the adapter does not know `{other}`"),
            }
        }
    }
}

#[test]
fn agents_documents_are_read_as_observed() {
    for case in cases("agent_yaml_gateways") {
        let id = text(&case["id"]);
        let home = Home::new();
        // JSON is YAML.
        let document = json!({ "name": "agent", "gateways": case["given"]["gateways"] });
        home.write("agent.yaml", &document.to_string());
        let path = home.path().join("agent.yaml");
        let arguments = ["agent", "check", path.to_str().unwrap(), "--json"];
        let done = home.run(&arguments, &[]);
        let report = done.json();
        assert_eq!(done.status(), i32::from(report["valid"] == false), "{id}");
        let found = |list: &str, path: &Value, code: Option<&Value>| {
            report[list].as_array().unwrap().iter().any(|problem| {
                problem["path"] == *path && code.is_none_or(|code| problem["code"] == *code)
            })
        };
        for (word, value) in object(&case["expect"]) {
            match word.as_str() {
                "valid" => assert_eq!(report["valid"], *value, "{id}: {report}"),
                "error_path" => assert!(found("errors", value, None), "{id}: {report}"),
                "warning" => {
                    let code = Some(&value["code"]);
                    assert!(found("warnings", &value["path"], code), "{id}: {report}");
                }
                other => panic!("{id}: the adapter does not know `{other}`"),
            }
        }
    }
}
