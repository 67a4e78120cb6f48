//! The environment's base URLs, and which place wins.

use crate::support::{cases, check, resolve_given, snapshot, text};
use serde_json::json;
use waypost_routing::agent::read_agent;
use waypost_routing::catalog::base_url_variables;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn env_base_url() {
    for case in cases("env_base_url") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let resolution = match given["gateway"].as_str() {
            None => resolve_given(given),
            Some(gateway) => {
                assert_eq!(given["operation"], "discover_models", "{id}");
                let model_ref = format!("{gateway}/any");
                let request = Request::new(&model_ref, Operation::Models);
                resolve(&RoutingTable::new(snapshot(given)), &request)
            }
        };
        check(id, given, &resolution, &case["expect"]);
    }
}

#[test]
fn env_var_names() {
    for case in cases("env_var_names") {
        let (id, given, expected) = (text(&case["id"]), &case["given"], &case["expect"]);
        let Some(gateway) = given["gateway"].as_str() else {
            check(id, given, &resolve_given(given), expected);
            continue;
        };
        let variables = base_url_variables(gateway);
        assert_eq!(variables[0], text(&expected["base_url_env"]), "{id}");
        for also in expected["also_accept"].as_array().into_iter().flatten() {
            assert!(
                variables.iter().any(|variable| variable == text(also)),
                "{id}"
            );
        }
    }
}

/// Cases in which an agent uses a variable as the operator's configuration does not. They are older
/// than section 10 of the specification, by which such a use needs a grant and is otherwise
/// rejected, whether or not the variable is set. They hold with that grant.
const NEED_GRANTS: [(&str, &str); 4] = [
    (
        "prec-url-agent-over-catalog",
        "LITELLM_MASTER_KEY@https://a",
    ),
    ("prec-url-agent-over-env", "LITELLM_MASTER_KEY@https://a"),
    (
        "prec-key-env-agent-over-catalog",
        "PLATFORM_LITELLM_KEY@http://localhost:4000",
    ),
    (
        "prec-key-env-agent-unset-no-fallback",
        "PLATFORM_LITELLM_KEY@http://localhost:4000",
    ),
];

/// Which place wins where an agent has a say. JSON is YAML, so that its block is read as it would
/// be from a document.
#[test]
fn precedence() {
    let mut granted = 0;
    for case in cases("precedence") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let gateways = given.get("gateways").cloned().unwrap_or(json!({}));
        let reading = read_agent(&format!("name: agent\ngateways: {gateways}\n"));
        let agent = reading.agent.unwrap();
        let request = Request::new(text(&given["ref"]), Operation::Chat).sent_by(&agent, None);
        let mut snapshot = snapshot(given);
        if let Some((_, grant)) = NEED_GRANTS.iter().find(|(needs, _)| *needs == id) {
            let without = resolve(&RoutingTable::new(snapshot.clone()), &request);
            assert_eq!(without.error.unwrap().code, "env_not_allowed", "{id}");
            snapshot.environment.grants.push(grant.parse().unwrap());
            granted += 1;
        }
        let resolution = resolve(&RoutingTable::new(snapshot), &request);
        check(id, given, &resolution, &case["expect"]);
    }
    assert_eq!(granted, NEED_GRANTS.len());
}
