//! Faults that were seen under load: each of them ends in words, and nothing is left behind.

use super::fixture::{Fixture, source, trial};
use super::upstream::Upstream;
use crate::store::AuditFilter;
use tokio::task::JoinSet;
use waypost_api_types::{AgentInput, NewModels, ProviderInput, SourcePatch};
use waypost_routing::catalog::ProviderKind;

fn provider(base_url: &str) -> ProviderInput {
    ProviderInput {
        name: "edge".to_owned(),
        kind: ProviderKind::Gateway,
        base_url: base_url.to_owned(),
        api_key_env: None,
        default_headers: Default::default(),
        docs: None,
        allow_private: true,
        new_models: NewModels::Inherit,
        limits: Default::default(),
        pass_headers: Vec::new(),
    }
}

#[tokio::test]
async fn agents_are_renamed_while_many_others_write() {
    let fixture = Fixture::new().await;
    let write = |name: String| AgentInput::of(format!("name: {name}"));
    let mut tasks = JoinSet::new();
    for number in 0..12 {
        let workspace = fixture.workspace.clone();
        let first = write(format!("bot{number}"));
        let second = write(format!("renamed{number}"));
        tasks.spawn(async move {
            workspace.add_agent(first).await.unwrap();
            let renamed = workspace
                .replace_agent(&format!("bot{number}"), second)
                .await;
            assert_eq!(renamed.unwrap().name, format!("renamed{number}"));
        });
    }
    tasks.join_all().await;
    let agents = fixture.workspace.agents(None, None).await.unwrap().items;
    assert_eq!(agents.len(), 12);
    assert!(agents.iter().all(|agent| agent.name.starts_with("renamed")));
}

#[tokio::test]
async fn the_audit_log_names_exactly_the_fields_that_changed() {
    let fixture = Fixture::new().await;
    let workspace = &fixture.workspace;
    workspace
        .add_source(source("gw", "https://gw.example/v1"))
        .await
        .unwrap();
    let toggle = SourcePatch {
        name: Some("gw".to_owned()),
        base_url: Some("https://gw.example/v1".to_owned()),
        passthrough: Some(true),
        allow_private: Some(true),
        ..SourcePatch::default()
    };
    let seen = workspace.source("gw").await.unwrap().version;
    let done = workspace.edit_source("gw", super::fixture::edit(toggle.clone()));
    let version = done.await.unwrap().version;
    assert!(version > seen);
    // The same again changes nothing, and is no edit.
    let again = workspace
        .edit_source("gw", super::fixture::edit(toggle))
        .await;
    assert_eq!(again.unwrap().version, version);
    let events = workspace
        .audit(AuditFilter::default(), None, None)
        .await
        .unwrap()
        .items;
    assert_eq!(events[0].fields, ["passthrough"]);
    assert_eq!(events[1].fields, ["name", "base_url", "allow_private"]);
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn tests_and_refreshes_raise_no_version_and_say_how_they_ended() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::listing(&["a"]).await);
    let workspace = &fixture.workspace;
    let added = workspace.add_source(source("gw", &upstream.base())).await;
    let version = added.unwrap().version;
    workspace.refresh_source("gw").await.unwrap();
    let named = super::fixture::edit(SourcePatch {
        name: Some("Named".to_owned()),
        ..SourcePatch::default()
    });
    let moved = workspace.edit_source("gw", named).await.unwrap().version;
    assert!(moved > version);
    upstream.answers(500, "{}");
    workspace.refresh_source("gw").await.unwrap();
    workspace
        .test_source("gw", Default::default())
        .await
        .unwrap();
    assert_eq!(workspace.source("gw").await.unwrap().version, moved);
    let actions: Vec<String> = fixture.actions().await;
    let actions: Vec<&str> = actions
        .iter()
        .map(|action| action.split(' ').nth(1).unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "source.add",
            "source.refresh",
            "source.edit",
            "source.refresh.failed",
            "source.test.failed"
        ]
    );
}

#[tokio::test]
async fn a_test_that_outlives_its_owner_records_nothing_on_the_next_one() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::holding(&["a"]).await);
    fixture
        .workspace
        .add_provider(provider(&upstream.base()))
        .await
        .unwrap();
    let workspace = fixture.workspace.clone();
    let test = tokio::spawn(async move { workspace.test_provider("edge", trial(None)).await });
    upstream.arrived().await;
    fixture.workspace.delete_provider("edge").await.unwrap();
    fixture
        .workspace
        .add_provider(provider(&upstream.base()))
        .await
        .unwrap();
    upstream.release();
    let error = test.await.unwrap().unwrap_err();
    assert_eq!(error.code, "changed_meanwhile");
    let shown = fixture.workspace.provider("edge").await.unwrap();
    assert_eq!(shown.last_test, None);
}
