//! Whole agent documents, natively and in the browser.

#![allow(
    clippy::unwrap_used,
    reason = "a document that is not read fails its test"
)]

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use serde_json::json;
use waypost_routing::agent::{Agent, read_agent};

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
        serde_json::to_value(&source.entry).unwrap(),
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
