//! Agent documents.

use crate::support::{cases, object, text};
use serde_json::{Value, json};
use waypost_routing::agent::read_agent;
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::catalog::Catalog;
use waypost_routing::problem::Severity;

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn agent_yaml_gateways() {
    let catalog = Catalog::new(builtin(), Vec::new());
    for case in cases("agent_yaml_gateways") {
        let id = text(&case["id"]);
        // JSON is YAML.
        let document = format!("name: agent\ngateways: {}\n", case["given"]["gateways"]);
        let reading = read_agent(&document).checked_against(&catalog);
        let found = |severity, path: &Value, code: Option<&Value>| {
            reading.problems.iter().any(|problem| {
                problem.severity == severity
                    && *path == problem.path
                    && code.is_none_or(|code| *code == problem.code)
            })
        };
        for (word, value) in object(&case["expect"]) {
            match word.as_str() {
                "valid" => assert_eq!(json!(reading.is_valid()), *value, "{id}: {reading:#?}"),
                "error_path" => {
                    assert!(found(Severity::Error, value, None), "{id}: {reading:#?}");
                }
                "warning" => {
                    let code = Some(&value["code"]);
                    let warned = found(Severity::Warning, &value["path"], code);
                    assert!(warned, "{id}: {reading:#?}");
                }
                other => panic!("{id}: the adapter does not know `{other}`"),
            }
        }
    }
}
