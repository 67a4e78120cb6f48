//! Many administrators at once: nothing hangs, nothing is half done, and the database is never
//! too busy to be asked.

use super::super::{DomainError, ErrorKind, ModelsQuery, SourceEdit, Workspace};
use super::fixture::{Fixture, secret, source, with_key};
use super::upstream::Upstream;
use tokio::task::JoinSet;
use waypost_api_types::{EnableModelsInput, KeyState, ProviderPatch, SettingsPatch};

/// Conflicts and things that are gone are expected; faults of Waypost's own are not.
fn expected<T>(result: Result<T, DomainError>) {
    if let Err(error) = result {
        assert_ne!(error.kind, ErrorKind::Internal, "{error}");
        assert_ne!(error.kind, ErrorKind::Unavailable, "{error}");
    }
}

async fn administrator(workspace: Workspace, base: String, number: usize) {
    for round in 0..6 {
        let name = format!("shared {}", (number + round) % 3);
        let slug = name.replace(' ', "-");
        match (number + round) % 6 {
            0 => expected(
                workspace
                    .add_source(with_key(source(&name, &base), "sk-1"))
                    .await,
            ),
            1 => expected(workspace.refresh_source(&slug).await),
            2 => {
                let edit = SourceEdit {
                    auth_value: Some(Some(secret(&format!("sk-{number}")))),
                    ..SourceEdit::default()
                };
                expected(workspace.edit_source(&slug, edit).await);
            }
            3 => {
                let patch = SettingsPatch {
                    new_models_start_disabled: Some(number.is_multiple_of(2)),
                    ..SettingsPatch::default()
                };
                expected(workspace.edit_settings(patch).await);
                expected(workspace.set_provider_key("groq", secret("gsk-1")).await);
            }
            4 => {
                let change = EnableModelsInput {
                    refs: vec![format!("{slug}/a")],
                    enabled: number.is_multiple_of(2),
                };
                expected(workspace.enable_models(change).await);
                let patch = ProviderPatch::default();
                expected(workspace.edit_provider("groq", patch).await);
            }
            _ => expected(workspace.delete_source(&slug).await),
        }
        expected(workspace.models(ModelsQuery::default()).await);
        drop(workspace.snapshot());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_changes_at_once_neither_hang_nor_fail() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::listing(&["a", "b"]).await);
    let mut tasks = JoinSet::new();
    for number in 0..12 {
        tasks.spawn(administrator(
            fixture.workspace.clone(),
            upstream.base(),
            number,
        ));
    }
    tasks.join_all().await;
    // What is there is whole: every source has the key it was given, and every model an owner.
    let sources = fixture.workspace.sources().await.unwrap();
    for source in &sources {
        assert_eq!(source.key.state, KeyState::Configured, "{}", source.slug);
    }
    let orphans = fixture
        .texts("SELECT owner FROM models WHERE owner NOT IN (SELECT slug FROM sources)")
        .await;
    assert_eq!(orphans, Vec::<String>::new());
    let stored = fixture.workspace.secrets().inventory().stored.clone();
    let of_sources = stored.keys().filter(|name| name.starts_with("sources/"));
    assert_eq!(of_sources.count(), sources.len());
}
