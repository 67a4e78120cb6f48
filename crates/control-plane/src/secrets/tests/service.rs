//! The service: binding to the origin, choice of the backend, failures and interrupted changes.

use super::*;
use std::sync::Arc;
use std::time::Duration;

const A: &str = "https://a.example";
const B: &str = "https://b.example";
const KEY: &str = "groq/api-key";

async fn unsteady() -> (Workspace, Arc<Unsteady>, Secrets) {
    let workspace = Workspace::new().await;
    let backend = Arc::new(Unsteady::default());
    let secrets = Secrets::with_backend(
        backend.clone(),
        Duration::from_secs(5),
        workspace.folder.path(),
        workspace.store.clone(),
    );
    (workspace, backend, secrets)
}

#[tokio::test]
async fn a_secret_is_given_out_for_its_own_origin_only() {
    let workspace = Workspace::new().await;
    let secrets = workspace.in_file().await;
    let meta = secrets
        .put(KEY, A, secret("  gsk-0123456789\n"))
        .await
        .unwrap();
    assert_eq!(meta.hint.as_deref(), Some("6789"));
    assert_eq!(
        value(&secrets, KEY, A).await.as_deref(),
        Some("gsk-0123456789")
    );
    for other in [
        B,
        "http://a.example",
        "https://a.example:444",
        "https://A.example",
        "",
    ] {
        assert_eq!(value(&secrets, KEY, other).await, None, "{other}");
    }
    assert_eq!(secrets.inventory().await.stored[KEY], meta);
}

#[tokio::test]
async fn entering_it_for_another_origin_takes_it_from_the_first() {
    let workspace = Workspace::new().await;
    let secrets = workspace.in_file().await;
    secrets.put(KEY, A, secret("for-a")).await.unwrap();
    secrets.put(KEY, B, secret("for-b")).await.unwrap();
    assert_eq!(value(&secrets, KEY, A).await, None);
    assert_eq!(value(&secrets, KEY, B).await.as_deref(), Some("for-b"));
}

#[tokio::test]
async fn a_removed_secret_is_gone_and_its_name_inherits_nothing() {
    let workspace = Workspace::new().await;
    let secrets = workspace.in_file().await;
    secrets.put(KEY, A, secret("for-a")).await.unwrap();
    assert!(secrets.remove(KEY).await.unwrap());
    assert!(!secrets.remove(KEY).await.unwrap());
    assert_eq!(value(&secrets, KEY, A).await, None);
    assert!(secrets.inventory().await.stored.is_empty());
}

#[tokio::test]
async fn a_value_that_no_header_can_carry_is_refused_and_the_stored_one_stays() {
    let workspace = Workspace::new().await;
    let secrets = workspace.in_file().await;
    secrets.put(KEY, A, secret("kept")).await.unwrap();
    for bad in ["", "  \n", "a\nb", "a\u{0}b", "a\u{200b}b", "schlüssel"] {
        let error = secrets.put(KEY, A, secret(bad)).await.unwrap_err();
        assert_eq!(error.code(), "invalid_secret_value", "{bad:?}");
    }
    assert_eq!(value(&secrets, KEY, A).await.as_deref(), Some("kept"));
}

#[tokio::test]
async fn the_hint_of_static_headers_would_be_one_headers_value_and_is_not_shown() {
    let workspace = Workspace::new().await;
    let secrets = workspace.in_file().await;
    let headers = r#"{"x-tenant":"abcdefghijkl"}"#;
    let meta = secrets
        .put("sources/s/headers", A, secret(headers))
        .await
        .unwrap();
    assert_eq!(meta.hint, None);
}

#[tokio::test]
async fn it_survives_a_restart_and_another_backend_is_refused() {
    let workspace = Workspace::new().await;
    workspace
        .in_file()
        .await
        .put(KEY, A, secret("kept"))
        .await
        .unwrap();
    let again = workspace.open(None).await.ok().unwrap();
    assert_eq!(again.backend(), SecretsBackend::File);
    assert_eq!(value(&again, KEY, A).await.as_deref(), Some("kept"));
    let error = workspace
        .open(Some(SecretsBackend::Keychain))
        .await
        .err()
        .unwrap();
    assert_eq!(error.code(), "wrong_secrets_backend");
    assert_eq!(
        error.to_string(),
        "this workspace keeps its secrets in the encrypted file, as its first start recorded, and --secrets keychain asks \
         for the keychain. Start without --secrets, or with --secrets file. Secrets are not moved: to change the backend, \
         start a new workspace with another --data-dir and enter the keys there"
    );
}

#[tokio::test]
async fn a_backend_that_is_down_is_said_and_nothing_is_called_missing() {
    let (_workspace, backend, secrets) = unsteady().await;
    secrets.put(KEY, A, secret("kept")).await.unwrap();
    backend.down.store(true, Ordering::SeqCst);
    let inventory = secrets.inventory().await;
    assert_eq!(inventory.unavailable.as_deref(), Some("it is down"));
    assert!(inventory.stored.contains_key(KEY), "what was last known");
    assert!(!secrets.view().await.available);
    assert_eq!(
        secrets.for_origin(KEY, A).await.err().unwrap().code(),
        "secrets_unavailable"
    );
    assert_eq!(
        secrets.put(KEY, A, secret("new")).await.unwrap_err().code(),
        "secrets_unavailable"
    );
    // What has no secret can be deleted all the same.
    assert!(!secrets.remove("sources/keyless/auth-value").await.unwrap());

    backend.down.store(false, Ordering::SeqCst);
    assert_eq!(value(&secrets, KEY, A).await.as_deref(), Some("kept"));
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_settled_by_asking() {
    let (workspace, backend, secrets) = unsteady().await;
    secrets.put(KEY, A, secret("for-a")).await.unwrap();
    backend.answers_are_lost.store(true, Ordering::SeqCst);
    secrets.put(KEY, B, secret("for-b")).await.unwrap_err();
    secrets
        .put("new/api-key", B, secret("new"))
        .await
        .unwrap_err();
    backend.answers_are_lost.store(false, Ordering::SeqCst);
    assert!(
        workspace
            .store
            .secret(KEY)
            .await
            .unwrap()
            .unwrap()
            .unsettled
    );

    let inventory = secrets.inventory().await;
    assert_eq!(inventory.unavailable, None);
    assert_eq!(inventory.stored[KEY].origin, B);
    assert_eq!(inventory.stored["new/api-key"].origin, B);
    assert_eq!(value(&secrets, KEY, A).await, None);
    assert_eq!(value(&secrets, KEY, B).await.as_deref(), Some("for-b"));
}

#[tokio::test]
async fn a_change_that_never_took_effect_leaves_the_old_state() {
    let (_workspace, backend, secrets) = unsteady().await;
    secrets.put(KEY, A, secret("for-a")).await.unwrap();
    backend.down.store(true, Ordering::SeqCst);
    secrets.put(KEY, B, secret("for-b")).await.unwrap_err();
    secrets
        .put("new/api-key", B, secret("new"))
        .await
        .unwrap_err();
    secrets.remove(KEY).await.unwrap_err();
    backend.down.store(false, Ordering::SeqCst);
    assert_eq!(value(&secrets, KEY, A).await.as_deref(), Some("for-a"));
    let inventory = secrets.inventory().await;
    assert_eq!(inventory.stored[KEY].origin, A);
    assert_eq!(inventory.stored.len(), 1);
}

#[tokio::test]
async fn a_removal_whose_answer_was_lost_is_settled_by_asking() {
    let (_workspace, backend, secrets) = unsteady().await;
    secrets.put(KEY, A, secret("for-a")).await.unwrap();
    backend.answers_are_lost.store(true, Ordering::SeqCst);
    secrets.remove(KEY).await.unwrap_err();
    backend.answers_are_lost.store(false, Ordering::SeqCst);
    assert_eq!(value(&secrets, KEY, A).await, None);
    assert!(secrets.inventory().await.stored.is_empty());
}

#[tokio::test]
async fn a_value_that_the_database_does_not_know_is_not_given_out() {
    let (workspace, _backend, secrets) = unsteady().await;
    secrets.put(KEY, A, secret("for-a")).await.unwrap();
    workspace.store.forget_secret(KEY).await.unwrap();
    assert_eq!(value(&secrets, KEY, A).await, None);
}

#[tokio::test]
async fn a_row_that_disagrees_with_the_value_opens_nothing() {
    let (workspace, _backend, secrets) = unsteady().await;
    let mut meta = secrets.put(KEY, A, secret("for-a")).await.unwrap();
    meta.origin = B.to_owned();
    workspace.store.settle_secret(KEY, &meta).await.unwrap();
    assert_eq!(value(&secrets, KEY, A).await, None);
    assert_eq!(value(&secrets, KEY, B).await, None);
}

/// A backend that answers when the test lets it.
struct Hanging(std::sync::Mutex<std::sync::mpsc::Receiver<()>>);

impl Backend for Hanging {
    fn kind(&self) -> SecretsBackend {
        SecretsBackend::Keychain
    }

    fn names(&self) -> Result<BTreeSet<String>, String> {
        // The sender's end says "go on" by being dropped.
        let _ = self.0.lock().unwrap().recv();
        Ok(BTreeSet::new())
    }

    fn read(&self, _name: &str) -> Result<Option<Sealed>, String> {
        self.names().map(|_| None)
    }

    fn write(&self, _name: &str, _sealed: &Sealed) -> Result<(), String> {
        self.names().map(|_| ())
    }

    fn delete(&self, _name: &str) -> Result<bool, String> {
        self.names().map(|_| false)
    }
}

#[tokio::test]
async fn a_backend_that_hangs_is_given_up_and_asked_again_when_it_is_back() {
    let workspace = Workspace::new().await;
    let (release, receiver) = std::sync::mpsc::channel::<()>();
    let secrets = Secrets::with_backend(
        Arc::new(Hanging(std::sync::Mutex::new(receiver))),
        Duration::from_millis(50),
        workspace.folder.path(),
        workspace.store.clone(),
    );
    let error = secrets.put(KEY, A, secret("new")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the secrets backend does not answer: no answer from the keychain within 0.05 seconds"
    );
    drop(release);
    // The first change ends now, and with it the wait of the next.
    let patient = async {
        while secrets.put(KEY, A, secret("new")).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), patient)
        .await
        .expect("it answers again");
}

#[tokio::test]
async fn settings_say_in_plain_words_where_the_secrets_are() {
    let workspace = Workspace::new().await;
    let view = workspace.in_file().await.view().await;
    assert!(view.available);
    assert_eq!(view.backend, SecretsBackend::File);
    assert!(
        view.description.contains("secrets.json"),
        "{}",
        view.description
    );
    assert!(view.description.contains("does not protect"));
}

#[tokio::test]
async fn no_error_text_and_no_database_holds_a_value() {
    let canary = "canary-7f3d1b-value";
    let (workspace, backend, secrets) = unsteady().await;
    let mut texts = Vec::new();
    secrets.put(KEY, A, secret(canary)).await.unwrap();
    backend.answers_are_lost.store(true, Ordering::SeqCst);
    texts.push(secrets.put(KEY, B, secret(canary)).await.unwrap_err());
    backend.down.store(true, Ordering::SeqCst);
    texts.push(secrets.put(KEY, B, secret(canary)).await.unwrap_err());
    texts.push(secrets.for_origin(KEY, A).await.err().unwrap());
    texts.push(secrets.remove(KEY).await.unwrap_err());
    let inner_break = format!("{canary}\n{canary}");
    texts.push(secrets.put(KEY, B, secret(&inner_break)).await.unwrap_err());
    for error in &texts {
        assert!(!format!("{error} {error:?}").contains(canary));
    }
    assert!(!format!("{:?}", secrets.inventory().await).contains(canary));
    workspace.store.close().await;
    for entry in std::fs::read_dir(workspace.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(
            !bytes
                .windows(canary.len())
                .any(|part| part == canary.as_bytes())
        );
    }
}
