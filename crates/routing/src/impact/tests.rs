use super::*;
use crate::agent::read_agent;
use crate::builtin_catalog::builtin;
use crate::snapshot::{ModelEntry, Snapshot};
use crate::source::SourceEntry;

fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot {
        managed_gateway: "litellm".into(),
        providers: builtin(),
        sources: vec![SourceEntry {
            slug: "own".into(),
            name: "Own".into(),
            base_url: "https://own.example/v1".into(),
            auth_header: None,
            headers: Vec::new(),
            passthrough: true,
            limits: Default::default(),
            pass_headers: Vec::new(),
        }],
        ..Snapshot::default()
    };
    let origin = "https://own.example".to_owned();
    let stored = &mut snapshot.secrets.stored;
    stored.insert("sources/own/auth-value".into(), origin);
    for variable in ["LITELLM_MASTER_KEY", "NVIDIA_API_KEY", "OPENROUTER_API_KEY"] {
        snapshot.environment.set.insert(variable.into());
    }
    // A scenario that moves a provider keeps the use of its variable.
    for grant in ["OPENROUTER_*", "LITELLM_*", "NVIDIA_*", "TEAM_*"] {
        let grants = &mut snapshot.environment.grants;
        grants.push(grant.parse().unwrap());
    }
    snapshot
}

fn agents() -> AgentSet {
    [
        "name: direct\nmodel: { primary: nvidia/llama, fallback: own/m }\n",
        "name: gateway\nmodel: { primary: openrouter/a/b }\n",
        "name: managed\nmodel: { primary: alias }\n",
        "name: passing\nmodel: { primary: x, source: own }\nsubagents: { sub: { model: { primary: alias } }, same: { model: { primary: x, source: own } } }\n",
        "name: empty\n",
    ]
    .into_iter()
    .map(|text| read_agent(text).agent.unwrap())
    .collect()
}

fn table(change: impl FnOnce(&mut Snapshot)) -> RoutingTable {
    let mut snapshot = snapshot();
    change(&mut snapshot);
    RoutingTable::new(snapshot).with_agents(agents())
}

/// The impact as `kind agent/subagent`.
fn changed_members(before: &RoutingTable, after: &RoutingTable) -> Vec<String> {
    impact(before, after)
        .iter()
        .map(|change| {
            let subagent = change.subagent.as_deref().unwrap_or("");
            format!("{} {}/{subagent}", change.kind.name(), change.agent)
        })
        .collect()
}

#[test]
fn no_change_has_no_effect() {
    assert_eq!(changed_members(&table(|_| {}), &table(|_| {})), [""; 0]);
}

#[test]
fn the_gravest_effect_comes_first_and_each_kind_goes_by_name() {
    let after = table(|after| {
        after.environment.set.remove("NVIDIA_API_KEY");
        let urls = &mut after.environment.base_urls;
        urls.insert("LITELLM_BASE_URL".into(), "https://llm.example".into());
        let stored = &mut after.secrets.stored;
        stored.insert("openrouter/api-key".into(), "https://openrouter.ai".into());
        after.models.push(ModelEntry {
            owner: "own".into(),
            id: "x".into(),
            enabled: true,
            absent: true,
        });
    });
    assert_eq!(
        changed_members(&table(|_| {}), &after),
        [
            "unroutable direct/",
            "origin managed/",
            "origin passing/sub",
            "credential gateway/",
            "other passing/",
            "other passing/same",
        ]
    );
}

#[test]
fn a_change_can_be_resolved_on_both_sides() {
    let before = table(|_| {});
    let after = table(|after| after.sources[0].passthrough = false);
    let changes = impact(&before, &after);
    let passing = changes
        .iter()
        .find(|change| change.agent == "passing")
        .unwrap();
    let route = |table: &RoutingTable| {
        passing
            .resolution(table)
            .unwrap()
            .route
            .unwrap()
            .kind
            .name()
    };
    assert_eq!((route(&before), route(&after)), ("passthrough", "managed"));
    // The fallback of `direct` is at the source too.
    assert!(changes.iter().any(|change| change.agent == "direct"));
}

#[test]
fn an_agent_without_a_route_before_and_after_is_not_affected() {
    let keyless = |change: fn(&mut Snapshot)| {
        table(|snapshot| {
            snapshot.environment.set.remove("NVIDIA_API_KEY");
            change(snapshot);
        })
    };
    let before = keyless(|_| {});
    // Another address and another header of a request that is not sent.
    let after = keyless(|snapshot| {
        let entry = snapshot.providers.iter_mut();
        for entry in entry.filter(|entry| entry.name == "nvidia") {
            entry.base_url = "https://nvidia.example/v1".into();
            entry.default_headers.insert("X-Team".into(), "a".into());
        }
    });
    assert_eq!(changed_members(&before, &after), [""; 0]);
    // Its fallback is still compared.
    let after = keyless(|snapshot| snapshot.sources[0].base_url = "https://new.example/v1".into());
    assert!(changed_members(&before, &after).contains(&"other direct/".to_owned()));
}

#[test]
fn the_default_model_touches_those_without_a_primary() {
    let after = table(|after| after.default_model = Some("nvidia/llama".into()));
    assert_eq!(changed_members(&table(|_| {}), &after), ["other empty/"]);
    assert_eq!(
        changed_members(&after, &table(|_| {})),
        ["unroutable empty/"]
    );
}

#[test]
fn a_name_that_goes_sends_its_refs_to_the_managed_gateway() {
    let after = table(|after| {
        after.providers.retain(|entry| entry.name != "nvidia");
    });
    assert_eq!(changed_members(&table(|_| {}), &after), ["origin direct/"]);
}

#[test]
fn agents_that_come_or_go_are_listed_with_one_side_only() {
    let before = table(|_| {});
    let fewer = agents().without("empty").without("passing");
    let after = RoutingTable::new(snapshot()).with_agents(fewer);
    let changes = impact(&before, &after);
    let changed_members: Vec<_> = changes
        .iter()
        .map(|change| {
            (
                change.agent.as_str(),
                change.subagent.as_deref(),
                change.resolution(&after).is_none(),
            )
        })
        .collect();
    assert_eq!(
        changed_members,
        [
            ("empty", None, true),
            ("passing", None, true),
            ("passing", Some("same"), true),
            ("passing", Some("sub"), true),
        ]
    );
    // The other way round an agent without a route is newly unroutable.
    assert_eq!(impact(&after, &before)[0].kind, ChangeKind::Unroutable);
}

#[test]
fn an_edited_agent_is_compared_with_itself() {
    let before = table(|_| {});
    let mut edited = agents().get("managed").unwrap().clone();
    edited.model.primary = Some("openrouter/a/b".into());
    let after = before.with_agent(edited);
    assert_eq!(changed_members(&before, &after), ["origin managed/"]);
}

#[test]
fn a_secrets_backend_that_goes_down_touches_everybody() {
    let after = table(|after| after.secrets.unavailable = true);
    let touched = changed_members(&table(|_| {}), &after);
    for agent in ["direct", "gateway", "managed", "passing"] {
        assert!(
            touched.iter().any(|change| change.contains(agent)),
            "{touched:?}"
        );
    }
}

/// Two agents that nearly send the same, of which a change touches the first alone.
#[track_caller]
fn only_the_first(documents: [String; 2], change: impl FnOnce(&mut Snapshot)) {
    let mut before = snapshot();
    before.default_model = Some("alias::subagent::sub".into());
    let mut after = before.clone();
    change(&mut after);
    let read = |name: &str, text: &str| read_agent(&format!("name: {name}\n{text}\n")).agent;
    for names in [["a", "b"], ["b", "a"]] {
        let agents = std::iter::zip(names, &documents);
        let agents: AgentSet = agents.filter_map(|(name, text)| read(name, text)).collect();
        assert_eq!(agents.len(), 2);
        let table = RoutingTable::new(before.clone()).with_agents(agents);
        let changes = impact(&table, &table.changed(after.clone()));
        let of_first = |change: &Change| change.agent == names[0];
        let is_listed = changes
            .first()
            .is_some_and(|change| change.subagent.is_none());
        assert!(
            is_listed && changes.iter().all(of_first),
            "{documents:?}: {changes:?}"
        );
    }
}

#[test]
fn agents_that_nearly_send_the_same_are_distinguished() {
    let litellm_moves = |after: &mut Snapshot| {
        let urls = &mut after.environment.base_urls;
        urls.insert("LITELLM_BASE_URL".into(), "https://llm.example".into());
    };
    let own_moves =
        |after: &mut Snapshot| after.sources[0].base_url = "https://new.example/v1".into();
    let litellm_sets_a_header = |after: &mut Snapshot| {
        for entry in &mut after.providers {
            let headers = &mut entry.default_headers;
            headers.insert("X-Team".into(), "new".into());
        }
    };
    let alias = |more: &str| format!("model: {{ primary: alias }}\n{more}");
    let own_url = "gateways: { litellm: { url: https://own.example/v1 } }";
    only_the_first([alias(""), alias(own_url)], litellm_moves);
    // Which headers are set counts, and what they are set to does not.
    let sets = |header: &str| {
        alias(&format!(
            "gateways: {{ litellm: {{ default_headers: {{ {header}: a }} }} }}"
        ))
    };
    only_the_first([sets("x-other"), sets("x-team")], litellm_sets_a_header);
    let sub = |model: &str| format!("subagents: {{ sub: {{ model: {{ {model} }} }} }}");
    let (falls_back, passes) = (
        "primary: alias, fallback: own/m",
        "primary: alias, source: own",
    );
    // Without a primary the default model is sent, whose scope names the subagent here, and so may
    // a text of the agent's own. What the subagent falls back to or passes through is then meant.
    for model in ["", "model: { primary: \"alias::subagent::sub\" }\n"] {
        for of_sub in [falls_back, passes] {
            let with = |of_sub: &str| model.to_owned() + &sub(of_sub);
            only_the_first([with(of_sub), with("primary: alias")], own_moves);
        }
    }
}
