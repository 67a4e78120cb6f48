//! The organisation that everything is measured on: the built-in providers, a hundred sources and
//! as many agents as are asked for. It is made by counting, so that every run measures the same.

#![allow(dead_code, reason = "each way of measuring uses a part of it")]

use waypost_routing::agent::{Agent, AgentModel, GatewayOverride, Subagent};
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::{ModelEntry, Snapshot};
use waypost_routing::source::{SourceEntry, SourceHeader};

/// The number of custom sources.
pub(crate) const SOURCES: usize = 100;

/// One ref for each way that a ref can go.
pub(crate) const REFS: [(&str, &str); 6] = [
    ("gateway", "openrouter/moonshotai/kimi-k2"),
    ("gateway_legacy", "litellm/gpt-4o"),
    ("direct", "nvidia/llama-3.3-nemotron-super-49b"),
    ("passthrough_source", "source-42/qwen3-235b"),
    ("managed_alias", "customer-support-large"),
    ("managed_unknown_name", "anthropic/claude-sonnet-4"),
];

/// The ref whose parsing is measured, as long as those in use are.
pub(crate) const TYPICAL_REF: &str = "openrouter/moonshotai/kimi-k2-instruct";

/// An organisation with this many agents.
pub(crate) fn snapshot(agents: usize) -> Snapshot {
    let mut snapshot = Snapshot {
        managed_gateway: "litellm".into(),
        default_model: Some("litellm/gpt-4o".into()),
        providers: builtin(),
        sources: (0..SOURCES).map(source).collect(),
        agents: (0..agents).map(agent).collect(),
        ..Snapshot::default()
    };
    for variable in ["LITELLM_MASTER_KEY", "NVIDIA_API_KEY", "GROQ_API_KEY"] {
        snapshot.environment.set.insert(variable.into());
    }
    let litellm = "https://llm.example/v1".to_owned();
    let base_urls = &mut snapshot.environment.base_urls;
    base_urls.insert("LITELLM_BASE_URL".into(), litellm);
    let stored = &mut snapshot.secrets.stored;
    stored.insert("openrouter/api-key".into(), "https://openrouter.ai".into());
    for number in 0..SOURCES {
        let origin = format!("https://source-{number}.example");
        stored.insert(format!("sources/source-{number}/auth-value"), origin);
    }
    snapshot.models = (0..SOURCES)
        .map(|number| ModelEntry {
            owner: format!("source-{number}"),
            id: "retired".into(),
            enabled: number % 2 == 0,
            absent: true,
        })
        .collect();
    snapshot
}

/// The same, ready to be asked.
pub(crate) fn table(agents: usize) -> RoutingTable {
    RoutingTable::new(snapshot(agents))
}

fn source(number: usize) -> SourceEntry {
    SourceEntry {
        slug: format!("source-{number}"),
        name: format!("Source {number}"),
        base_url: format!("https://source-{number}.example/v1"),
        auth_header: number.is_multiple_of(3).then(|| "x-api-key".into()),
        headers: match number % 4 {
            0 => vec![SourceHeader {
                name: "x-team".into(),
                value: Some(format!("team-{number}")),
            }],
            _ => Vec::new(),
        },
        passthrough: !number.is_multiple_of(5),
        limits: Default::default(),
        pass_headers: Vec::new(),
    }
}

/// Of ten agents four send an alias to the managed gateway, two a gateway's ref, one a direct
/// provider's, and three use a source. Some have a fallback, subagents or overrides beside that.
fn agent(number: usize) -> Agent {
    let source = format!("source-{}", number / 10 % SOURCES);
    let primary = match number % 10 {
        0..=3 => format!("alias-{}", number / 10 % 50),
        4 | 5 => format!("openrouter/upstream-{}/model", number % 7),
        6 => "nvidia/llama-3.3-nemotron-super-49b".to_owned(),
        7 => format!("{source}/qwen3-235b"),
        _ => "qwen3-235b".to_owned(),
    };
    let model = AgentModel {
        primary: Some(primary),
        fallback: number.is_multiple_of(3).then(|| "litellm/gpt-4o".into()),
        source: (number % 10 >= 8).then_some(source),
        ..AgentModel::default()
    };
    let mut agent = Agent {
        name: format!("agent-{number:05}"),
        model,
        ..Agent::default()
    };
    if number.is_multiple_of(5) {
        for (alias, text) in [("reviewer", "groq/llama"), ("writer", "litellm/gpt-4o")] {
            let mut subagent = Subagent::default();
            subagent.model.primary = Some(text.into());
            agent.subagents.insert(alias.into(), subagent);
        }
    }
    if number.is_multiple_of(20) {
        let mut block = GatewayOverride::default();
        let headers = &mut block.default_headers;
        headers.insert("x-agent".into(), agent.name.clone());
        agent.gateways.insert("litellm".into(), block);
    }
    agent
}

/// A change to try before saving it.
pub(crate) struct Scenario {
    /// What it is called in a report.
    pub(crate) name: &'static str,
    /// The change itself.
    pub(crate) change: fn(&mut Snapshot),
}

/// The scenarios that are measured: one that few agents notice, one that many do, and one that
/// every agent does.
pub(crate) const SCENARIOS: [Scenario; 4] = [
    Scenario {
        name: "one_source_moves",
        change: |snapshot| snapshot.sources[42].base_url = "https://elsewhere.example/v1".into(),
    },
    Scenario {
        name: "one_provider_loses_its_key",
        change: |snapshot| {
            snapshot.environment.set.remove("NVIDIA_API_KEY");
        },
    },
    Scenario {
        name: "the_managed_gateway_moves",
        change: |snapshot| {
            let base_urls = &mut snapshot.environment.base_urls;
            base_urls.insert("LITELLM_BASE_URL".into(), "https://moved.example/v1".into());
        },
    },
    Scenario {
        name: "the_secrets_backend_is_down",
        change: |snapshot| snapshot.secrets.unavailable = true,
    },
];
