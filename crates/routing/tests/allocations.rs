//! What must not touch the heap does not.

#![cfg(not(target_family = "wasm"))]

use allocation_counter::measure;
use std::hint::black_box;
use waypost_routing::agent::{Agent, AgentModel};
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::model_ref::ModelRef;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, plan};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;
use waypost_routing::source::SourceEntry;

#[test]
fn parsing_a_ref_allocates_nothing() {
    for text in [
        "gpt-4o",
        "litellm/gpt-4o",
        "openrouter/moonshotai/kimi-k2-instruct",
        "openrouter/моон/кими",
        "g/a/b/c/d/e/f",
        "",
        "a//b",
        " a/b",
        "a/b\u{7}",
    ] {
        let allocations = measure(|| {
            let parsed = ModelRef::parse(std::hint::black_box(text));
            if let Ok(read) = &parsed {
                std::hint::black_box((read.name(), read.rest(), read.upstream(), read.model()));
            }
            std::hint::black_box(&parsed);
        });
        assert_eq!(allocations.count_total, 0, "{text:?}");
    }
}

fn table() -> RoutingTable {
    let source = |slug: &str, passthrough| SourceEntry {
        slug: slug.into(),
        name: slug.into(),
        base_url: format!("https://{slug}.example/v1"),
        auth_header: None,
        headers: Vec::new(),
        passthrough,
        limits: Default::default(),
        pass_headers: Vec::new(),
    };
    let mut snapshot = Snapshot {
        managed_gateway: "litellm".into(),
        default_model: Some("litellm/gpt-4o".into()),
        providers: builtin(),
        sources: vec![source("own", true), source("quiet", false)],
        ..Snapshot::default()
    };
    for variable in ["OPENROUTER_API_KEY", "LITELLM_MASTER_KEY", "NVIDIA_API_KEY"] {
        snapshot.environment.set.insert(variable.into());
    }
    RoutingTable::new(snapshot)
}

#[test]
fn planning_a_ref_allocates_nothing() {
    let table = table();
    for text in [
        "openrouter/moonshotai/kimi-k2",
        "openrouter/auto",
        "litellm/gpt-4o",
        "nvidia/llama",
        "groq/without-a-key",
        "own/model",
        "quiet/model",
        "customer-alias",
        "anthropic/claude-sonnet-4",
        "opnrouter/a/b",
        "a//b",
        "",
        "alias::subagent::missing",
    ] {
        let request = Request::new(text, Operation::Chat);
        let allocations = measure(|| {
            let plan = plan(&table, black_box(&request));
            black_box((plan.is_rejected(), plan.wire_model(), plan.endpoint()));
        });
        assert_eq!(allocations.count_total, 0, "{text:?}");
    }
}

#[test]
fn planning_what_an_agent_sends_allocates_nothing_without_overrides() {
    let table = table();
    let agent = Agent {
        name: "agent".into(),
        model: AgentModel {
            primary: Some("own/model".into()),
            fallback: Some("litellm/gpt-4o".into()),
            source: Some("own".into()),
            ..AgentModel::default()
        },
        ..Agent::default()
    };
    let request = Request::of_agent(&agent, None, Operation::Messages);
    let allocations = measure(|| {
        let plan = plan(&table, black_box(&request));
        black_box(plan.fallback().map(|fallback| fallback.is_rejected()));
    });
    assert_eq!(allocations.count_total, 0);
}

/// Without this the tests above would hold for a counter that counts nothing.
#[test]
fn an_owned_copy_is_counted() {
    let allocations = measure(|| {
        let owned: Result<ModelRef<'static>, _> = std::hint::black_box("litellm/gpt-4o").parse();
        std::hint::black_box(&owned);
    });
    assert_eq!(allocations.count_total, 1);
}
