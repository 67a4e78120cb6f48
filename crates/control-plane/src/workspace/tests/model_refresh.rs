//! What a refresh does to the catalog, and what it never does.

use super::super::{ErrorKind, ModelsQuery, SourceEdit};
use super::fixture::{Fixture, moved_to, source};
use super::upstream::Upstream;
use crate::workspace::refresh_registry::{MAX_RUNNING, RefreshHandle};
use waypost_api_types::{
    CheckOutcome, EnableModelsInput, ModelState, NewModels, OutcomeReport, RefreshPhase,
    SettingsPatch, SourcePatch,
};

async fn states(fixture: &Fixture) -> Vec<(String, ModelState)> {
    let page = fixture
        .workspace
        .models(ModelsQuery::default())
        .await
        .unwrap();
    page.items
        .into_iter()
        .map(|model| (model.id, model.state))
        .collect()
}

fn expected(states: &[(&str, ModelState)]) -> Vec<(String, ModelState)> {
    states
        .iter()
        .map(|(id, state)| ((*id).to_owned(), *state))
        .collect()
}

async fn refreshed(fixture: &Fixture) -> OutcomeReport {
    fixture.workspace.refresh_source("gw").await.unwrap()
}

async fn disable(fixture: &Fixture, model_ref: &str) {
    let change = EnableModelsInput {
        refs: vec![model_ref.to_owned()],
        enabled: false,
    };
    fixture.workspace.enable_models(change).await.unwrap();
}

/// A source `gw` whose refresh found these.
async fn with_models(ids: &[&str]) -> (Fixture, Upstream) {
    let (fixture, upstream) = (Fixture::new().await, Upstream::listing(ids).await);
    let write = source("gw", &upstream.base());
    fixture.workspace.add_source(write).await.unwrap();
    let report = refreshed(&fixture).await;
    assert_eq!(report.outcome, CheckOutcome::Ok, "{}", report.message);
    assert_eq!(report.added, ids);
    (fixture, upstream)
}

use ModelState::{Absent, Disabled, Enabled};

#[tokio::test]
async fn it_adds_marks_and_names_and_deletes_nothing() {
    let (fixture, upstream) = with_models(&["a", "b", "c"]).await;
    upstream.lists(&["b", "c", "d"]);
    let report = refreshed(&fixture).await;
    assert_eq!(report.added, ["d"]);
    assert_eq!(report.removed, ["a"]);
    assert_eq!(report.unchanged, ["b", "c"]);
    assert_eq!(
        states(&fixture).await,
        expected(&[
            ("a", Absent),
            ("b", Enabled),
            ("c", Enabled),
            ("d", Enabled)
        ])
    );
    // A model that is already absent is not reported again.
    assert_eq!(refreshed(&fixture).await.removed, Vec::<String>::new());

    upstream.lists(&["a", "b", "c", "d"]);
    let report = refreshed(&fixture).await;
    assert_eq!(
        (report.listed_again, report.changed),
        (vec!["a".to_owned()], vec![])
    );
    assert_eq!(states(&fixture).await[0], ("a".to_owned(), Enabled));
}

#[tokio::test]
async fn what_was_switched_off_stays_off_even_when_it_was_gone_meanwhile() {
    let (fixture, upstream) = with_models(&["a", "b"]).await;
    disable(&fixture, "gw/a").await;
    refreshed(&fixture).await;
    assert_eq!(states(&fixture).await[0], ("a".to_owned(), Disabled));
    upstream.lists(&["b"]);
    refreshed(&fixture).await;
    upstream.lists(&["a", "b"]);
    refreshed(&fixture).await;
    assert_eq!(states(&fixture).await[0], ("a".to_owned(), Disabled));
}

#[tokio::test]
async fn an_empty_answer_and_a_failure_change_only_the_outcome() {
    let (fixture, upstream) = with_models(&["a", "b"]).await;
    disable(&fixture, "gw/a").await;
    let before = fixture
        .workspace
        .models(ModelsQuery::default())
        .await
        .unwrap();
    for (status, body, outcome) in [
        (200, r#"{"data":[]}"#, CheckOutcome::NoModels),
        (401, "{}", CheckOutcome::Unauthorized),
        (404, "{}", CheckOutcome::NotFound),
        (429, "{}", CheckOutcome::RateLimited),
        (503, "{}", CheckOutcome::ServerError),
        (200, "<html>", CheckOutcome::BadResponse),
        (302, "", CheckOutcome::Redirected),
        (418, "{}", CheckOutcome::UnexpectedStatus),
    ] {
        upstream.answers(status, body);
        let report = refreshed(&fixture).await;
        assert_eq!(report.outcome, outcome, "{status}: {}", report.message);
        let after = fixture
            .workspace
            .models(ModelsQuery::default())
            .await
            .unwrap();
        assert_eq!(after, before, "{status}");
        let view = fixture.workspace.source("gw").await.unwrap();
        assert_eq!(view.last_refresh.unwrap().outcome, outcome);
    }
}

#[tokio::test]
async fn a_stopped_server_is_recorded_and_keeps_every_model() {
    let (fixture, upstream) = with_models(&["a"]).await;
    drop(upstream);
    // The listener goes with its task, which ends at its next turn.
    let mut outcome = refreshed(&fixture).await.outcome;
    for _ in 0..100 {
        if outcome == CheckOutcome::ConnectFailed {
            break;
        }
        tokio::task::yield_now().await;
        outcome = refreshed(&fixture).await.outcome;
    }
    assert_eq!(outcome, CheckOutcome::ConnectFailed);
    assert_eq!(states(&fixture).await, expected(&[("a", Enabled)]));
}

#[tokio::test]
async fn duplicates_count_once_and_metadata_changes_are_expected() {
    let (fixture, upstream) = with_models(&["a", "b"]).await;
    let body = r#"{"data":[{"id":"a","name":"Model A"},{"id":"a"},{"id":"b"},{"no":"id"}]}"#;
    upstream.answers(200, body);
    let report = refreshed(&fixture).await;
    assert_eq!(
        (report.changed, report.listed_again),
        (vec!["a".to_owned()], vec![])
    );
    assert_eq!(report.unchanged, ["b"]);
    assert_eq!(report.skipped, 1);
    let page = fixture
        .workspace
        .models(ModelsQuery::default())
        .await
        .unwrap();
    assert_eq!(page.total, 2);
    assert_eq!(page.items[0].name.as_deref(), Some("Model A"));
}

#[tokio::test]
async fn new_models_start_as_settings_or_the_owner_say() {
    let (fixture, upstream) = with_models(&["a"]).await;
    let disabled = SettingsPatch {
        new_models_start_disabled: Some(true),
        ..SettingsPatch::default()
    };
    fixture.workspace.edit_settings(disabled).await.unwrap();
    upstream.lists(&["a", "b"]);
    refreshed(&fixture).await;
    assert_eq!(
        states(&fixture).await,
        expected(&[("a", Enabled), ("b", Disabled)])
    );

    let own = super::fixture::edit(SourcePatch {
        new_models: Some(NewModels::Enabled),
        ..SourcePatch::default()
    });
    fixture.workspace.edit_source("gw", own).await.unwrap();
    upstream.lists(&["a", "b", "c"]);
    refreshed(&fixture).await;
    assert_eq!(states(&fixture).await[2], ("c".to_owned(), Enabled));
}

/// A second call's handle on the refresh that runs already.
fn joined(fixture: &Fixture) -> RefreshHandle {
    let handle = fixture.workspace.inner.refreshes.join("gw", 0);
    assert!(handle.task.is_none(), "none was running");
    handle
}

#[tokio::test]
async fn a_second_call_joins_the_first() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::holding(&["a"]).await);
    let write = source("gw", &upstream.base());
    fixture.workspace.add_source(write).await.unwrap();
    let progress = fixture.workspace.refresh_progress("gw").await.unwrap();
    assert_eq!(progress.phase, RefreshPhase::Idle);

    let first = tokio::spawn({
        let workspace = fixture.workspace.clone();
        async move { workspace.refresh_source("gw").await }
    });
    upstream.arrived().await;
    assert!(fixture.workspace.source("gw").await.unwrap().refreshing);
    let progress = fixture.workspace.refresh_progress("gw").await.unwrap();
    assert_eq!(progress.phase, RefreshPhase::Fetching);
    let second = joined(&fixture);
    upstream.release();
    let (first, second) = (
        first.await.unwrap().unwrap(),
        second.finished().await.unwrap(),
    );
    assert_eq!(first, second);
    assert_eq!(first.added, ["a"]);
    assert_eq!(upstream.paths(), ["/v1/models"]);
}

/// A refresh beyond the limit would reach the upstream, which holds every request.
#[tokio::test]
async fn refreshes_over_the_limit_wait_and_say_so() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::holding(&["a"]).await);
    let mut calls = Vec::new();
    for number in 0..MAX_RUNNING + 2 {
        let slug = format!("gw{number}");
        let write = source(&slug, &upstream.base());
        fixture.workspace.add_source(write).await.unwrap();
        calls.push(tokio::spawn({
            let (workspace, slug) = (fixture.workspace.clone(), slug.clone());
            async move { workspace.refresh_source(&slug).await }
        }));
        if number < MAX_RUNNING {
            upstream.arrived().await;
            continue;
        }
        let begun = loop {
            match fixture
                .workspace
                .refresh_progress(&slug)
                .await
                .unwrap()
                .phase
            {
                RefreshPhase::Idle => tokio::task::yield_now().await,
                phase => break phase,
            }
        };
        assert_eq!(begun, RefreshPhase::Waiting);
        assert!(fixture.workspace.source(&slug).await.unwrap().refreshing);
    }
    for _ in 0..2 {
        upstream.release();
        upstream.arrived().await;
    }
    for _ in 0..MAX_RUNNING {
        upstream.release();
    }
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().added, ["a"]);
    }
}

#[tokio::test]
async fn it_survives_the_request_that_began_it() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::holding(&["a"]).await);
    let write = source("gw", &upstream.base());
    fixture.workspace.add_source(write).await.unwrap();
    let asking = tokio::spawn({
        let workspace = fixture.workspace.clone();
        async move { workspace.refresh_source("gw").await }
    });
    upstream.arrived().await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    let joined = joined(&fixture);
    upstream.release();
    assert_eq!(joined.finished().await.unwrap().added, ["a"]);
    assert_eq!(upstream.paths().len(), 1);
    let progress = fixture.workspace.refresh_progress("gw").await.unwrap();
    assert_eq!(progress.phase, RefreshPhase::Done);
    assert_eq!(progress.models_seen, 1);
    assert_eq!(progress.report.unwrap().added, ["a"]);
}

#[tokio::test]
async fn the_answer_of_a_server_that_was_replaced_meanwhile_is_not_saved() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::holding(&["a"]).await);
    let write = source("gw", &upstream.base());
    fixture.workspace.add_source(write).await.unwrap();
    let asking = tokio::spawn({
        let workspace = fixture.workspace.clone();
        async move { workspace.refresh_source("gw").await }
    });
    upstream.arrived().await;
    let edit = moved_to("http://127.0.0.1:9/v1");
    fixture.workspace.edit_source("gw", edit).await.unwrap();
    upstream.release();
    let error = asking.await.unwrap().unwrap_err();
    assert_eq!(error.code, "changed_meanwhile");
    assert_eq!(states(&fixture).await, expected(&[]));
}

#[tokio::test]
async fn a_deleted_source_takes_its_models_and_its_heir_starts_anew() {
    let (fixture, upstream) = with_models(&["a"]).await;
    fixture.workspace.delete_source("gw").await.unwrap();
    assert_eq!(states(&fixture).await, expected(&[]));
    let error = fixture.workspace.refresh_source("gw").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    let write = source("gw", &upstream.base());
    let view = fixture.workspace.add_source(write).await.unwrap();
    assert_eq!((view.last_refresh, view.models.total), (None, 0));
}

#[tokio::test]
async fn a_test_reports_the_list_and_changes_nothing_but_its_own_outcome() {
    let (fixture, upstream) = with_models(&["a"]).await;
    upstream.lists(&["b", "c"]);
    let report = fixture
        .workspace
        .test_source("gw", SourceEdit::default())
        .await
        .unwrap();
    assert_eq!(report.added, ["b", "c"]);
    assert_eq!(states(&fixture).await, expected(&[("a", Enabled)]));
    let view = fixture.workspace.source("gw").await.unwrap();
    assert_eq!(view.last_refresh.unwrap().added, 1);
    assert_eq!(view.last_test.unwrap().outcome, CheckOutcome::Ok);
}
