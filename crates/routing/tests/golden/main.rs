//! The resolutions of one routing table, byte for byte the same natively and in the browser.
//!
//! After a change that is meant, `WAYPOST_BLESS=1 cargo test -p waypost-routing --test golden`
//! writes the file anew; its difference is then read like any other change.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeSet;
use waypost_routing::agent::read_agent;
use waypost_routing::codes::{ALL, CodeKind};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Resolution;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;

const SNAPSHOT: &str = include_str!("snapshot.json");
const AGENT: &str = include_str!("agent.yaml");
const EXPECTED: &str = include_str!("resolutions.json");

/// Refs that meet every rule, every refusal and every warning.
const REFS: [&str; 21] = [
    "openrouter/moonshotai/kimi-k2",
    "openrouter/auto",
    "OpenRouter/a/b",
    "litellm/gpt-4o",
    "litellm/моон/кими",
    "nvidia/meta/llama-3.1-405b",
    "groq/llama",
    "customer/some/model",
    "customer/off",
    "customer/gone",
    "quiet/m",
    "moved/m",
    "empty/m",
    "corp/a/b",
    "customer-alias",
    "anthropic/claude-sonnet-4",
    "",
    "a//b",
    " a/b",
    "a/b\u{202e}c/\u{1}",
    "mоnkey/\u{202e}x",
];

/// The routing table as the command line makes it, where variables need no grant.
fn table() -> RoutingTable {
    let mut snapshot: Snapshot = serde_json::from_str(SNAPSHOT).unwrap();
    snapshot.environment.is_callers_own = true;
    RoutingTable::new(snapshot)
}

fn resolutions() -> Vec<Resolution> {
    let table = table();
    let mut resolutions: Vec<Resolution> = REFS
        .into_iter()
        .map(|text| resolve(&table, &Request::new(text, Operation::Chat)))
        .collect();
    for operation in Operation::ALL {
        resolutions.push(resolve(&table, &Request::new("customer/m", operation)));
    }
    resolutions.push(resolve(&table, &Request::of_default_model(Operation::Chat)));
    resolutions.extend(resolutions_of_an_agent());
    resolutions
}

/// What the members of an agent send, and what else they may be asked to send.
fn resolutions_of_an_agent() -> Vec<Resolution> {
    let table = table();
    let agent = read_agent(AGENT).agent.unwrap();
    let aliases = agent.subagents.keys().map(|alias| Some(alias.as_str()));
    let mut resolutions: Vec<Resolution> = std::iter::once(None)
        .chain(aliases)
        .chain([Some("nobody")])
        .map(|member| {
            resolve(
                &table,
                &Request::of_agent(&agent, member, Operation::Messages),
            )
        })
        .collect();
    for text in [
        "Customer-alias",
        "litellm/a/b",
        "other::subagent::analyst",
        "x::subagent::",
    ] {
        let request = Request::new(text, Operation::Chat).sent_by(&agent, None);
        resolutions.push(resolve(&table, &request));
    }
    resolutions
}

fn in_json(resolutions: &[Resolution]) -> String {
    serde_json::to_string_pretty(resolutions).unwrap() + "\n"
}

#[test]
fn the_same_bytes_everywhere() {
    let found = in_json(&resolutions());
    #[cfg(not(target_family = "wasm"))]
    if std::env::var_os("WAYPOST_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/resolutions.json");
        std::fs::write(path, &found).unwrap();
        return;
    }
    assert!(found == EXPECTED, "not as in resolutions.json:\n{found}");
}

#[test]
fn the_world_meets_every_kind_of_route_and_many_codes() {
    let resolutions = resolutions();
    let kinds: BTreeSet<&str> = resolutions
        .iter()
        .filter_map(|resolution| Some(resolution.route.as_ref()?.kind.name()))
        .collect();
    assert_eq!(kinds.len(), 5);
    let warnings = resolutions
        .iter()
        .flat_map(|resolution| &resolution.warnings);
    let warnings: BTreeSet<&str> = warnings.map(|warning| warning.code.as_str()).collect();
    for code in [
        "did_you_mean",
        "openrouter_router_id",
        "model_absent",
        "managed_must_know_model",
        "key_to_overridden_origin",
        "header_shadowed",
        "no_source",
        "unknown_subagent",
    ] {
        assert!(warnings.contains(code), "{code}");
    }
}

#[test]
fn every_code_and_reason_is_in_the_table() {
    let known = |kind, code: &str| {
        let found = ALL
            .iter()
            .any(|known| known.kind == kind && known.code == code);
        assert!(found, "{code}");
    };
    for resolution in resolutions() {
        if let Some(error) = &resolution.error {
            known(CodeKind::Error, &error.code);
        }
        for warning in &resolution.warnings {
            known(CodeKind::Warning, &warning.code);
        }
        for entry in &resolution.trace {
            known(CodeKind::Reason, &entry.reason);
        }
    }
}

#[test]
fn a_snapshot_survives_its_own_json() {
    let snapshot: Snapshot = serde_json::from_str(SNAPSHOT).unwrap();
    let again = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(serde_json::from_str::<Snapshot>(&again).unwrap(), snapshot);
}
