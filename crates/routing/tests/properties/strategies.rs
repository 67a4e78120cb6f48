//! Inputs: texts near the border of what is accepted, and routing tables that are partly broken.

use proptest::prelude::*;
use std::collections::BTreeMap;
use waypost_routing::agent::{Agent, AgentModel, GatewayOverride, Subagent};
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::catalog::BlockedName;
use waypost_routing::scenario::{ModelState, Scenario, ScenarioChange};
use waypost_routing::snapshot::{ModelEntry, Snapshot};
use waypost_routing::source::SourceEntry;

/// Text that comes near a base URL, so that many of the tries get past the first check.
pub(crate) fn url_like() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![
        Just("http://"),
        Just("https://"),
        Just("HTTPS://"),
        Just("http:/"),
        Just("ftp://"),
        Just(""),
    ];
    let host = prop_oneof![
        4 => "[a-zA-Z0-9._-]{1,12}",
        2 => "[0-9]{1,3}(\\.[0-9]{1,3}){0,4}",
        1 => "(0[xX])?[0-9a-f]{1,8}(\\.(0[xX])?[0-9a-f]{0,3}){0,3}",
        2 => "\\[[0-9a-f:.]{1,20}\\]",
        1 => "\\PC{1,6}",
        1 => "[a-z]{1,4}(:[a-z]{0,3})?@[a-z.]{1,6}",
    ];
    let port = prop_oneof![3 => Just(String::new()), 2 => "(:[0-9]{0,6})"];
    let path = prop_oneof![
        4 => "(/[a-zA-Z0-9._~%@:+-]{0,6}){0,4}/{0,2}",
        1 => "(/[\\PC]{0,5}){0,2}",
        1 => "(/(\\.|%2[eE]|a){1,3}){1,3}",
        1 => Just("/v1/models".to_owned()),
    ];
    let tail = prop_oneof![6 => Just(String::new()), 1 => "[?#\\\\ ][a-z@]{0,4}"];
    (scheme, host, port, path, tail)
        .prop_map(|(scheme, host, port, path, tail)| [scheme, &host, &port, &path, &tail].concat())
}

/// Names that the routing table knows, names near them, and anything else.
pub(crate) fn ref_like() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("openrouter".to_owned()),
        Just("litellm".to_owned()),
        Just("nvidia".to_owned()),
        Just("own".to_owned()),
        Just("quiet".to_owned()),
        Just("blocked".to_owned()),
        "[a-zA-Z]{1,10}",
        "\\PC{0,6}",
    ];
    prop_oneof![
        3 => (name, "(/[a-z0-9:.~ -]{0,6}){0,4}").prop_map(|(name, rest)| name + &rest),
        1 => any::<String>(),
        1 => "[a/ \u{1}\u{85}ä]{0,12}",
    ]
}

pub(crate) fn snapshot() -> impl Strategy<Value = Snapshot> {
    let managed = prop_oneof![3 => Just("litellm"), 1 => Just("nvidia"), 1 => Just("gone"), 1 => Just("blocked")];
    let override_url = prop::option::of(url_like());
    let source_url = prop_oneof![url_like(), Just("https://own.example/v1".to_owned())];
    let stored = prop::collection::btree_map(
        prop_oneof![
            Just("litellm/api-key".to_owned()),
            Just("openrouter/api-key".to_owned()),
            Just("sources/own/auth-value".to_owned()),
            Just("sources/own/headers".to_owned()),
            Just("agents/id0/litellm/api-key".to_owned()),
            Just("agents/id1/litellm/api-key".to_owned()),
            Just("agents/id2/openrouter/api-key".to_owned()),
        ],
        prop_oneof![
            Just(String::new()),
            Just("https://own.example".to_owned()),
            "[a-z:/.]{0,12}"
        ],
        0..5,
    );
    let models = prop::collection::vec(
        (
            "(litellm|own|quiet|nvidia)",
            "[a-z/]{1,4}",
            any::<bool>(),
            any::<bool>(),
        ),
        0..6,
    );
    (
        managed,
        override_url,
        source_url,
        stored,
        models,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(managed, override_url, source_url, stored, models, unavailable, keys)| {
                let source = |slug: &str, passthrough| SourceEntry {
                    slug: slug.into(),
                    name: slug.into(),
                    base_url: source_url.clone(),
                    auth_header: Some("x-api-key".into()),
                    headers: Vec::new(),
                    passthrough,
                    limits: Default::default(),
                    pass_headers: Vec::new(),
                };
                let mut snapshot = Snapshot {
                    managed_gateway: managed.into(),
                    default_model: None,
                    providers: builtin(),
                    blocked: vec![BlockedName {
                        name: "blocked".into(),
                        code: "invalid_type".into(),
                        message: "No.".into(),
                    }],
                    sources: vec![source("own", true), source("quiet", false)],
                    ..Snapshot::default()
                };
                if keys {
                    snapshot.environment.set = ["LITELLM_MASTER_KEY", "NVIDIA_API_KEY"]
                        .map(str::to_owned)
                        .into();
                }
                snapshot.environment.base_urls = override_url
                    .map(|url| BTreeMap::from([("LITELLM_BASE_URL".to_owned(), url)]))
                    .unwrap_or_default();
                snapshot.secrets.stored = stored;
                snapshot.secrets.unavailable = unavailable;
                snapshot.models = models
                    .into_iter()
                    .map(|(owner, id, enabled, absent)| ModelEntry {
                        owner,
                        id,
                        enabled,
                        absent,
                    })
                    .collect();
                snapshot
            },
        )
}

/// Agents that refer to what the routing tables know, and to what they do not.
pub(crate) fn agents() -> impl Strategy<Value = Vec<Agent>> {
    let text = || {
        prop_oneof![
            Just("litellm/a".to_owned()),
            Just("nvidia/m".to_owned()),
            Just("own/a/b".to_owned()),
            Just("quiet/m".to_owned()),
            Just("nvida/m".to_owned()),
            Just("alias".to_owned()),
            Just("alias::subagent::sub".to_owned()),
            ref_like(),
        ]
    };
    let source = prop::option::of(prop_oneof![Just("own"), Just("quiet"), Just("gone")]);
    let base_url = prop::option::weighted(0.2, url_like());
    let model = (
        prop::option::weighted(0.8, text()),
        prop::option::of(text()),
        prop::option::of(any::<bool>()),
        source,
        base_url,
    );
    let model = model.prop_map(
        |(primary, fallback, passthrough, source, base_url)| AgentModel {
            primary,
            fallback,
            gateway: None,
            passthrough,
            source: source.map(str::to_owned),
            base_url,
        },
    );
    let block = (
        prop::option::of(url_like()),
        prop::option::of("(LITELLM|NVIDIA)_X_KEY"),
        prop::collection::btree_map("(x-team|X-Team|authorization|HTTP-Referer)", "[a-c]", 0..3),
    );
    let block = block.prop_map(|(url, api_key_env, default_headers)| GatewayOverride {
        url,
        api_key_env,
        default_headers,
        ..GatewayOverride::default()
    });
    let model = model.boxed();
    let subagents = prop::collection::btree_map("(sub|other)", model.clone(), 0..3);
    let gateways = prop::collection::btree_map("(litellm|nvidia)", block, 0..2);
    let allow = prop_oneof![
        3 => Just(Vec::new()),
        1 => Just(vec!["litellm/*".to_owned(), "a".to_owned()]),
    ];
    let agent = (model, subagents, gateways, allow);
    let agent = agent.prop_map(|(model, subagents, gateways, allow)| Agent {
        id: String::new(),
        allow_private: Vec::new(),
        name: String::new(),
        model,
        gateways,
        allow: allow.into(),
        subagents: subagents
            .into_iter()
            .map(|(alias, model)| {
                (
                    alias,
                    Subagent {
                        model,
                        expect: None,
                    },
                )
            })
            .collect(),
        expect: None,
    });
    prop::collection::vec((agent, 0..8_u8), 0..5).prop_map(|agents| {
        let twins: Vec<Agent> = agents
            .iter()
            .filter_map(|(agent, by)| twin(agent, *by))
            .collect();
        let mut agents: Vec<Agent> = agents.into_iter().map(|(agent, _)| agent).collect();
        agents.extend(twins);
        for (index, agent) in agents.iter_mut().enumerate() {
            agent.name = format!("agent-{index}");
            agent.id = format!("id{index}");
        }
        agents
    })
}

/// Another agent that sends the same, or nearly.
fn twin(agent: &Agent, by: u8) -> Option<Agent> {
    let mut twin = agent.clone();
    match by {
        0 => twin.gateways.clear(),
        1 => twin.subagents.clear(),
        2 => twin.model.primary = None,
        3 => twin.model.passthrough = None,
        4 => {
            for block in twin.gateways.values_mut() {
                block.default_headers.pop_first();
            }
        }
        5 => {
            let blocks = twin.gateways.values_mut();
            for value in blocks.flat_map(|block| block.default_headers.values_mut()) {
                value.push('2');
            }
        }
        6 => {}
        _ => return None,
    }
    Some(twin)
}

/// Scenarios of every kind of change, of what the routing tables know and of what they do not.
pub(crate) fn scenario() -> impl Strategy<Value = Scenario> {
    let owner = || {
        prop_oneof![
            Just("own".to_owned()),
            Just("quiet".to_owned()),
            Just("litellm".to_owned()),
            Just("openrouter".to_owned()),
            Just("nvidia".to_owned()),
            Just("blocked".to_owned()),
            "[a-zA-Z0-9][a-zA-Z0-9._-]{0,8}",
        ]
    };
    let url = || "https?://[a-z]{1,8}(\\.example)?(:[1-9][0-9]{0,3})?(/[a-z0-9=]{1,4}){0,2}";
    let state = prop_oneof![
        Just(ModelState::Enabled),
        Just(ModelState::Disabled),
        Just(ModelState::Removed),
    ];
    let model_ref = prop::option::of("[a-z]{1,8}(/[a-z:=]{1,6}){0,2}");
    let change = prop_oneof![
        (owner(), url()).prop_map(|(owner, url)| ScenarioChange::BaseUrl { owner, url }),
        (owner(), any::<bool>())
            .prop_map(|(source, on)| ScenarioChange::Passthrough { source, on }),
        (owner(), any::<bool>())
            .prop_map(|(owner, present)| ScenarioChange::Key { owner, present }),
        owner().prop_map(|owner| ScenarioChange::Down { owner }),
        owner().prop_map(|owner| ScenarioChange::Removed { owner }),
        ("(LITELLM|OWN|[A-Z0-9_.-]{1,6})_BASE_URL", url())
            .prop_map(|(variable, url)| ScenarioChange::BaseUrlVariable { variable, url }),
        (
            "(LITELLM_MASTER_KEY|LITELLM_BASE_URL|[A-Z_]{1,6})",
            any::<bool>()
        )
            .prop_map(|(variable, set)| ScenarioChange::Variable { variable, set }),
        (owner(), "[a-z/=]{1,6}", state).prop_map(|(owner, id, state)| ScenarioChange::Model {
            owner,
            id,
            state
        }),
        model_ref.prop_map(|model_ref| ScenarioChange::DefaultModel { model_ref }),
        owner().prop_map(|gateway| ScenarioChange::ManagedGateway { gateway }),
    ];
    prop::collection::vec(change, 0..5).prop_map(|changes| Scenario { changes })
}
