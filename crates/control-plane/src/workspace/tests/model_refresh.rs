//! What a refresh does to the catalog, and what it never does.

use super::super::{ErrorKind, ModelsQuery, SourceEdit};
use super::bed::{Bed, moved_to, source};
use super::upstream::Upstream;
use crate::refresh_registry::{MAX_RUNNING, RefreshHandle};
use waypost_api_types::{
    CallOutcome, EnableModels, ModelState, NewModels, OutcomeReport, RefreshPhase, SettingsPatch,
    SourcePatch,
};

async fn states(bed: &Bed) -> Vec<(String, ModelState)> {
    let page = bed.workspace.models(ModelsQuery::default()).await.unwrap();
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

async fn refreshed(bed: &Bed) -> OutcomeReport {
    bed.workspace.refresh_source("gw").await.unwrap()
}

async fn disable(bed: &Bed, model_ref: &str) {
    let change = EnableModels {
        refs: vec![model_ref.to_owned()],
        enabled: false,
    };
    bed.workspace.enable_models(change).await.unwrap();
}

/// A source `gw` whose refresh found these.
async fn with_models(ids: &[&str]) -> (Bed, Upstream) {
    let (bed, upstream) = (Bed::new().await, Upstream::listing(ids).await);
    let write = source("gw", &upstream.base());
    bed.workspace.add_source(write).await.unwrap();
    let report = refreshed(&bed).await;
    assert_eq!(report.outcome, CallOutcome::Ok, "{}", report.message);
    assert_eq!(report.added, ids);
    (bed, upstream)
}

use ModelState::{Absent, Disabled, Enabled};

#[tokio::test]
async fn it_adds_marks_and_names_and_deletes_nothing() {
    let (bed, upstream) = with_models(&["a", "b", "c"]).await;
    upstream.lists(&["b", "c", "d"]);
    let report = refreshed(&bed).await;
    assert_eq!(report.added, ["d"]);
    assert_eq!(report.removed, ["a"]);
    assert_eq!(report.unchanged, ["b", "c"]);
    assert_eq!(
        states(&bed).await,
        expected(&[
            ("a", Absent),
            ("b", Enabled),
            ("c", Enabled),
            ("d", Enabled)
        ])
    );
    // A model that is already absent is not reported again.
    assert_eq!(refreshed(&bed).await.removed, Vec::<String>::new());

    upstream.lists(&["a", "b", "c", "d"]);
    assert_eq!(refreshed(&bed).await.changed, ["a"]);
    assert_eq!(states(&bed).await[0], ("a".to_owned(), Enabled));
}

#[tokio::test]
async fn what_was_switched_off_stays_off_even_when_it_was_gone_meanwhile() {
    let (bed, upstream) = with_models(&["a", "b"]).await;
    disable(&bed, "gw/a").await;
    refreshed(&bed).await;
    assert_eq!(states(&bed).await[0], ("a".to_owned(), Disabled));
    upstream.lists(&["b"]);
    refreshed(&bed).await;
    upstream.lists(&["a", "b"]);
    refreshed(&bed).await;
    assert_eq!(states(&bed).await[0], ("a".to_owned(), Disabled));
}

#[tokio::test]
async fn an_empty_answer_and_a_failure_change_only_the_outcome() {
    let (bed, upstream) = with_models(&["a", "b"]).await;
    disable(&bed, "gw/a").await;
    let before = bed.workspace.models(ModelsQuery::default()).await.unwrap();
    for (status, body, outcome) in [
        (200, r#"{"data":[]}"#, CallOutcome::NoModels),
        (401, "{}", CallOutcome::Unauthorized),
        (404, "{}", CallOutcome::NotFound),
        (429, "{}", CallOutcome::RateLimited),
        (503, "{}", CallOutcome::ServerError),
        (200, "<html>", CallOutcome::BadResponse),
        (302, "", CallOutcome::Redirected),
        (418, "{}", CallOutcome::UnexpectedStatus),
    ] {
        upstream.answers(status, body);
        let report = refreshed(&bed).await;
        assert_eq!(report.outcome, outcome, "{status}: {}", report.message);
        let after = bed.workspace.models(ModelsQuery::default()).await.unwrap();
        assert_eq!(after, before, "{status}");
        let view = bed.workspace.source("gw").await.unwrap();
        assert_eq!(view.last_refresh.unwrap().outcome, outcome);
    }
}

#[tokio::test]
async fn a_stopped_server_is_recorded_and_keeps_every_model() {
    let (bed, upstream) = with_models(&["a"]).await;
    drop(upstream);
    // The listener goes with its task, which ends at its next turn.
    let mut outcome = refreshed(&bed).await.outcome;
    for _ in 0..100 {
        if outcome == CallOutcome::ConnectFailed {
            break;
        }
        tokio::task::yield_now().await;
        outcome = refreshed(&bed).await.outcome;
    }
    assert_eq!(outcome, CallOutcome::ConnectFailed);
    assert_eq!(states(&bed).await, expected(&[("a", Enabled)]));
}

#[tokio::test]
async fn duplicates_count_once_and_metadata_changes_are_expected() {
    let (bed, upstream) = with_models(&["a", "b"]).await;
    let body = r#"{"data":[{"id":"a","name":"Model A"},{"id":"a"},{"id":"b"},{"no":"id"}]}"#;
    upstream.answers(200, body);
    let report = refreshed(&bed).await;
    assert_eq!(report.changed, ["a"]);
    assert_eq!(report.unchanged, ["b"]);
    assert_eq!(report.skipped, 1);
    let page = bed.workspace.models(ModelsQuery::default()).await.unwrap();
    assert_eq!(page.total, 2);
    assert_eq!(page.items[0].name.as_deref(), Some("Model A"));
}

#[tokio::test]
async fn new_models_start_as_settings_or_the_owner_say() {
    let (bed, upstream) = with_models(&["a"]).await;
    let disabled = SettingsPatch {
        new_models_start_disabled: Some(true),
        ..SettingsPatch::default()
    };
    bed.workspace.edit_settings(disabled).await.unwrap();
    upstream.lists(&["a", "b"]);
    refreshed(&bed).await;
    assert_eq!(
        states(&bed).await,
        expected(&[("a", Enabled), ("b", Disabled)])
    );

    let own = super::bed::edit(SourcePatch {
        new_models: Some(NewModels::Enabled),
        ..SourcePatch::default()
    });
    bed.workspace.edit_source("gw", own).await.unwrap();
    upstream.lists(&["a", "b", "c"]);
    refreshed(&bed).await;
    assert_eq!(states(&bed).await[2], ("c".to_owned(), Enabled));
}

/// A second call's handle on the refresh that runs already.
fn joined(bed: &Bed) -> RefreshHandle {
    let handle = bed.workspace.inner.refreshes.join("gw", 0);
    assert!(handle.task.is_none(), "none was running");
    handle
}

#[tokio::test]
async fn a_second_call_joins_the_first() {
    let (bed, upstream) = (Bed::new().await, Upstream::holding(&["a"]).await);
    let write = source("gw", &upstream.base());
    bed.workspace.add_source(write).await.unwrap();
    let progress = bed.workspace.refresh_progress("gw").await.unwrap();
    assert_eq!(progress.phase, RefreshPhase::Idle);

    let first = tokio::spawn({
        let workspace = bed.workspace.clone();
        async move { workspace.refresh_source("gw").await }
    });
    upstream.arrived().await;
    assert!(bed.workspace.source("gw").await.unwrap().refreshing);
    let progress = bed.workspace.refresh_progress("gw").await.unwrap();
    assert_eq!(progress.phase, RefreshPhase::Fetching);
    let second = joined(&bed);
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
    let (bed, upstream) = (Bed::new().await, Upstream::holding(&["a"]).await);
    let mut calls = Vec::new();
    for number in 0..MAX_RUNNING + 2 {
        let slug = format!("gw{number}");
        let write = source(&slug, &upstream.base());
        bed.workspace.add_source(write).await.unwrap();
        calls.push(tokio::spawn({
            let (workspace, slug) = (bed.workspace.clone(), slug.clone());
            async move { workspace.refresh_source(&slug).await }
        }));
        if number < MAX_RUNNING {
            upstream.arrived().await;
            continue;
        }
        let begun = loop {
            match bed.workspace.refresh_progress(&slug).await.unwrap().phase {
                RefreshPhase::Idle => tokio::task::yield_now().await,
                phase => break phase,
            }
        };
        assert_eq!(begun, RefreshPhase::Waiting);
        assert!(bed.workspace.source(&slug).await.unwrap().refreshing);
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
async fn it_survives_whoever_asked_for_it() {
    let (bed, upstream) = (Bed::new().await, Upstream::holding(&["a"]).await);
    let write = source("gw", &upstream.base());
    bed.workspace.add_source(write).await.unwrap();
    let asking = tokio::spawn({
        let workspace = bed.workspace.clone();
        async move { workspace.refresh_source("gw").await }
    });
    upstream.arrived().await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    let joined = joined(&bed);
    upstream.release();
    assert_eq!(joined.finished().await.unwrap().added, ["a"]);
    assert_eq!(upstream.paths().len(), 1);
    let progress = bed.workspace.refresh_progress("gw").await.unwrap();
    assert_eq!(progress.phase, RefreshPhase::Done);
    assert_eq!(progress.models_seen, 1);
    assert_eq!(progress.report.unwrap().added, ["a"]);
}

#[tokio::test]
async fn the_answer_of_a_server_that_was_replaced_meanwhile_is_not_saved() {
    let (bed, upstream) = (Bed::new().await, Upstream::holding(&["a"]).await);
    let write = source("gw", &upstream.base());
    bed.workspace.add_source(write).await.unwrap();
    let asking = tokio::spawn({
        let workspace = bed.workspace.clone();
        async move { workspace.refresh_source("gw").await }
    });
    upstream.arrived().await;
    let edit = moved_to("http://127.0.0.1:9/v1");
    bed.workspace.edit_source("gw", edit).await.unwrap();
    upstream.release();
    let error = asking.await.unwrap().unwrap_err();
    assert_eq!(error.code, "changed_meanwhile");
    assert_eq!(states(&bed).await, expected(&[]));
}

#[tokio::test]
async fn a_deleted_source_takes_its_models_and_its_heir_starts_anew() {
    let (bed, upstream) = with_models(&["a"]).await;
    bed.workspace.delete_source("gw").await.unwrap();
    assert_eq!(states(&bed).await, expected(&[]));
    let error = bed.workspace.refresh_source("gw").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    let write = source("gw", &upstream.base());
    let view = bed.workspace.add_source(write).await.unwrap();
    assert_eq!((view.last_refresh, view.models.total), (None, 0));
}

#[tokio::test]
async fn a_test_reports_the_list_and_changes_nothing_but_its_own_outcome() {
    let (bed, upstream) = with_models(&["a"]).await;
    upstream.lists(&["b", "c"]);
    let report = bed
        .workspace
        .test_source("gw", SourceEdit::default())
        .await
        .unwrap();
    assert_eq!(report.added, ["b", "c"]);
    assert_eq!(states(&bed).await, expected(&[("a", Enabled)]));
    let view = bed.workspace.source("gw").await.unwrap();
    assert_eq!(view.last_refresh.unwrap().added, 1);
    assert_eq!(view.last_test.unwrap().outcome, CallOutcome::Ok);
}
