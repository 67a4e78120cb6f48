//! Which areas and cases are not run here, and why.

use crate::support::{all, text};
use std::collections::BTreeSet;

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The areas that adapters of this crate run.
const ADAPTED: [&str; 18] = [
    "agent_yaml_gateways",
    "auth_header",
    "catalog",
    "configured_status",
    "env_base_url",
    "env_var_names",
    "headers",
    "local_yaml_invalid",
    "local_yaml_merge",
    "masking",
    "parse_gateway_ref",
    "parse_model_ref",
    "precedence",
    "resolve",
    "routing",
    "routing_plan",
    "url_join",
    "url_normalize",
];

/// The areas that other crates test, with the reason.
const ELSEWHERE: [(&str, &str); 8] = [
    ("discovery_parse", "the control plane reads model lists"),
    (
        "forward_body",
        "forwarding passes every byte of a body but the model's",
    ),
    (
        "forward_headers",
        "forwarding has its own list of headers that pass",
    ),
    (
        "forward_response",
        "forwarding has its own list of headers that it withholds",
    ),
    ("litellm_wire", "the end-to-end tests ask a real LiteLLM"),
    (
        "openrouter_wire",
        "the control plane reads model lists and error classes",
    ),
    ("secrets_update", "the control plane keeps the secrets"),
    ("ssrf", "the control plane opens the sockets"),
];

/// Cases of adapted areas that differ from what this project decided, with the reason.
const LEFT_OUT: [(&str, &str); 2] = [
    (
        "st-env-backend-second-write",
        "secrets are never written to a file of environment variables",
    ),
    (
        "TC-ROUTE-027",
        "the resolver is asked about a model string; a body that is no JSON has none",
    ),
];

pub(crate) fn is_left_out(id: &str) -> bool {
    LEFT_OUT.iter().any(|(left_out, _)| *left_out == id)
}

#[test]
fn every_area_is_adapted_or_listed_with_its_reason() {
    let cases = all();
    let areas: BTreeSet<&str> = cases.iter().map(|case| text(&case["area"])).collect();
    let elsewhere = ELSEWHERE.iter().map(|(area, _)| *area);
    let known: Vec<&str> = ADAPTED.into_iter().chain(elsewhere).collect();
    let distinct: BTreeSet<&str> = known.iter().copied().collect();
    assert_eq!(distinct.len(), known.len(), "an area is listed twice");
    assert_eq!(areas, distinct);
}

#[test]
fn every_case_has_its_own_id_and_what_is_left_out_exists() {
    let cases = all();
    let ids: BTreeSet<&str> = cases.iter().map(|case| text(&case["id"])).collect();
    assert_eq!(ids.len(), cases.len());
    for (id, _) in LEFT_OUT {
        assert!(ids.contains(id), "{id}");
    }
}
