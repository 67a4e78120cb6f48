//! The keys that agents have of their own.

use super::fixture::{Fixture, secret};
use crate::workspace::{ErrorKind, Expected, Workspace};
use waypost_api_types::{AgentInput, AgentView, KeyState, RestoredKind, RouteRequest};
use waypost_routing::credential::agent_key_of;
use waypost_routing::resolution::{Outcome, Resolution};

const DOCUMENT: &str = "name: bot\nmodel: { primary: litellm/a/b }\n";
const LITELLM: &str = "http://localhost:4000";

async fn with_agent() -> Fixture {
    let fixture = Fixture::new().await;
    put(&fixture.workspace, None, DOCUMENT).await;
    fixture
}

async fn put(workspace: &Workspace, name: Option<&str>, yaml: &str) -> AgentView {
    let input = AgentInput::of(yaml.to_owned());
    match name {
        Some(name) => workspace.replace_agent(name, input).await,
        None => workspace.add_agent(input).await,
    }
    .unwrap()
}

fn route(workspace: &Workspace, agent: &str) -> Resolution {
    let request = RouteRequest {
        model_ref: None,
        agent: Some(agent.to_owned()),
        ..RouteRequest::default()
    };
    workspace.route(&request).unwrap()
}

/// The stored key that a route uses.
fn used(resolution: &Resolution) -> Option<String> {
    let credential = resolution.route.as_ref()?.credential.as_ref()?;
    let chosen = credential.candidates.iter().find(|place| place.chosen)?;
    chosen.from.secret_name().map(str::to_owned)
}

#[tokio::test]
async fn an_agents_own_key_is_routed_by_at_once_and_never_shown() {
    let fixture = with_agent().await;
    let workspace = &fixture.workspace;
    assert_eq!(route(workspace, "bot").outcome, Outcome::Rejected);
    let view = workspace
        .set_agent_key("bot", "litellm", secret(" sk-virtual-12345678 "), None)
        .await
        .unwrap();
    let [key] = &view.keys[..] else {
        panic!("{:?}", view.keys);
    };
    assert_eq!(
        (&*key.gateway, key.state),
        ("litellm", KeyState::Configured)
    );
    assert_eq!(key.bound_origin, LITELLM);
    assert_eq!(key.hint.as_deref(), Some("5678"));
    let name = used(&route(workspace, "bot")).unwrap();
    let (id, gateway) = agent_key_of(&name).unwrap();
    assert_eq!((id.len(), gateway), (16, "litellm"));
    let held = fixture.holds(&name, LITELLM).await;
    assert_eq!(held.as_deref(), Some("sk-virtual-12345678"));
    assert_eq!(fixture.holds(&name, "https://other.example").await, None);
    assert_eq!(workspace.snapshot().agents[0].id, id);
    assert!(workspace.snapshot().secrets.stored.contains_key(&name));
    let json = serde_json::to_string(&(&view, workspace.snapshot())).unwrap();
    assert!(!json.contains("virtual"));
}

#[tokio::test]
async fn renaming_keeps_it_and_another_agent_of_the_name_inherits_none() {
    let fixture = with_agent().await;
    let workspace = &fixture.workspace;
    workspace
        .set_agent_key("bot", "litellm", secret("sk-virtual-1"), None)
        .await
        .unwrap();
    let key = used(&route(workspace, "bot"));
    put(workspace, Some("bot"), &DOCUMENT.replace("bot", "bob")).await;
    assert_eq!(used(&route(workspace, "bob")), key);
    workspace.delete_agent("bob").await.unwrap();
    assert!(workspace.secrets().inventory().stored.is_empty());
    let again = put(workspace, None, &DOCUMENT.replace("bot", "bob")).await;
    assert!(again.keys.is_empty());
    assert_eq!(used(&route(workspace, "bob")), None);
}

#[tokio::test]
async fn it_goes_and_comes_back_with_its_agent() {
    let fixture = with_agent().await;
    let workspace = &fixture.workspace;
    for gateway in ["litellm", "openrouter"] {
        let key = secret("sk-virtual-1");
        workspace
            .set_agent_key("bot", gateway, key, None)
            .await
            .unwrap();
    }
    let before = workspace.agent("bot").await.unwrap();
    let key = used(&route(workspace, "bot")).unwrap();
    let ticket = workspace.delete_agent("bot").await.unwrap();
    assert_eq!(fixture.holds(&key, LITELLM).await, None);
    workspace.undo(&ticket.token).await.unwrap();
    let after = workspace.agent("bot").await.unwrap();
    assert_eq!(after.keys, before.keys);
    assert_eq!(used(&route(workspace, "bot")), Some(key.clone()));
    assert!(fixture.holds(&key, LITELLM).await.is_some());
}

#[tokio::test]
async fn its_removal_can_be_undone_unless_another_was_entered() {
    let fixture = with_agent().await;
    let workspace = &fixture.workspace;
    let set = || workspace.set_agent_key("bot", "litellm", secret("sk-virtual-1"), None);
    let before = set().await.unwrap();
    let removed = workspace.remove_agent_key("bot", "litellm").await.unwrap();
    assert!(removed.agent.keys.is_empty());
    assert!(removed.agent.version > before.version);
    let token = removed.undo.unwrap().token;
    let restored = workspace.undo(&token).await.unwrap();
    assert_eq!(
        (restored.kind, &*restored.name),
        (RestoredKind::AgentKey, "bot")
    );
    assert_eq!(workspace.agent("bot").await.unwrap().keys, before.keys);

    let removed = workspace.remove_agent_key("bot", "litellm").await.unwrap();
    put(workspace, Some("bot"), &DOCUMENT.replace("bot", "bob")).await;
    let restored = workspace.undo(&removed.undo.unwrap().token).await.unwrap();
    assert_eq!(restored.name, "bob");
    put(workspace, Some("bob"), DOCUMENT).await;

    let removed = workspace.remove_agent_key("bot", "litellm").await.unwrap();
    set().await.unwrap();
    let error = workspace.undo(&removed.undo.unwrap().token).await;
    assert_eq!(error.unwrap_err().code, "changed_meanwhile");
    let none = workspace.remove_agent_key("bot", "openrouter").await;
    assert_eq!(none.unwrap_err().kind, ErrorKind::NotFound);
    let actions = fixture.actions().await;
    for action in ["set", "remove", "restore"] {
        let line = format!("session:test agent.key.{action} agent:bot");
        assert!(actions.contains(&line), "{actions:?}");
    }
}

#[tokio::test]
async fn it_stays_with_the_origin_that_it_was_entered_for() {
    let fixture = with_agent().await;
    let workspace = &fixture.workspace;
    let own = "name: bot\nmodel: { primary: litellm/a/b }\ngateways: { litellm: { url: 'https://eu.example/v1' } }\n";
    put(workspace, Some("bot"), own).await;
    let view = workspace
        .set_agent_key("bot", "litellm", secret("sk-virtual-1"), None)
        .await
        .unwrap();
    assert_eq!(view.keys[0].bound_origin, "https://eu.example");
    assert_eq!(route(workspace, "bot").outcome, Outcome::Routed);
    let moved = put(workspace, Some("bot"), DOCUMENT).await;
    assert_eq!(moved.keys[0].state, KeyState::NeedsReentry);
    // The shared key is not used in its stead.
    workspace
        .set_provider_key("litellm", secret("sk-shared-1"))
        .await
        .unwrap();
    let refused = route(workspace, "bot");
    assert_eq!(refused.outcome, Outcome::Rejected);
    assert_eq!(refused.error.unwrap().code, "missing_api_key");
}

#[tokio::test]
async fn what_has_no_use_for_it_is_refused() {
    let fixture = with_agent().await;
    let workspace = &fixture.workspace;
    let set = async |agent: &str, gateway: &str, key: &str| {
        let error = workspace
            .set_agent_key(agent, gateway, secret(key), None)
            .await;
        error.unwrap_err().code
    };
    assert_eq!(set("bot", "groq", "sk-1").await, "not_a_gateway");
    assert_eq!(set("bot", "unknown", "sk-1").await, "not_found");
    assert_eq!(set("missing", "litellm", "sk-1").await, "not_found");
    assert_eq!(set("bot", "litellm", " ").await, "invalid_secret_value");
    assert_eq!(
        set("bot", "litellm", "sk-***").await,
        "suspicious_secret_value"
    );
    let stale = workspace.expecting(Expected::OneOf(vec![0]));
    let error = stale
        .set_agent_key("bot", "litellm", secret("sk-1"), None)
        .await;
    assert_eq!(error.unwrap_err().code, "version_conflict");
    assert!(workspace.secrets().inventory().stored.is_empty());
}

#[tokio::test]
async fn without_the_backend_an_agent_with_a_key_is_not_deleted() {
    let fixture = with_agent().await;
    let workspace = &fixture.workspace;
    workspace
        .set_agent_key("bot", "litellm", secret("sk-virtual-1"), None)
        .await
        .unwrap();
    put(workspace, None, "name: keyless\n").await;
    fixture.break_secrets();
    let error = workspace.delete_agent("bot").await.unwrap_err();
    assert_eq!(error.code, "secrets_unavailable");
    assert_eq!(workspace.agent("bot").await.unwrap().keys.len(), 1);
    workspace.delete_agent("keyless").await.unwrap();
}

#[tokio::test]
async fn it_is_bound_to_the_origin_that_was_shown_alone() {
    let fixture = with_agent().await;
    let workspace = &fixture.workspace;
    let set = |origin: &str| {
        let shown = Some(origin.to_owned());
        workspace.set_agent_key("bot", "litellm", secret("sk-virtual-1"), shown)
    };
    let error = set("https://before.example").await.unwrap_err();
    assert_eq!(error.code, "changed_meanwhile");
    assert_eq!(error.field.as_deref(), Some("origin"));
    assert!(error.message.contains(LITELLM), "{}", error.message);
    assert!(workspace.secrets().inventory().stored.is_empty());
    set(LITELLM).await.unwrap();
}
