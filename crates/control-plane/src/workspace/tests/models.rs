//! Listing, searching and switching models, and the default model.

use super::super::{ErrorKind, ModelsQuery};
use super::fixture::{Fixture, source};
use super::upstream::Upstream;
use waypost_api_types::{DefaultModel, EnableModelsInput, ModelState};

async fn fixture(ids: &[&str]) -> (Fixture, Upstream) {
    let (fixture, upstream) = (Fixture::new().await, Upstream::listing(ids).await);
    for name in ["alpha", "beta"] {
        let mut write = source(name, &upstream.base());
        write.input.passthrough = true;
        fixture.workspace.add_source(write).await.unwrap();
        fixture.workspace.refresh_source(name).await.unwrap();
    }
    (fixture, upstream)
}

async fn refs(fixture: &Fixture, query: ModelsQuery) -> Vec<String> {
    let page = fixture.workspace.models(query).await.unwrap();
    page.items
        .into_iter()
        .map(|model| model.model_ref)
        .collect()
}

async fn found(fixture: &Fixture, q: &str) -> Vec<String> {
    let query = ModelsQuery {
        q: Some(q.to_owned()),
        ..ModelsQuery::default()
    };
    refs(fixture, query).await
}

async fn switch(fixture: &Fixture, refs: &[&str], enabled: bool) -> u64 {
    let change = EnableModelsInput {
        refs: refs.iter().map(|text| (*text).to_owned()).collect(),
        enabled,
    };
    fixture
        .workspace
        .enable_models(change)
        .await
        .unwrap()
        .switched
}

#[tokio::test]
async fn pages_follow_each_other_by_owner_and_id() {
    let (fixture, _upstream) = fixture(&["a", "b/c", "z"]).await;
    let mut query = ModelsQuery {
        limit: Some(4),
        ..ModelsQuery::default()
    };
    let first = fixture.workspace.models(query.clone()).await.unwrap();
    assert_eq!(first.total, 6);
    query.cursor = first.next_cursor.clone();
    let second = fixture.workspace.models(query).await.unwrap();
    assert_eq!((second.total, &second.next_cursor), (6, &None));
    let all: Vec<String> = first
        .items
        .into_iter()
        .chain(second.items)
        .map(|model| model.model_ref)
        .collect();
    assert_eq!(
        all,
        [
            "alpha/a",
            "alpha/b/c",
            "alpha/z",
            "beta/a",
            "beta/b/c",
            "beta/z"
        ]
    );
    for (limit, cursor, field) in [
        (Some(0), None, "limit"),
        (Some(1_001), None, "limit"),
        (None, Some("%"), "cursor"),
        (None, Some("bm9wZQ"), "cursor"),
    ] {
        let query = ModelsQuery {
            limit,
            cursor: cursor.map(str::to_owned),
            ..ModelsQuery::default()
        };
        let error = fixture.workspace.models(query).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field));
    }
}

#[tokio::test]
async fn a_search_takes_every_word_without_case_and_knows_no_wildcards() {
    let (fixture, upstream) = fixture(&["gpt-4o", "gpt-4o-mini", "50%_off"]).await;
    assert_eq!(
        found(&fixture, "GPT alpha").await,
        ["alpha/gpt-4o", "alpha/gpt-4o-mini"]
    );
    assert_eq!(found(&fixture, "mini gpt beta").await, ["beta/gpt-4o-mini"]);
    assert_eq!(
        found(&fixture, "%").await,
        ["alpha/50%_off", "beta/50%_off"]
    );
    assert_eq!(found(&fixture, "gpt_4o").await, Vec::<String>::new());
    assert_eq!(found(&fixture, " ").await.len(), 6);
    upstream.answers(200, r#"{"data":[{"id":"q","name":"ÄPFEL Groß"}]}"#);
    fixture.workspace.refresh_source("alpha").await.unwrap();
    assert_eq!(found(&fixture, "äpfel").await, ["alpha/q"]);
}

#[tokio::test]
async fn filters_by_owner_and_state_and_counts_what_matches() {
    let (fixture, upstream) = fixture(&["a", "b", "c"]).await;
    switch(&fixture, &["alpha/a"], false).await;
    upstream.lists(&["a", "b"]);
    fixture.workspace.refresh_source("alpha").await.unwrap();
    for (state, expected) in [
        (ModelState::Enabled, "alpha/b"),
        (ModelState::Disabled, "alpha/a"),
        (ModelState::Absent, "alpha/c"),
    ] {
        let query = ModelsQuery {
            owner: Some("alpha".to_owned()),
            state: Some(state),
            ..ModelsQuery::default()
        };
        assert_eq!(refs(&fixture, query).await, [expected]);
    }
    let counts = fixture.workspace.source("alpha").await.unwrap().models;
    assert_eq!((counts.enabled, counts.total, counts.absent), (1, 3, 1));
    let unknown_owner = ModelsQuery {
        owner: Some("missing".to_owned()),
        ..ModelsQuery::default()
    };
    assert_eq!(refs(&fixture, unknown_owner).await, Vec::<String>::new());
}

#[tokio::test]
async fn switching_is_all_or_nothing() {
    let (fixture, _upstream) = fixture(&["a", "b/c"]).await;
    let change = EnableModelsInput {
        refs: vec!["alpha/a".to_owned(), "alpha/nope".to_owned()],
        enabled: false,
    };
    let error = fixture.workspace.enable_models(change).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code),
        (ErrorKind::Invalid, "unknown_model")
    );
    assert!(error.message.contains("`alpha/nope`"), "{error}");
    assert_eq!(switch(&fixture, &["alpha/a", "beta/b/c"], false).await, 2);
    assert_eq!(switch(&fixture, &["alpha/a", "alpha/b/c"], false).await, 1);
    assert_eq!(switch(&fixture, &["alpha/a"], false).await, 0);
    let actions = fixture.actions().await;
    assert_eq!(
        actions[4..],
        [
            "session:test models.disable models:2",
            "session:test models.disable models:1"
        ]
    );
    let snapshot = fixture.workspace.snapshot();
    let off: Vec<String> = snapshot
        .models
        .iter()
        .map(|model| format!("{}/{}", model.owner, model.id))
        .collect();
    assert_eq!(off, ["alpha/a", "alpha/b/c", "beta/b/c"]);
}

#[tokio::test]
async fn the_default_model_must_route_and_be_switched_on() {
    let (fixture, _upstream) = fixture(&["a", "b"]).await;
    let wanted = |text: &str| DefaultModel {
        model_ref: Some(text.to_owned()),
        ..DefaultModel::default()
    };
    let workspace = &fixture.workspace;
    workspace
        .set_default_model(wanted("alpha/a"))
        .await
        .unwrap();
    switch(&fixture, &["alpha/b"], false).await;
    for (text, code) in [
        ("alpha/b", "model_disabled"),
        ("alpha//b", "empty_segment"),
        ("groq/llama", "missing_api_key"),
    ] {
        let error = workspace.set_default_model(wanted(text)).await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (code, Some("ref")));
    }
    let default = workspace.default_model().await.unwrap();
    assert_eq!(default.model_ref.as_deref(), Some("alpha/a"));
    let snapshot = workspace.snapshot();
    assert_eq!(snapshot.default_model.as_deref(), Some("alpha/a"));
    workspace
        .set_default_model(DefaultModel::default())
        .await
        .unwrap();
    assert_eq!(workspace.default_model().await.unwrap().model_ref, None);
}
