//! Copying secrets between backends.

use super::*;
use crate::blocking::Blocking;

const HEADERS: &str = "sources/s/headers";

async fn copy_all(copy: &SecretsCopy, mode: CopyMode) -> Vec<(String, CopyOutcome)> {
    let mut outcomes = Vec::new();
    for name in copy.names() {
        outcomes.push((name.to_owned(), copy.copy(name, mode).await));
    }
    outcomes
}

async fn between(
    workspace: &Workspace,
    from: &Arc<MemoryBackend>,
    to: &Arc<dyn SecretsBackend>,
) -> SecretsCopy {
    SecretsCopy::between(from.clone(), to.clone(), workspace.records.clone())
        .await
        .ok()
        .unwrap()
}

/// A workspace with two secrets and a leftover in its backend.
async fn filled() -> (Workspace, Arc<MemoryBackend>) {
    let workspace = Workspace::new();
    let from = Arc::new(MemoryBackend::default());
    let store = workspace.over(from.clone()).await;
    workspace
        .put(&store, KEY, A, "gsk-copied-0001")
        .await
        .unwrap();
    let headers = r#"{"x-tenant":"seven"}"#;
    workspace.put(&store, HEADERS, B, headers).await.unwrap();
    from.store("unknown/api-key", &document(None, A, "left alone"));
    (workspace, from)
}

/// Copies to a backend, twice, and opens the workspace over it.
pub(super) async fn holds_to(to: Arc<dyn SecretsBackend>) {
    let (workspace, from) = filled().await;
    let copy = between(&workspace, &from, &to).await;
    let outcomes =
        |outcome: CopyOutcome| [KEY, HEADERS].map(|name| (name.to_owned(), outcome.clone()));
    let dry = CopyMode {
        dry_run: true,
        ..CopyMode::default()
    };
    assert_eq!(copy_all(&copy, dry).await, outcomes(CopyOutcome::Copied));
    assert!(to.get(KEY).await.unwrap().is_none());
    let mode = CopyMode::default();
    assert_eq!(copy_all(&copy, mode).await, outcomes(CopyOutcome::Copied));
    assert_eq!(
        copy_all(&copy, mode).await,
        outcomes(CopyOutcome::Unchanged)
    );
    assert!(to.get("unknown/api-key").await.unwrap().is_none());
    let store = workspace.over(to).await;
    store.check().await;
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Present));
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-copied-0001")
    );
    assert_eq!(value(&store, HEADERS, A).await, None);
    assert!(value(&store, HEADERS, B).await.is_some());
}

#[tokio::test]
async fn to_the_encrypted_file() {
    let folder = tempfile::tempdir().unwrap();
    holds_to(Arc::new(Blocking::new(EncryptedFile::new(folder.path())))).await;
}

#[tokio::test]
async fn what_cannot_be_copied_is_said_and_nothing_else_is_touched() {
    let (workspace, from) = filled().await;
    let target = Arc::new(MemoryBackend::default());
    let to: Arc<dyn SecretsBackend> = target.clone();
    let copy = between(&workspace, &from, &to).await;
    // Another program's key stays, unless it is to be replaced.
    target.store(KEY, &document(None, A, "gsk-of-another-0001"));
    assert_eq!(
        copy.copy(KEY, CopyMode::default()).await,
        CopyOutcome::Differs
    );
    let kept = target.document(KEY).unwrap().current;
    assert_eq!(kept.value.expose(), "gsk-of-another-0001");
    let overwrite = CopyMode {
        overwrite: true,
        ..CopyMode::default()
    };
    assert_eq!(copy.copy(KEY, overwrite).await, CopyOutcome::Copied);
    // An earlier copy of Waypost's own is brought up to date.
    let store = workspace.over(from.clone()).await;
    workspace
        .put(&store, KEY, A, "gsk-copied-0002")
        .await
        .unwrap();
    let copy = between(&workspace, &from, &to).await;
    assert_eq!(
        copy.copy(KEY, CopyMode::default()).await,
        CopyOutcome::Copied
    );
    // What the workspace has not recorded is not taken for its key.
    from.store(KEY, &document(Some("another"), A, "gsk-another"));
    assert_eq!(
        copy.copy(KEY, CopyMode::default()).await,
        CopyOutcome::Missing
    );
    target.set_down(true);
    let failed = copy.copy(HEADERS, CopyMode::default()).await;
    assert_eq!(failed, CopyOutcome::Failed("it is down".to_owned()));
    assert!(!failed.is_good());
    // A switch is recorded, so that a start needs no option.
    copy.switch().await.unwrap();
    let recorded = workspace.records.backend().await.unwrap();
    assert_eq!(recorded, Some(target.kind()));
}
