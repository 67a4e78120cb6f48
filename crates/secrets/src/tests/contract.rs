//! What every backend must do. A new backend runs [`holds_for`] too.

use super::*;

/// Runs the contract on a backend that holds nothing yet, with values of up to so many bytes.
pub(super) async fn holds_for(backend: &dyn SecretsBackend, longest: usize) {
    backend.health().await.unwrap();
    let one = "contract/api-key";
    let other = "sources/contract/auth-value";
    assert!(backend.get(one).await.unwrap().is_none());
    assert!(!backend.delete(one).await.unwrap(), "there was none");

    // Stored, replaced in place, and apart from other names.
    backend
        .put(one, &document(Some("r1"), A, "first"), None)
        .await
        .unwrap();
    backend
        .put(other, &document(None, B, "other"), None)
        .await
        .unwrap();
    let replacement = SealedSecret {
        previous: Some(document(Some("r1"), A, "first").current),
        ..document(Some("r2"), B, "second")
    };
    backend.put(one, &replacement, None).await.unwrap();
    let back = backend.get(one).await.unwrap().unwrap();
    assert_eq!(back.current.revision.as_deref(), Some("r2"));
    assert_eq!((back.current.origin.as_str(), back.current.set_at), (B, 1));
    assert_eq!(back.current.value.expose(), "second");
    let previous = back.previous.unwrap();
    assert_eq!(previous.revision.as_deref(), Some("r1"));
    assert_eq!(
        (previous.origin.as_str(), previous.value.expose()),
        (A, "first")
    );
    let back = backend.get(other).await.unwrap().unwrap();
    assert_eq!(
        (back.current.revision, back.current.value.expose()),
        (None, "other")
    );

    // Every character that a header can carry, and the static headers of a source.
    let all: String = (' '..='~').collect();
    let long = "x".repeat(longest);
    for text in [all.as_str(), r#"{"x-tenant":"a\"b\\c"}"#, &long] {
        backend
            .put(one, &document(Some("r3"), A, text), None)
            .await
            .unwrap();
        let back = backend.get(one).await.unwrap().unwrap();
        assert!(back.current.value.expose() == text);
        assert!(back.previous.is_none());
    }

    assert!(backend.delete(one).await.unwrap());
    assert!(backend.get(one).await.unwrap().is_none());
    assert!(!backend.delete(one).await.unwrap());
    assert!(backend.get(other).await.unwrap().is_some());
    assert!(backend.delete(other).await.unwrap());
    backend.health().await.unwrap();
}

/// Runs the contract of backends that other programs change too, on one that holds nothing yet.
pub(super) async fn holds_for_shared(backend: &dyn SecretsBackend, longest: usize) {
    holds_for(backend, longest).await;
    assert!(backend.is_shared());
    let name = "contract/api-key";
    let put = async |text: &str, over: Option<&StoredVersion>| {
        backend
            .put(name, &document(Some("r1"), A, text), over)
            .await
    };
    let is_conflict = |result| matches!(result, Err(BackendError::Conflict(_)));
    // A value is created only where there still is none, and replaced only by who has seen it.
    let (_, absent) = backend.get_for_update(name).await.unwrap();
    put("first", absent.as_ref()).await.unwrap();
    assert!(is_conflict(put("late", absent.as_ref()).await));
    let (seen, first) = backend.get_for_update(name).await.unwrap();
    assert_eq!(seen.unwrap().current.value.expose(), "first");
    put("second", first.as_ref()).await.unwrap();
    assert!(is_conflict(put("late", first.as_ref()).await));
    let back = backend.get(name).await.unwrap().unwrap();
    assert_eq!(back.current.value.expose(), "second");
    assert!(backend.delete(name).await.unwrap());
    let (none, deleted) = backend.get_for_update(name).await.unwrap();
    assert!(none.is_none());
    put("third", deleted.as_ref()).await.unwrap();
    assert!(backend.delete(name).await.unwrap());
}

#[tokio::test]
async fn the_backend_of_the_tests_keeps_the_contract() {
    holds_for(&MemoryBackend::default(), 100_000).await;
}

#[tokio::test]
async fn the_encrypted_file_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    holds_for(
        &crate::blocking::Blocking::new(EncryptedFile::new(folder.path())),
        100_000,
    )
    .await;
}
