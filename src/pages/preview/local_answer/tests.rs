//! What the command does not know, a test for each kind.

use super::*;
use waypost_routing::agent::read_agent;
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::operation::Operation;
use waypost_routing::snapshot::ModelEntry;

/// A workspace with a stored key for LiteLLM, and an agent.
fn workspace(change: impl FnOnce(&mut Snapshot)) -> SharedTable {
    let mut snapshot = Snapshot {
        managed_gateway: MANAGED_GATEWAY.to_owned(),
        providers: builtin(),
        ..Snapshot::default()
    };
    put(&mut snapshot, "litellm/api-key", "http://localhost:4000");
    change(&mut snapshot);
    let document = "name: bot\nmodel: { primary: litellm/m }\ngateways: { litellm: { api_key_env: TEAM_KEY } }\n";
    let agent = Agent {
        id: "0123456789abcdef".to_owned(),
        ..read_agent(document).agent.expect("an agent")
    };
    let own = read_agent("name: plain\nmodel: { primary: litellm/m }\n");
    let own = Agent {
        id: "fedcba9876543210".to_owned(),
        ..own.agent.expect("an agent")
    };
    SharedTable::new(Snapshot {
        agents: vec![agent, own],
        ..snapshot
    })
}

fn put(snapshot: &mut Snapshot, name: &str, origin: &str) {
    snapshot.secrets.put(name, origin.to_owned());
}

fn of(table: &SharedTable, model_ref: &str) -> LocalAnswer {
    local_answer(table, &RouteRequest::of(model_ref, Operation::Chat))
}

fn of_agent(table: &SharedTable, agent: &str) -> LocalAnswer {
    let request = RouteRequest {
        agent: Some(agent.to_owned()),
        ..RouteRequest::default()
    };
    local_answer(table, &request)
}

fn model(owner: &str, id: &str, enabled: bool) -> ModelEntry {
    ModelEntry {
        owner: owner.to_owned(),
        id: id.to_owned(),
        enabled,
        absent: false,
    }
}

#[test]
fn the_command_names_the_stored_key_and_gives_the_same_route() {
    let answer = of(&workspace(|_| ()), "litellm/m");
    assert_eq!(answer.secrets, ["litellm/api-key"]);
    assert_eq!(answer.differences, []);
    let without_key = of(&workspace(|_| ()), "groq/m");
    assert_eq!(without_key, LocalAnswer::default());
}

#[test]
fn a_provider_of_the_workspace_is_unknown() {
    let table = workspace(|snapshot| {
        let litellm = snapshot
            .providers
            .iter()
            .find(|entry| entry.name == "litellm");
        let mut own = litellm.expect("built in").clone();
        own.name = "own".to_owned();
        own.layer = Layer::Workspace;
        snapshot.providers.push(own);
        put(snapshot, "own/api-key", "http://localhost:4000");
    });
    let answer = of(&table, "own/m");
    assert_eq!(answer.differences, [Unknown::Entry("own".to_owned())]);
    assert!(answer.differences[0].words().contains("does not know own"));
    assert_eq!(of(&table, "litellm/m").differences, []);
}

#[test]
fn another_managed_gateway_is_unknown() {
    let table = workspace(|snapshot| {
        "openrouter".clone_into(&mut snapshot.managed_gateway);
        put(snapshot, "openrouter/api-key", "https://openrouter.ai");
    });
    let answer = of(&table, "alias");
    let managed = Unknown::ManagedGateway("openrouter".to_owned());
    assert_eq!(answer.differences, [managed]);
    assert_eq!(of(&table, "litellm/m").differences, []);
}

#[test]
fn a_default_model_is_unknown() {
    let table = workspace(|snapshot| snapshot.default_model = Some("litellm/m".to_owned()));
    let answer = local_answer(&table, &RouteRequest::default());
    let default = Unknown::DefaultModel("litellm/m".to_owned());
    assert_eq!(answer.differences, [default]);
}

#[test]
fn models_that_are_disabled_or_listed_under_odd_ids_are_unknown() {
    let table = workspace(|snapshot| {
        snapshot.models = vec![
            model("litellm", "off", false),
            model("litellm", "/srv/x", true),
        ];
    });
    for model_ref in ["litellm/off", "litellm//srv/x"] {
        assert_eq!(
            of(&table, model_ref).differences,
            [Unknown::Model],
            "{model_ref}"
        );
    }
    assert_eq!(of(&table, "litellm/m").differences, []);
}

#[test]
fn an_agents_own_key_is_unknown() {
    let name = "agents/fedcba9876543210/litellm/api-key";
    let table = workspace(|snapshot| put(snapshot, name, "http://localhost:4000"));
    let answer = of_agent(&table, "plain");
    assert_eq!(answer.differences, [Unknown::OwnKey]);
    assert_eq!(
        answer.secrets, [""; 0],
        "no option names an agent's own key"
    );
}

#[test]
fn what_the_operator_does_not_grant_is_unknown() {
    let set = |snapshot: &mut Snapshot| {
        snapshot.environment.set.insert("TEAM_KEY".to_owned());
    };
    let answer = of_agent(&workspace(set), "bot");
    assert_eq!(answer.differences, [Unknown::EnvironmentUse]);
    let granted = workspace(|snapshot| {
        set(snapshot);
        let grant = "TEAM_KEY".parse().expect("a grant");
        snapshot.environment.grants.push(grant);
    });
    assert_eq!(of_agent(&granted, "bot").differences, []);
}

#[test]
fn a_key_whose_value_is_missing_is_unknown() {
    let table = workspace(|snapshot| {
        snapshot.environment.set.insert("GROQ_API_KEY".to_owned());
        snapshot.secrets.missing.insert("groq/api-key".to_owned());
    });
    assert_eq!(of(&table, "groq/m").differences, [Unknown::KeyState]);
}
