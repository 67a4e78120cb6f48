//! Agents: their documents, their problems, and what routing sees.

use super::fixture::{Fixture, source, with_key};
use crate::workspace::{DomainError, Evidence};
use waypost_api_types::{AgentInput, AgentIssue, AgentView, RouteRequest};
use waypost_routing::operation::Operation;
use waypost_routing::problem::Severity;
use waypost_routing::resolution::Resolution;

fn write(yaml: &str) -> AgentInput {
    AgentInput::of(yaml.to_owned())
}

async fn add(fixture: &Fixture, yaml: &str) -> AgentView {
    fixture.workspace.add_agent(write(yaml)).await.unwrap()
}

async fn refused(fixture: &Fixture, yaml: &str) -> DomainError {
    fixture.workspace.add_agent(write(yaml)).await.unwrap_err()
}

/// The problems that a refusal shows.
#[track_caller]
fn issues(error: &DomainError) -> &[AgentIssue] {
    match error.evidence.as_deref() {
        Some(Evidence::Document(issues)) => issues,
        other => panic!("no problems of a document: {other:?}"),
    }
}

async fn routed(fixture: &Fixture, agent: &str, subagent: Option<&str>) -> Resolution {
    let request = RouteRequest {
        agent: Some(agent.to_owned()),
        subagent: subagent.map(str::to_owned),
        ..RouteRequest::default()
    };
    fixture.workspace.route(&request).unwrap()
}

#[tokio::test]
async fn a_document_is_kept_as_it_was_written_with_its_warnings() {
    let fixture = Fixture::new().await;
    let yaml =
        "# Ours.\nname: bot\nmodel: { primary: litellm/a, colour: red }\ngateways:\n  litelm: {}\n";
    let view = add(&fixture, yaml).await;
    assert_eq!(view.yaml, yaml);
    assert_eq!(view.agent.as_ref().unwrap().name, "bot");
    assert_eq!(view.updated_by.as_deref(), Some("session:test"));
    let problems: Vec<(&str, u32, Severity)> = view
        .problems
        .iter()
        .map(|issue| (issue.code.as_str(), issue.line, issue.severity))
        .collect();
    assert_eq!(
        problems,
        [
            ("unknown_field", 3, Severity::Warning),
            ("unknown_gateway", 5, Severity::Warning)
        ]
    );
    assert_eq!(fixture.workspace.agent("bot").await.unwrap(), view);
    assert_eq!(
        fixture.actions().await,
        ["session:test agent.add agent:bot"]
    );
}

#[tokio::test]
async fn every_error_of_a_document_is_listed_and_nothing_is_stored() {
    let fixture = Fixture::new().await;
    let yaml = "name: bot\ngateways:\n  litellm: { api_key: sk-canary, url: ftp://x }\n";
    let error = refused(&fixture, yaml).await;
    assert_eq!(
        (error.code, error.field.as_deref()),
        ("invalid_agent", Some("yaml"))
    );
    assert_eq!(
        error.message,
        "The document has 2 errors, so nothing was saved."
    );
    let problems: Vec<(&str, &str, u32)> = issues(&error)
        .iter()
        .map(|issue| (issue.path.as_str(), issue.code.as_str(), issue.line))
        .collect();
    assert_eq!(
        problems,
        [
            ("gateways.litellm", "inline_secret", 3),
            ("gateways.litellm.url", "invalid_base_url", 3)
        ]
    );
    assert!(!format!("{error:?}").contains("canary"));
    assert!(
        fixture
            .workspace
            .agents(None, None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert_eq!(fixture.actions().await, Vec::<String>::new());
}

#[tokio::test]
async fn endless_errors_are_listed_up_to_a_limit_and_an_endless_document_is_refused() {
    let fixture = Fixture::new().await;
    let mut yaml = "name: bot\ngateways:\n".to_owned();
    for number in 0..1_000 {
        yaml.push_str(&format!("  g{number}: {{ nope: 1 }}\n"));
    }
    let error = refused(&fixture, &yaml).await;
    assert_eq!(issues(&error).len(), 200);
    assert!(error.message.contains("1000 errors"), "{}", error.message);
    let error = refused(
        &fixture,
        &format!("name: bot\n# {}", "x".repeat(1024 * 1024)),
    )
    .await;
    assert_eq!(issues(&error).len(), 1);
    assert!(issues(&error)[0].message.contains("1 MiB"), "{error:?}");
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let fixture = Fixture::new().await;
    add(&fixture, "name: bot").await;
    assert_eq!(refused(&fixture, "name: bot").await.code, "name_taken");
    add(&fixture, "name: other").await;
    let renamed = fixture.workspace.replace_agent("other", write("name: bot"));
    assert_eq!(renamed.await.unwrap_err().code, "name_taken");
    assert_eq!(
        fixture.workspace.agent("other").await.unwrap().name,
        "other"
    );
}

#[tokio::test]
async fn replacing_may_rename_and_deleting_leaves_nothing() {
    let fixture = Fixture::new().await;
    let first = add(&fixture, "name: bot").await;
    let renamed = fixture
        .workspace
        .replace_agent("bot", write("name: robot\nmodel: { primary: litellm/a }"))
        .await
        .unwrap();
    assert_eq!(renamed.name, "robot");
    assert!(renamed.version > first.version);
    let gone = fixture.workspace.agent("bot").await.unwrap_err();
    assert_eq!(gone.code, "not_found");
    let gone = fixture
        .workspace
        .replace_agent("bot", write("name: bot"))
        .await;
    assert_eq!(gone.unwrap_err().code, "not_found");
    fixture.workspace.delete_agent("robot").await.unwrap();
    let gone = fixture.workspace.delete_agent("robot").await.unwrap_err();
    assert_eq!(gone.code, "not_found");
    assert_eq!(
        fixture.actions().await,
        [
            "session:test agent.add agent:bot",
            "session:test agent.rename agent:bot",
            "session:test agent.edit agent:robot",
            "session:test agent.delete agent:robot",
        ]
    );
}

#[tokio::test]
async fn agents_are_listed_by_name_page_by_page() {
    let fixture = Fixture::new().await;
    for name in ["c", "a", "b"] {
        add(&fixture, &format!("name: {name}")).await;
    }
    let mut names = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = fixture.workspace.agents(cursor.as_deref(), Some(2));
        let page = page.await.unwrap();
        names.extend(page.items.into_iter().map(|view| view.name));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
        assert_eq!(names.len(), 2);
    }
    assert_eq!(names, ["a", "b", "c"]);
    for (cursor, limit) in [(None, Some(0)), (None, Some(501)), (Some("?"), None)] {
        assert!(fixture.workspace.agents(cursor, limit).await.is_err());
    }
}

#[tokio::test]
async fn a_page_of_large_documents_is_shorter() {
    let fixture = Fixture::new().await;
    let padding = "x".repeat(900_000);
    for number in 0..6 {
        add(&fixture, &format!("name: a{number}\n# {padding}")).await;
    }
    let first = fixture.workspace.agents(None, None).await.unwrap();
    assert_eq!(first.items.len(), 4);
    let rest = fixture.workspace.agents(first.next_cursor.as_deref(), None);
    let rest = rest.await.unwrap();
    assert_eq!((rest.items.len(), rest.next_cursor), (2, None));
}

#[tokio::test]
async fn the_snapshot_follows_every_change() {
    let fixture = Fixture::new().await;
    let names = async || -> Vec<String> {
        let snapshot = fixture.workspace.snapshot();
        snapshot
            .agents
            .into_iter()
            .map(|agent| format!("{} {:?}", agent.name, agent.model.primary))
            .collect()
    };
    add(&fixture, "name: b").await;
    add(&fixture, "name: a").await;
    assert_eq!(names().await, ["a None", "b None"]);
    let changed = write("name: b\nmodel: { primary: litellm/x }");
    fixture.workspace.replace_agent("b", changed).await.unwrap();
    fixture.workspace.delete_agent("a").await.unwrap();
    assert_eq!(names().await, ["b Some(\"litellm/x\")"]);
    add(&fixture, "name: a\nmodel: { primary: litellm/y }").await;
    assert_eq!(
        names().await,
        ["a Some(\"litellm/y\")", "b Some(\"litellm/x\")"]
    );
}

#[tokio::test]
async fn granted_variables_that_agents_name_are_in_the_snapshot_when_they_are_set() {
    let variables = [("TEAM_SECRET", "s"), ("OTHER_SECRET", "s"), ("HOME", "/")];
    let fixture = Fixture::granting(&variables, &["TEAM_*", "UNSET_*"]).await;
    let set = async || fixture.workspace.snapshot().environment.set;
    assert!(set().await.is_empty());
    add(
        &fixture,
        "name: bot\ngateways:\n  litellm: { api_key_env: TEAM_SECRET }\n  openrouter: { api_key_env: UNSET_SECRET }\nsubagents: {}\n",
    )
    .await;
    assert_eq!(
        set().await.into_iter().collect::<Vec<_>>(),
        ["TEAM_SECRET".to_owned()]
    );
}

#[tokio::test]
async fn an_agent_and_its_subagents_are_routed_by_name() {
    let fixture = Fixture::with(&[("LITELLM_MASTER_KEY", "sk")], None).await;
    let mut write = with_key(source("own", "https://gw.example/v1"), "sk-1");
    write.input.passthrough = true;
    fixture.workspace.add_source(write).await.unwrap();
    add(
        &fixture,
        "name: bot
model: { primary: alias, passthrough: true, source: own, fallback: litellm/b }
subagents:
  writer: { model: { primary: litellm/c } }
",
    )
    .await;
    let root = routed(&fixture, "bot", None).await;
    assert_eq!(root.model_ref, "alias");
    assert_eq!(root.route.unwrap().provider.as_deref(), Some("own"));
    assert_eq!(root.fallback.unwrap().model_ref, "litellm/b");
    let writer = routed(&fixture, "bot", Some("writer")).await;
    assert_eq!(writer.model_ref, "litellm/c::subagent::writer");
    assert_eq!(writer.route.unwrap().wire_model, "c");

    let unknown = RouteRequest {
        agent: Some("missing".to_owned()),
        ..RouteRequest::of("litellm/a", Operation::Chat)
    };
    let error = fixture.workspace.route(&unknown).unwrap_err();
    assert_eq!(
        (error.code, error.field.as_deref()),
        ("unknown_agent", Some("agent"))
    );
    let without_agent = RouteRequest {
        subagent: Some("writer".to_owned()),
        ..RouteRequest::of("litellm/a", Operation::Chat)
    };
    let cut = fixture.workspace.route(&without_agent).unwrap();
    assert_eq!(cut.warnings[0].code, "unknown_subagent");
}

#[tokio::test]
async fn a_document_that_can_no_longer_be_read_is_shown_and_kept_from_routing() {
    let fixture = Fixture::new().await;
    add(&fixture, "name: bot").await;
    fixture
        .execute("UPDATE agents SET yaml = 'name: [bot]'")
        .await;
    let view = fixture.workspace.agent("bot").await.unwrap();
    assert_eq!(view.agent, None);
    assert_eq!(view.problems[0].severity, Severity::Error);
    fixture.workspace.build_table_anew().await.unwrap();
    assert!(fixture.workspace.snapshot().agents.is_empty());
    fixture
        .workspace
        .replace_agent("bot", write("name: bot"))
        .await
        .unwrap();
    assert_eq!(fixture.workspace.snapshot().agents.len(), 1);
}

#[tokio::test]
async fn a_private_address_is_allowed_for_its_agent_until_the_document_drops_it() {
    let fixture = Fixture::new().await;
    let workspace = &fixture.workspace;
    let document = |url: &str| {
        format!("name: a\nmodel: {{ primary: m, passthrough: true, base_url: '{url}' }}\n")
    };
    let input = |url: &str, allowed: Option<&[&str]>| AgentInput {
        allow_private: allowed.map(|all| all.iter().map(|one| (*one).to_owned()).collect()),
        ..AgentInput::of(document(url))
    };
    let warns = || {
        let request = RouteRequest {
            agent: Some("a".to_owned()),
            ..RouteRequest::default()
        };
        let route = workspace.route(&request).unwrap();
        let mut codes = route.warnings.iter().map(|warning| &*warning.code);
        codes.any(|code| code == "private_origin_not_granted")
    };
    let (url, origin) = ("http://10.0.0.8:4000/v1", "http://10.0.0.8:4000");
    workspace.add_agent(input(url, None)).await.unwrap();
    assert!(warns());
    let allow = input(url, Some(&[origin]));
    let view = workspace.replace_agent("a", allow).await.unwrap();
    assert_eq!(view.allow_private, [origin]);
    assert!(!warns());
    // It stays while the document has the address, and goes with it.
    let kept = workspace.replace_agent("a", input(&format!("{url}/x"), None));
    assert_eq!(kept.await.unwrap().allow_private, [origin]);
    let other = "http://10.0.0.9/v1";
    let moved = workspace.replace_agent("a", input(other, None)).await;
    assert!(moved.unwrap().allow_private.is_empty());
    let back = workspace.replace_agent("a", input(url, None)).await;
    assert!(back.unwrap().allow_private.is_empty());
    assert!(warns());
    // Nothing can be allowed that the document does not have.
    let error = workspace.replace_agent("a", input(url, Some(&["http://10.0.0.9"])));
    let error = error.await.unwrap_err();
    assert_eq!(
        (error.code, error.field.as_deref()),
        ("unknown_origin", Some("allow_private"))
    );
    workspace
        .replace_agent("a", input(url, Some(&[origin])))
        .await
        .unwrap();
    let ticket = workspace.delete_agent("a").await.unwrap();
    workspace.undo(&ticket.token).await.unwrap();
    assert_eq!(workspace.agent("a").await.unwrap().allow_private, [origin]);
}
