//! The vectors of agent documents (area `agent_yaml_gateways`) and whole documents, natively and
//! in the browser. A word of a vector that the adapter does not know fails the test.

#![allow(
    clippy::unwrap_used,
    reason = "a vector of another shape fails its test"
)]

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use serde_json::{Value, json};
use waypost_routing::agent::{Agent, read_agent};
use waypost_routing::catalog::{Catalog, builtin};
use waypost_routing::problem::Severity;

const VECTORS: &str = include_str!("vectors/gateways.json");

#[test]
fn agent_yaml_gateways() {
    let all: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let mut count = 0;
    for vector in all {
        if vector["area"] != "agent_yaml_gateways" {
            continue;
        }
        count += 1;
        let id = vector["id"].as_str().unwrap();
        // JSON is YAML.
        let text = format!("name: agent\ngateways: {}\n", vector["given"]["gateways"]);
        let reading = read_agent(&text).checked_against(&Catalog::new(builtin(), Vec::new()));
        let found = |severity, path: &Value, code: Option<&Value>| {
            reading.problems.iter().any(|problem| {
                problem.severity == severity
                    && *path == problem.path
                    && code.is_none_or(|code| *code == problem.code)
            })
        };
        for (word, value) in vector["expect"].as_object().unwrap() {
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
    assert!(count > 0, "no vectors of the area");
}

#[test]
fn an_agent_with_passthrough_and_subagents() {
    let reading = read_agent(include_str!("fixtures/agents/support-bot.yaml"));
    assert_eq!(reading.problems, []);
    let agent = reading.agent.unwrap();
    assert_eq!(
        serde_json::to_value(&agent).unwrap(),
        json!({
            "name": "support-bot",
            "model": {
                "primary": "customer-alias",
                "fallback": "litellm/openai/gpt-4o",
                "passthrough": true,
                "source": "customer-litellm",
                "base_url": "https://customer-litellm.example/v1"
            },
            "subagents": {
                "analyst": { "model": {
                    "primary": "child-alias", "passthrough": true, "source": "child-litellm"
                } },
                "writer": { "model": { "primary": "openrouter/moonshotai/kimi-k2" } }
            }
        })
    );
    let back: Agent = serde_json::from_value(serde_json::to_value(&agent).unwrap()).unwrap();
    assert_eq!(back, agent);
}

#[test]
fn an_agent_of_the_older_form_with_overrides() {
    let reading = read_agent(include_str!("fixtures/agents/overrides.yaml"));
    assert_eq!(reading.problems, []);
    let agent = reading.agent.unwrap();
    assert_eq!(
        serde_json::to_value(&agent).unwrap(),
        json!({
            "name": "my-agent",
            "model": {
                "primary": "anthropic/claude-sonnet-4",
                "fallback": "litellm/openai/gpt-4o",
                "gateway": "litellm"
            },
            "gateways": {
                "litellm": {
                    "url": "https://litellm.platform.example.com",
                    "api_key_env": "PLATFORM_LITELLM_KEY",
                    "default_headers": { "X-Tenant": "north" },
                    "fallback_policy": "fastest"
                },
                "openrouter": { "api_key_env": "TEAM_OPENROUTER_KEY" }
            },
            "expect": {
                "host": "litellm.platform.example.com",
                "wire_model": "anthropic/claude-sonnet-4",
                "credential": "env:PLATFORM_LITELLM_KEY"
            }
        })
    );
    assert_eq!(
        agent.model.primary_ref().unwrap(),
        "litellm/anthropic/claude-sonnet-4"
    );
    assert_eq!(agent.model.fallback_ref().unwrap(), "litellm/openai/gpt-4o");
    let source = &reading.sources[0];
    assert!(source.has_key);
    assert_eq!(
        serde_json::to_value(&source.facts).unwrap(),
        json!({
            "slug": "customer-litellm",
            "name": "customer-litellm",
            "base_url": "https://customer-litellm.example/v1",
            "auth_header": "X-Api-Key",
            "headers": [{ "name": "X-Team", "value": "7" }],
            "passthrough": true
        })
    );
}
