use super::*;
use crate::agent::{Agent, read_agent};
use crate::credential::agent_key_secret;
use crate::impact::impact;
use crate::routing_table::effective_gateway;
use crate::used_by::{Used, UsedBy};

const ID: &str = "abcdefgh01234567";
const LITELLM: &str = "http://localhost:4000";

fn agent(more: &str) -> Agent {
    let text = format!("name: bot\nmodel: {{ primary: litellm/a/b }}\n{more}");
    Agent {
        id: ID.to_owned(),
        ..read_agent(&text).agent.unwrap()
    }
}

/// The snapshot with a key of the agent's own, entered for this origin.
fn with_own_key(origin: &str) -> Snapshot {
    let mut snapshot = snapshot();
    let name = agent_key_secret(ID, "litellm");
    snapshot.secrets.stored.insert(name, origin.to_owned());
    snapshot
}

fn resolve_agent(snapshot: Snapshot, agent: &Agent, text: Option<&str>) -> Resolution {
    let request = Request::with(text, Operation::Chat, Some(agent), None);
    resolve(&RoutingTable::new(snapshot), &request)
}

fn chosen(resolution: &Resolution) -> Option<String> {
    let route = resolution.route.as_ref().unwrap();
    let credential = route.credential.as_ref()?;
    let chosen = credential.candidates.iter().find(|place| place.chosen)?;
    Some(chosen.from.to_string())
}

fn places(resolution: &Resolution) -> Vec<String> {
    let route = resolution.route.as_ref().unwrap();
    let candidates = &route.credential.as_ref().unwrap().candidates;
    candidates
        .iter()
        .map(|place| place.from.to_string())
        .collect()
}

fn own() -> String {
    format!("secret:{}", agent_key_secret(ID, "litellm"))
}

#[test]
fn an_agents_own_key_comes_first_on_gateway_and_managed_routes() {
    let agent = agent("subagents: { s: { model: { primary: litellm/c/d } } }\n");
    for text in [
        None,
        Some("litellm/x"),
        Some("customer-alias"),
        Some("litellm/c/d::subagent::s"),
        Some("quiet/m"),
    ] {
        let resolution = resolve_agent(with_own_key(LITELLM), &agent, text);
        assert_eq!(chosen(&resolution), Some(own()), "{text:?}");
        assert_eq!(
            places(&resolution),
            [
                own(),
                "secret:litellm/api-key".into(),
                "env:LITELLM_MASTER_KEY".into()
            ]
        );
        let route = resolution.route.unwrap();
        let header = &route.headers[0];
        assert_eq!(header.name, "authorization");
        assert_eq!(header.value, format!("Bearer {{{{{}}}}}", own()));
    }
    // It is for that gateway and that agent alone.
    let elsewhere = resolve_agent(with_own_key(LITELLM), &agent, Some("openrouter/a/b"));
    assert_eq!(
        chosen(&elsewhere).as_deref(),
        Some("env:OPENROUTER_API_KEY")
    );
    let mut other = agent.clone();
    other.id = "another0another0".into();
    let others = resolve_agent(with_own_key(LITELLM), &other, None);
    assert_eq!(chosen(&others).as_deref(), Some("env:LITELLM_MASTER_KEY"));
    let nobodys = resolve_in(with_own_key(LITELLM), "litellm/a/b");
    assert_eq!(chosen(&nobodys).as_deref(), Some("env:LITELLM_MASTER_KEY"));
}

#[test]
fn it_wins_over_the_variable_of_the_document_with_a_warning() {
    let agent = agent("gateways: { litellm: { api_key_env: TEAM_KEY } }\n");
    let mut snapshot = with_own_key(LITELLM);
    snapshot.environment.set.insert("TEAM_KEY".into());
    let resolution = resolve_agent(snapshot.clone(), &agent, None);
    assert_eq!(chosen(&resolution), Some(own()));
    assert_eq!(places(&resolution)[1], "env:TEAM_KEY");
    let shadowed = warning(&resolution, "agent_key_shadows_env");
    assert!(shadowed.message.contains("`TEAM_KEY`"));

    snapshot.secrets.stored.clear();
    let without = resolve_agent(snapshot, &agent, None);
    assert_eq!(chosen(&without).as_deref(), Some("env:TEAM_KEY"));
    assert!(without.warnings.is_empty());
}

#[test]
fn no_later_place_is_used_in_its_stead() {
    let agent = agent("gateways: { litellm: { api_key_env: TEAM_KEY } }\n");
    let mut elsewhere = with_own_key("https://old.example");
    elsewhere.environment.set.insert("TEAM_KEY".into());
    let stored = &mut elsewhere.secrets.stored;
    stored.insert("litellm/api-key".into(), LITELLM.into());
    let mut missing = elsewhere.clone();
    missing
        .secrets
        .stored
        .remove(&agent_key_secret(ID, "litellm"));
    missing
        .secrets
        .missing
        .insert(agent_key_secret(ID, "litellm"));
    for (snapshot, part) in [
        (
            elsewhere,
            "was entered for https://old.example and is not sent to http://localhost:4000",
        ),
        (
            missing,
            "no longer has the value of `agents/abcdefgh01234567/litellm/api-key`",
        ),
    ] {
        let resolution = resolve_agent(snapshot, &agent, None);
        let (code, message) = refusal(&resolution);
        assert_eq!(code, "missing_api_key");
        assert!(message.contains(part), "{message}");
        assert_eq!(chosen(&resolution), None);
        let headers = &resolution.route.as_ref().unwrap().headers;
        assert!(headers.iter().all(|header| header.name != "authorization"));
    }
}

#[test]
fn it_is_bound_to_where_the_agents_requests_go() {
    let agent = agent("gateways: { litellm: { url: 'https://eu.example/v1' } }\n");
    let table = RoutingTable::new(with_own_key("https://eu.example"));
    let endpoint = effective_gateway(&table, &agent, "litellm").unwrap();
    assert_eq!(
        endpoint.base_url.unwrap().url.origin(),
        "https://eu.example"
    );
    assert!(effective_gateway(&table, &agent, "nvidia").is_none());
    assert!(effective_gateway(&table, &agent, "unknown").is_none());
    let resolution = resolve(&table, &Request::of_agent(&agent, None, Operation::Chat));
    assert_eq!(chosen(&resolution), Some(own()));
}

#[test]
fn a_backend_that_does_not_answer_leaves_it_unknown() {
    let mut snapshot = with_own_key(LITELLM);
    snapshot.secrets.unavailable = true;
    let resolution = resolve_agent(snapshot, &agent(""), None);
    assert_eq!(resolution.outcome, Outcome::Routed);
    assert_eq!(chosen(&resolution), Some(own()));
    warning(&resolution, "secrets_unavailable");
}

#[test]
fn agents_that_send_the_same_are_distinguished_by_their_keys() {
    let twin = Agent {
        id: "other0other0other".into(),
        name: "twin".into(),
        ..agent("")
    };
    let table = |snapshot: Snapshot| {
        RoutingTable::new(Snapshot {
            agents: vec![agent(""), twin.clone()],
            ..snapshot
        })
    };
    let (before, after) = (table(snapshot()), table(with_own_key(LITELLM)));
    let shared = before.clone().changed(after.snapshot().clone());
    for after in [&after, &shared] {
        let changes = impact(&before, after);
        let agents: Vec<&str> = changes.iter().map(|change| &*change.agent).collect();
        assert_eq!(agents, ["bot"]);
        assert_eq!(impact(after, &before).len(), 1);
    }
    let used_by = UsedBy::new(&after);
    let users = |used| {
        used_by
            .uses(used)
            .map(|using| using.agent)
            .collect::<Vec<_>>()
    };
    let secret = agent_key_secret(ID, "litellm");
    assert_eq!(users(Used::Secret(&secret)), ["bot"]);
    assert_eq!(users(Used::Owner("litellm")), ["bot", "twin"]);

    let lost = table(with_own_key("https://old.example"));
    let statuses = crate::agent_status::agent_statuses(&lost);
    let unroutable: Vec<bool> = statuses
        .iter()
        .map(|status| status.is_unroutable())
        .collect();
    assert_eq!(unroutable, [true, false]);
}
