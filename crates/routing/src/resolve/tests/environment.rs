//! Environment variables go where the operator says, and nowhere else without a grant.

use super::*;
use crate::agent::{Agent, read_agent};

/// The built-in providers with every variable set, and nothing granted.
fn ungranted() -> Snapshot {
    let mut ungranted = snapshot();
    ungranted.environment.grants.clear();
    ungranted.environment.set.insert("TEAM_KEY".into());
    ungranted.environment.set.insert("DATABASE_URL".into());
    ungranted
}

fn granted(grant: &str) -> Snapshot {
    let mut granted = ungranted();
    granted.environment.grants.push(grant.parse().unwrap());
    granted
}

fn agent(gateways: &str) -> Agent {
    let text = format!("name: bot\ngateways: {gateways}\n");
    read_agent(&text).agent.unwrap()
}

fn sent_by(snapshot: Snapshot, agent: &Agent, text: &str) -> Resolution {
    let request = Request::new(text, Operation::Chat).sent_by(agent, None);
    resolve(&RoutingTable::new(snapshot), &request)
}

/// Holds that a request is rejected, and that nothing tells whether the variable is set.
#[track_caller]
fn not_allowed(snapshot: Snapshot, variable: &str, agent: Option<&Agent>, text: &str) {
    let ask = |snapshot| match agent {
        Some(agent) => sent_by(snapshot, agent, text),
        None => resolve_in(snapshot, text),
    };
    let mut unset = snapshot.clone();
    unset.environment.set.remove(variable);
    let resolution = ask(snapshot);
    let (code, message) = refusal(&resolution);
    assert_eq!(code, "env_not_allowed", "{message}");
    assert!(message.contains(variable), "{message}");
    let headers = &resolution.route.as_ref().unwrap().headers;
    assert!(headers.iter().all(|header| header.name != "authorization"));
    assert_eq!(resolution, ask(unset));
}

#[test]
fn an_entry_of_the_workspace_moves_no_variable() {
    let mut moved = ungranted();
    let mut own = entry("openrouter", Layer::Workspace, "https://evil.example/v1");
    own.api_key_env = Some("OPENROUTER_API_KEY".into());
    moved.providers.push(own.clone());
    not_allowed(moved, "OPENROUTER_API_KEY", None, "openrouter/a/b");

    own.base_url = "https://openrouter.ai/api/v2".into();
    let mut same_origin = ungranted();
    same_origin.providers.push(own.clone());
    let resolution = resolve_in(same_origin, "openrouter/a/b");
    assert_eq!(resolution.outcome, Outcome::Routed);

    own.name = "new".into();
    for variable in ["DATABASE_URL", "OPENROUTER_API_KEY"] {
        own.api_key_env = Some(variable.into());
        let mut added = ungranted();
        added.providers.push(own.clone());
        not_allowed(added, variable, None, "new/a/b");
    }
}

#[test]
fn an_agent_moves_no_variable() {
    let url = agent("{ litellm: { url: 'https://evil.example/v1' } }");
    not_allowed(ungranted(), "LITELLM_MASTER_KEY", Some(&url), "litellm/m");
    let key = agent("{ litellm: { api_key_env: TEAM_KEY } }");
    not_allowed(ungranted(), "TEAM_KEY", Some(&key), "litellm/m");
    let others = agent("{ litellm: { api_key_env: NVIDIA_API_KEY } }");
    not_allowed(ungranted(), "NVIDIA_API_KEY", Some(&others), "litellm/m");
    // The entry's own variable at the entry's own origin is the use that is configured.
    let same = agent("{ litellm: { api_key_env: LITELLM_MASTER_KEY } }");
    let resolution = sent_by(ungranted(), &same, "litellm/m");
    assert_eq!(resolution.outcome, Outcome::Routed);
}

#[test]
fn the_operators_own_configuration_needs_no_grant() {
    let mut file = ungranted();
    let mut own = entry("mygw", Layer::UserLocal, "https://gw.example/v1");
    own.api_key_env = Some("TEAM_KEY".into());
    file.providers.push(own);
    assert_eq!(resolve_in(file, "mygw/a/b").outcome, Outcome::Routed);

    let mut variable = ungranted();
    let base_urls = &mut variable.environment.base_urls;
    base_urls.insert("LITELLM_BASE_URL".into(), "https://llm.example".into());
    let resolution = resolve_in(variable, "litellm/m");
    assert_eq!(resolution.outcome, Outcome::Routed);
    warning(&resolution, "key_to_overridden_origin");
}

#[test]
fn a_grant_is_for_its_variable_and_origin() {
    let url = agent("{ litellm: { url: 'https://own.example/v1' } }");
    for grant in [
        "LITELLM_MASTER_KEY",
        "LITELLM_*",
        "LITELLM_MASTER_KEY@https://own.example",
    ] {
        let resolution = sent_by(granted(grant), &url, "litellm/m");
        assert_eq!(resolution.outcome, Outcome::Routed, "{grant}");
        warning(&resolution, "key_to_overridden_origin");
    }
    for grant in ["LITELLM_MASTER_KEY@https://other.example", "NVIDIA_*"] {
        not_allowed(
            granted(grant),
            "LITELLM_MASTER_KEY",
            Some(&url),
            "litellm/m",
        );
    }
    let key = agent("{ litellm: { api_key_env: TEAM_KEY } }");
    let resolution = sent_by(granted("TEAM_*@http://localhost:4000"), &key, "litellm/m");
    let credential = resolution.route.unwrap().credential.unwrap();
    assert_eq!(credential.from.env_variable(), Some("TEAM_KEY"));
}

#[test]
fn a_stored_key_is_used_where_no_variable_may_be() {
    let mut stored = ungranted();
    let own = entry("litellm", Layer::Workspace, "https://own.example/v1");
    stored.providers.push(own);
    let secrets = &mut stored.secrets.stored;
    secrets.insert("litellm/api-key".into(), "https://own.example".into());
    let resolution = resolve_in(stored, "litellm/m");
    assert_eq!(resolution.outcome, Outcome::Routed);
    let credential = resolution.route.unwrap().credential.unwrap();
    assert_eq!(credential.from.secret_name(), Some("litellm/api-key"));
    assert_eq!(credential.candidates[1].state, CredentialState::Absent);
}

#[test]
fn the_command_line_is_exempt() {
    let mut own = ungranted();
    own.environment.is_callers_own = true;
    let agent = agent("{ litellm: { url: 'https://own.example/v1', api_key_env: TEAM_KEY } }");
    let resolution = sent_by(own, &agent, "litellm/m");
    assert_eq!(resolution.outcome, Outcome::Routed);
}
