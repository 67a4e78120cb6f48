use super::*;
use crate::agent::read_agent;
use crate::builtin_catalog::builtin;
use crate::catalog::BlockedName;
use crate::impact::impact;
use crate::operation::Operation;
use crate::resolution::{CredentialState, Outcome, Resolution};
use crate::resolve::{Request, resolve};
use crate::routing_table::RoutingTable;
use crate::source::{SourceEntry, SourceHeader};

/// Two gateways and a direct provider with keys from the environment, and a source with a key and a
/// static header.
fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot {
        managed_gateway: "litellm".into(),
        default_model: Some("own/m".into()),
        providers: builtin(),
        sources: vec![SourceEntry {
            slug: "own".into(),
            name: "Own".into(),
            base_url: "https://own.example/v1".into(),
            auth_header: None,
            headers: vec![SourceHeader {
                name: "X-Tenant".into(),
                value: None,
            }],
            passthrough: true,
            limits: Default::default(),
            pass_headers: Vec::new(),
        }],
        ..Snapshot::default()
    };
    for variable in ["LITELLM_MASTER_KEY", "NVIDIA_API_KEY"] {
        snapshot.environment.set.insert(variable.into());
    }
    // A scenario that moves a provider keeps the use of its variable.
    for grant in ["OPENROUTER_*", "LITELLM_*", "NVIDIA_*", "TEAM_*"] {
        let grants = &mut snapshot.environment.grants;
        grants.push(grant.parse().unwrap());
    }
    for (name, origin) in [
        ("sources/own/auth-value", "https://own.example"),
        ("sources/own/headers", "https://own.example"),
        ("openrouter/api-key", "https://openrouter.ai"),
    ] {
        let stored = &mut snapshot.secrets.stored;
        stored.insert(name.into(), origin.into());
    }
    snapshot
}

fn read(texts: &[&str]) -> Scenario {
    let (scenario, faults) = Scenario::read(texts.iter().copied());
    assert_eq!(faults, []);
    scenario
}

/// Where a ref goes once the changes are made.
fn after(texts: &[&str], model_ref: &str) -> Resolution {
    let table = RoutingTable::new(read(texts).apply(&snapshot()));
    resolve(&table, &Request::new(model_ref, Operation::Chat))
}

/// The URL, or the code of the refusal.
fn outcome(resolution: &Resolution) -> &str {
    match (&resolution.error, &resolution.route) {
        (Some(error), _) => &error.code,
        (None, Some(route)) => route.url.as_deref().unwrap_or("no URL"),
        (None, None) => "nothing",
    }
}

#[test]
fn a_text_is_a_change_and_a_change_its_text() {
    for text in [
        "base-url:litellm=https://llm.example/v1",
        "passthrough:own=on",
        "passthrough:own=off",
        "key:own=present",
        "key:litellm=missing",
        "down:litellm",
        "removed:own",
        "env-base-url:LITELLM_BASE_URL=http://10.0.0.1:4000",
        "env-base-url:MY-GW.2_BASE_URL=http://10.0.0.1:4000",
        "env:NVIDIA_API_KEY=set",
        "env:LITELLM_BASE_URL=unset",
        "model:openrouter/moonshotai/kimi-k2=disabled",
        "model:own/a=b=enabled",
        "model:own/m=removed",
        "default-model:own/other",
        "default-model:",
        "managed-gateway:openrouter",
    ] {
        assert_eq!(text.parse::<ScenarioChange>().unwrap().to_string(), text);
    }
}

#[test]
fn what_is_no_change_says_why() {
    for (text, message) in [
        (
            "litellm",
            "`litellm` is not a scenario change. It must begin with one of `base-url:`, \
             `passthrough:`, `key:`, `down:`, `removed:`, `env-base-url:`, `env:`, `model:`, \
             `default-model:` and `managed-gateway:`.",
        ),
        (
            "base-url:litellm",
            "`base-url:litellm` is not a scenario change. After the name it needs `=` and a value.",
        ),
        (
            "base-url:litellm=ftp://a",
            "`base-url:litellm=ftp://a` is not a scenario change. The base URL must begin with \
             http:// or https://; other schemes are not supported.",
        ),
        (
            "down:a b",
            "`down:a b` is not a scenario change. The name may contain only letters, digits, `.`, `_` and `-`, because it is the first part of model refs.",
        ),
        (
            "passthrough:own=yes",
            "`passthrough:own=yes` is not a scenario change. The value must be `on` or `off`.",
        ),
        (
            "env-base-url:litellm=https://a.example",
            "`env-base-url:litellm=https://a.example` is not a scenario change. The variable of a \
             base URL is called `<NAME>_BASE_URL`, in upper case.",
        ),
        (
            "env:1X=set",
            "`env:1X=set` is not a scenario change. The name of an environment variable has \
             letters, digits and `_`, and no digit first.",
        ),
        (
            "model:own/m",
            "`model:own/m` is not a scenario change. After the model it needs `=` and `enabled`, \
             `disabled` or `removed`.",
        ),
        (
            "model:own=disabled",
            "`model:own=disabled` is not a scenario change. A model is written as `owner/id`.",
        ),
        (
            "default-model:a//b",
            r#"`default-model:a//b` is not a scenario change. Empty segment at character 2: every "/" needs text on both sides."#,
        ),
    ] {
        let error = text.parse::<ScenarioChange>().unwrap_err();
        assert_eq!(error.message(), message);
    }
}

#[test]
fn a_faulty_change_leaves_the_others() {
    let (scenario, faults) = Scenario::read(["down:litellm", "nonsense", "key:own=missing"]);
    assert_eq!(scenario.changes.len(), 2);
    assert_eq!(faults[0].0, "nonsense");
}

#[test]
fn a_changed_base_url_leaves_the_key_bound_to_its_origin() {
    let moved = after(&["base-url:own=https://new.example"], "own/m");
    assert_eq!(outcome(&moved), "credential_origin_mismatch");
    let moved = after(
        &["base-url:openrouter=https://new.example"],
        "openrouter/a/b",
    );
    assert_eq!(outcome(&moved), "missing_api_key");
    let credential = moved.route.unwrap().credential.unwrap();
    assert_eq!(credential.state, CredentialState::OtherOrigin);
    // Another path of the same origin keeps it.
    let moved = after(&["base-url:own=https://own.example/v2"], "own/m");
    assert_eq!(outcome(&moved), "https://own.example/v2/chat/completions");
}

#[test]
fn a_built_in_base_url_is_changed_in_the_workspace() {
    let moved = after(&["base-url:litellm=HTTPS://LLM.example/"], "litellm/m");
    let base_url = moved.route.unwrap().base_url.unwrap();
    assert_eq!(base_url.value, "https://llm.example");
    assert_eq!(base_url.from.to_string(), "workspace");
}

#[test]
fn a_key_is_entered_for_the_origin_that_counts_then() {
    let moved = ["base-url:own=https://new.example", "key:own=present"];
    assert_eq!(
        outcome(&after(&moved, "own/m")),
        "https://new.example/chat/completions"
    );
    let before = ["key:own=present", "base-url:own=https://new.example"];
    assert_eq!(
        outcome(&after(&before, "own/m")),
        "credential_origin_mismatch"
    );
    let overridden = [
        "env-base-url:OPENROUTER_BASE_URL=https://proxy.example",
        "key:openrouter=present",
    ];
    assert_eq!(
        outcome(&after(&overridden, "openrouter/a/b")),
        "https://proxy.example/chat/completions"
    );
}

#[test]
fn a_missing_key_is_the_stored_one() {
    let missing = ["key:openrouter=missing"];
    assert_eq!(
        outcome(&after(&missing, "openrouter/a/b")),
        "missing_api_key"
    );
    let from_environment = ["key:openrouter=missing", "env:OPENROUTER_API_KEY=set"];
    let routed = after(&from_environment, "openrouter/a/b");
    let credential = routed.route.unwrap().credential.unwrap();
    assert_eq!(credential.from.to_string(), "env:OPENROUTER_API_KEY");
    // A source without a key is valid.
    let keyless = after(&["key:own=missing"], "own/m");
    assert_eq!(keyless.outcome, Outcome::Routed);
    assert_eq!(keyless.route.unwrap().credential, None);
}

#[test]
fn what_is_down_keeps_its_route_and_is_refused() {
    let down = after(&["down:litellm"], "litellm/m");
    assert_eq!(outcome(&down), "down");
    assert_eq!(
        down.error.unwrap().message,
        "In this scenario `litellm` cannot be reached. Waypost does not retry the request by another route."
    );
    assert!(down.route.unwrap().url.is_some());
    let passthrough = after(&["down:own"], "own/m");
    assert_eq!(
        passthrough.error.unwrap().message,
        "In this scenario `own` cannot be reached. A passthrough request is never retried by \
         another route."
    );
    // The managed gateway takes what no rule takes, and is down for it too.
    assert_eq!(outcome(&after(&["down:litellm"], "alias")), "down");
    assert_eq!(
        outcome(&after(&["down:litellm"], "nvidia/m")),
        "https://integrate.api.nvidia.com/v1/chat/completions"
    );
}

#[test]
fn an_agent_with_its_own_address_does_not_go_where_it_is_down() {
    let agent = |url: &str| {
        let text = format!(
            "name: a\nmodel: {{ primary: litellm/m }}\ngateways: {{ litellm: {{ url: {url} }} }}\n"
        );
        read_agent(&text).agent.unwrap()
    };
    let table = RoutingTable::new(read(&["down:litellm"]).apply(&snapshot()));
    let resolved = |url: &str| {
        let agent = agent(url);
        resolve(&table, &Request::of_agent(&agent, None, Operation::Chat))
    };
    assert_eq!(
        outcome(&resolved("https://other.example")),
        "https://other.example/chat/completions"
    );
    assert_eq!(outcome(&resolved("http://localhost:4000/v1")), "down");
}

#[test]
fn what_is_removed_takes_along_what_is_stored_for_it() {
    let drafted = read(&["model:own/m=disabled", "removed:own"]).apply(&snapshot());
    assert_eq!(drafted.sources, []);
    assert_eq!(drafted.models, []);
    assert_eq!(drafted.default_model, None);
    let secrets: Vec<&String> = drafted.secrets.stored.keys().collect();
    assert_eq!(secrets, ["openrouter/api-key"]);
}

#[test]
fn what_is_removed_uncovers_what_it_replaced() {
    let replaced = ["base-url:litellm=https://llm.example", "removed:litellm"];
    assert_eq!(
        outcome(&after(&replaced, "litellm/m")),
        "http://localhost:4000/chat/completions"
    );
    assert_eq!(
        outcome(&after(&["removed:litellm"], "litellm/m")),
        "unknown_managed_gateway"
    );
    let mut blocked = snapshot();
    blocked.blocked.push(BlockedName {
        name: "nvidia".into(),
        code: "invalid_type".into(),
        message: "No.".into(),
    });
    assert_eq!(read(&["removed:nvidia"]).apply(&blocked).blocked, []);
}

#[test]
fn models_and_settings_change() {
    let disabled = ["model:nvidia/m=disabled"];
    assert_eq!(outcome(&after(&disabled, "nvidia/m")), "model_disabled");
    let enabled = ["model:nvidia/m=disabled", "model:nvidia/m=enabled"];
    assert_eq!(read(&enabled).apply(&snapshot()).models, []);
    let removed = after(&["model:nvidia/m=removed"], "nvidia/m");
    assert_eq!(removed.warnings[0].code, "model_absent");
    let managed = after(&["managed-gateway:openrouter"], "alias");
    assert_eq!(
        outcome(&managed),
        "https://openrouter.ai/api/v1/chat/completions"
    );
    assert_eq!(
        outcome(&after(&["managed-gateway:nvidia"], "alias")),
        "managed_not_a_gateway"
    );
    let none = read(&["default-model:"]).apply(&snapshot());
    assert_eq!(none.default_model, None);
    let off = after(&["passthrough:own=off"], "own/m");
    assert_eq!(outcome(&off), "http://localhost:4000/chat/completions");
}

#[test]
fn the_variables_of_the_environment_change() {
    let set = ["env-base-url:LITELLM_BASE_URL=https://llm.example"];
    assert_eq!(
        outcome(&after(&set, "litellm/m")),
        "https://llm.example/chat/completions"
    );
    let unset = [set[0], "env:LITELLM_BASE_URL=unset"];
    assert_eq!(
        outcome(&after(&unset, "litellm/m")),
        "http://localhost:4000/chat/completions"
    );
    let without = ["env:NVIDIA_API_KEY=unset"];
    assert_eq!(outcome(&after(&without, "nvidia/m")), "missing_api_key");
}

#[test]
fn a_change_of_something_missing_says_so_and_does_nothing() {
    for text in [
        "base-url:gone=https://a.example",
        "passthrough:litellm=on",
        "key:gone=present",
        "removed:gone",
        "down:gone",
    ] {
        let scenario = read(&[text]);
        assert!(scenario.changes[0].unknown(&snapshot()).is_some(), "{text}");
        let mut drafted = scenario.apply(&snapshot());
        drafted.down.clear();
        assert_eq!(drafted, snapshot(), "{text}");
    }
    let known = read(&["down:own"]);
    assert_eq!(known.changes[0].unknown(&snapshot()), None);
}

#[test]
fn the_impact_of_what_is_down_is_reported() {
    let agents = [
        "name: a\nmodel: { primary: x, source: own }\n",
        "name: b\nmodel: { primary: nvidia/m }\n",
    ];
    let agents = agents.map(|text| read_agent(text).agent.unwrap());
    let before = RoutingTable::new(snapshot()).with_agents(agents.into_iter().collect());
    let after = before.changed(read(&["down:own"]).apply(before.snapshot()));
    let changes = impact(&before, &after);
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].kind.name(), changes[0].agent.as_str()),
        ("unroutable", "a")
    );
}
