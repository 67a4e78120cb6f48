//! The store: binding to the origin, choice of the backend, states, and a backend that fails.

use super::*;
use async_trait::async_trait;
use std::sync::Mutex;
use std::sync::mpsc::Receiver;

async fn memory() -> (Workspace, Arc<MemoryBackend>, SecretStore) {
    let workspace = Workspace::new();
    let backend = Arc::new(MemoryBackend::default());
    let store = workspace.over(backend.clone()).await;
    (workspace, backend, store)
}

#[tokio::test]
async fn a_secret_is_given_out_for_its_own_origin_only() {
    let workspace = Workspace::new();
    let store = workspace.in_file().await;
    let meta = workspace
        .put(&store, KEY, A, "  gsk-0123456789\n")
        .await
        .unwrap();
    assert_eq!(meta.hint.as_deref(), Some("6789"));
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-0123456789")
    );
    for other in [
        B,
        "http://a.example",
        "https://a.example:444",
        "https://A.example",
        "",
    ] {
        assert_eq!(value(&store, KEY, other).await, None, "{other}");
    }
    let inventory = store.inventory();
    assert_eq!(inventory.stored[KEY].meta, meta);
    assert_eq!(inventory.state(KEY), Some(SecretState::Present));
}

#[tokio::test]
async fn entering_it_for_another_origin_takes_it_from_the_first() {
    let workspace = Workspace::new();
    let store = workspace.in_file().await;
    workspace.put(&store, KEY, A, "for-a").await.unwrap();
    workspace.put(&store, KEY, B, "for-b").await.unwrap();
    assert_eq!(value(&store, KEY, A).await, None);
    assert_eq!(value(&store, KEY, B).await.as_deref(), Some("for-b"));
}

#[tokio::test]
async fn a_removed_secret_is_gone_and_its_name_inherits_nothing() {
    let workspace = Workspace::new();
    let store = workspace.in_file().await;
    workspace.put(&store, KEY, A, "for-a").await.unwrap();
    assert!(workspace.remove(&store, KEY).await.unwrap());
    assert!(!workspace.remove(&store, KEY).await.unwrap());
    assert_eq!(value(&store, KEY, A).await, None);
    assert_eq!(store.inventory().state(KEY), None);
    assert!(store.inventory().undeleted.is_empty());
}

#[tokio::test]
async fn a_value_that_no_header_can_carry_is_rejected_and_the_stored_one_stays() {
    let (workspace, _backend, store) = memory().await;
    workspace.put(&store, KEY, A, "kept").await.unwrap();
    for bad in [
        "",
        "  \n",
        "a\nb",
        "a\u{0}b",
        "a\u{200b}b",
        "schl\u{fc}ssel",
    ] {
        let error = workspace.put(&store, KEY, A, bad).await.unwrap_err();
        assert_eq!(error.code(), "invalid_secret_value", "{bad:?}");
    }
    assert_eq!(value(&store, KEY, A).await.as_deref(), Some("kept"));
}

#[tokio::test]
async fn the_hint_of_static_headers_would_be_one_headers_value_and_is_not_shown() {
    let (workspace, _backend, store) = memory().await;
    let headers = r#"{"x-tenant":"abcdefghijkl"}"#;
    let meta = workspace
        .put(&store, "sources/s/headers", A, headers)
        .await
        .unwrap();
    assert_eq!(meta.hint, None);
}

#[tokio::test]
async fn it_survives_a_restart_and_another_backend_is_refused() {
    let workspace = Workspace::new();
    let store = workspace.in_file().await;
    workspace.put(&store, KEY, A, "kept").await.unwrap();
    let again = workspace.open(None).await.ok().unwrap();
    assert_eq!(again.backend(), SecretsBackendKind::File);
    assert_eq!(again.inventory().state(KEY), Some(SecretState::Present));
    assert_eq!(value(&again, KEY, A).await.as_deref(), Some("kept"));
    let error = workspace
        .open(Some(SecretsBackendKind::Keychain))
        .await
        .err()
        .unwrap();
    assert_eq!(error.code(), "wrong_secrets_backend");
    assert_eq!(
        error.to_string(),
        "this workspace stores its secrets in the encrypted file, but --secrets keychain selects the keychain. \
         Start without --secrets, or with --secrets file. To change the backend, stop Waypost and run \
         `waypost secrets copy --from file --to keychain --switch`"
    );
}

#[tokio::test]
async fn before_the_first_answer_every_state_is_unknown() {
    let (workspace, backend, store) = memory().await;
    workspace.put(&store, KEY, A, "kept").await.unwrap();
    let store = workspace.over(backend).await;
    let inventory = store.inventory();
    assert_eq!(
        inventory.unavailable.as_deref(),
        Some("the keychain has not answered yet")
    );
    assert_eq!(inventory.state(KEY), Some(SecretState::Unknown));
    assert!(!store.view().available);
    let mut changes = store.changes();
    store.check().await;
    assert!(changes.has_changed().unwrap());
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Present));
    assert_eq!(store.view().problem, None);
    changes.mark_unchanged();
    store.check().await;
    assert!(!changes.has_changed().unwrap(), "nothing has changed");
}

#[tokio::test]
async fn a_backend_that_is_down_is_said_and_nothing_is_called_missing() {
    let (workspace, backend, store) = memory().await;
    workspace.put(&store, KEY, A, "kept").await.unwrap();
    backend.set_down(true);
    store.check().await;
    let inventory = store.inventory();
    assert_eq!(inventory.unavailable.as_deref(), Some("it is down"));
    assert_eq!(inventory.state(KEY), Some(SecretState::Unknown));
    assert!(!store.view().available);
    assert_eq!(read_error(&store, KEY, A).await, "secrets_unavailable");
    let errors = [
        workspace.put(&store, KEY, A, "new").await.unwrap_err(),
        workspace.remove(&store, KEY).await.unwrap_err(),
    ];
    assert!(errors.iter().all(SecretsError::is_unavailable));
    // What has no secret can be deleted all the same.
    let keyless = "sources/keyless/auth-value";
    assert!(!workspace.remove(&store, keyless).await.unwrap());

    backend.set_down(false);
    assert_eq!(value(&store, KEY, A).await.as_deref(), Some("kept"));
    store.check().await;
    assert!(store.view().available);
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Present));
}

#[tokio::test]
async fn one_secret_that_cannot_be_read_does_not_make_the_others_unknown() {
    let (workspace, backend, store) = memory().await;
    workspace.put(&store, KEY, A, "kept").await.unwrap();
    workspace
        .put(&store, "hub/api-key", A, "lost")
        .await
        .unwrap();
    workspace
        .put(&store, "own/api-key", A, "broken")
        .await
        .unwrap();
    {
        let mut entries = backend.entries.lock().unwrap();
        entries.remove("hub/api-key");
        entries.insert("own/api-key".to_owned(), b"broken".to_vec());
    }
    store.check().await;
    let inventory = store.inventory();
    assert_eq!(inventory.unavailable, None);
    assert_eq!(inventory.state(KEY), Some(SecretState::Present));
    assert_eq!(inventory.state("hub/api-key"), Some(SecretState::Absent));
    assert_eq!(inventory.state("own/api-key"), Some(SecretState::Changed));
    for (name, words) in [
        ("hub/api-key", "no longer has it"),
        ("own/api-key", "has another value"),
    ] {
        let error = store.for_origin(name, A).await.err().unwrap();
        assert_eq!(error.code(), "missing_api_key");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_value_of_another_program_counts_for_the_origin_it_names() {
    let (workspace, backend, store) = memory().await;
    workspace
        .put(&store, KEY, A, "kept-for-a-1234")
        .await
        .unwrap();
    backend.store(KEY, &document(None, B, "foreign-for-b-5678"));
    store.check().await;
    assert_eq!(value(&store, KEY, A).await, None);
    assert_eq!(
        value(&store, KEY, B).await.as_deref(),
        Some("foreign-for-b-5678")
    );
    let stored = store.inventory().stored[KEY].clone();
    assert_eq!(stored.meta.origin, B);
    assert_eq!(stored.meta.hint.as_deref(), Some("5678"));
    // The next start agrees.
    let store = workspace.over(backend).await;
    assert_eq!(
        value(&store, KEY, B).await.as_deref(),
        Some("foreign-for-b-5678")
    );
}

#[tokio::test]
async fn another_revision_than_the_recorded_one_is_never_used() {
    let (workspace, backend, store) = memory().await;
    workspace.put(&store, KEY, A, "kept").await.unwrap();
    backend.store(KEY, &document(Some("another"), A, "another"));
    assert_eq!(read_error(&store, KEY, A).await, "missing_api_key");
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Changed));
    // Entering it again puts it in order.
    workspace.put(&store, KEY, A, "again").await.unwrap();
    assert_eq!(value(&store, KEY, A).await.as_deref(), Some("again"));
}

#[tokio::test]
async fn a_value_that_no_record_knows_is_not_given_out() {
    let (workspace, backend, store) = memory().await;
    workspace.put(&store, KEY, A, "for-a").await.unwrap();
    workspace.records.forget(KEY);
    store.check().await;
    assert_eq!(value(&store, KEY, A).await, None);
    assert!(backend.document(KEY).is_some());
}

#[tokio::test]
async fn a_record_that_disagrees_with_the_value_opens_nothing() {
    let (workspace, backend, store) = memory().await;
    workspace.put(&store, KEY, A, "for-a").await.unwrap();
    {
        let mut rows = workspace.records.rows.lock().unwrap();
        let record = rows.records.get_mut(KEY).unwrap();
        B.clone_into(&mut record.expected.as_mut().unwrap().meta.origin);
    }
    let store = workspace.over(backend).await;
    assert_eq!(value(&store, KEY, A).await, None);
    assert_eq!(read_error(&store, KEY, B).await, "missing_api_key");
}

#[tokio::test]
async fn a_removed_secret_that_the_backend_did_not_delete_is_counted_and_deleted_later() {
    let (workspace, backend, store) = memory().await;
    workspace.put(&store, KEY, A, "for-a").await.unwrap();
    store.check().await;
    let removal = vec![SecretChange::remove(KEY.to_owned())];
    let prepared = store.prepare(removal).await.ok().unwrap();
    workspace
        .records
        .commit(prepared.records(), "removed")
        .unwrap();
    backend.set_down(true);
    prepared.committed().await;
    assert_eq!(value(&store, KEY, A).await, None, "it is no longer used");
    assert_eq!(
        store.view().problem.as_deref(),
        Some("removed secrets that it has not deleted yet: 1"),
    );
    backend.set_down(false);
    store.check().await;
    assert!(backend.document(KEY).is_none());
    assert_eq!(store.view().problem, None);
}

/// A blocking backend that answers when the test lets it.
struct Hanging(Mutex<Receiver<()>>);

impl Hanging {
    fn wait(&self) {
        // The sender's end says "go on" by being dropped.
        let _ = self.0.lock().unwrap().recv();
    }
}

impl crate::blocking::BlockingBackend for Hanging {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::Keychain
    }

    fn get(&self, _name: &str) -> Result<Option<SealedSecret>, BackendError> {
        Ok(None)
    }

    fn put(&self, _name: &str, _document: &SealedSecret) -> Result<(), BackendError> {
        self.wait();
        Ok(())
    }

    fn delete(&self, _name: &str) -> Result<bool, BackendError> {
        self.wait();
        Ok(false)
    }

    fn health(&self) -> Result<(), BackendError> {
        self.wait();
        Ok(())
    }
}

#[tokio::test]
async fn a_backend_that_hangs_is_given_up_and_works_again_when_it_is_back() {
    let workspace = Workspace::new();
    let (release, receiver) = std::sync::mpsc::channel::<()>();
    let backend = crate::blocking::Blocking::new(Hanging(Mutex::new(receiver)));
    let store = workspace
        .over_with(Arc::new(backend), Duration::from_millis(50))
        .await;
    let error = workspace.put(&store, KEY, A, "new").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the secrets backend is not responding: no answer from the keychain within 0.05 seconds"
    );
    store.check().await;
    assert!(store.inventory().unavailable.is_some());
    drop(release);
    // The first change ends now, and with it the wait of the next.
    let patient = async {
        while workspace.put(&store, KEY, A, "new").await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), patient)
        .await
        .expect("it answers again");
}

/// A backend that never answers.
struct Silent;

#[async_trait]
impl SecretsBackend for Silent {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::Keychain
    }

    async fn get(&self, _name: &str) -> Result<Option<SealedSecret>, BackendError> {
        std::future::pending().await
    }

    async fn put(
        &self,
        _name: &str,
        _document: &SealedSecret,
        _over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        std::future::pending().await
    }

    async fn delete(&self, _name: &str) -> Result<bool, BackendError> {
        std::future::pending().await
    }

    async fn health(&self) -> Result<(), BackendError> {
        std::future::pending().await
    }
}

/// The clock stands still while anything can run, so a wait for the backend would move it.
#[tokio::test(start_paused = true)]
async fn a_backend_that_never_answers_delays_a_start_by_a_moment_and_no_reading() {
    let (workspace, _backend, store) = memory().await;
    workspace.put(&store, KEY, A, "kept").await.unwrap();
    let begun = tokio::time::Instant::now();
    let store = workspace.over(Arc::new(Silent)).await;
    store.start_checks().await;
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
    let inventory = store.inventory();
    let view = store.view();
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
    assert_eq!(inventory.state(KEY), Some(SecretState::Unknown));
    assert!(!view.available);
    // It is the background that waits and says so.
    let mut changes = store.changes();
    let reported = changes.wait_for(|inventory| {
        inventory.unavailable.as_deref() == Some("no answer from the keychain within 5 seconds")
    });
    assert!(reported.await.is_ok());
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn the_background_check_sees_a_backend_come_back() {
    let (workspace, backend, store) = memory().await;
    workspace.put(&store, KEY, A, "kept").await.unwrap();
    backend.set_down(true);
    let store = workspace.over(backend.clone()).await;
    store.start_checks().await;
    assert_eq!(store.view().problem.as_deref(), Some("it is down"));
    backend.set_down(false);
    let mut changes = store.changes();
    let back = changes.wait_for(|inventory| inventory.state(KEY) == Some(SecretState::Present));
    tokio::time::timeout(Duration::from_secs(61), back)
        .await
        .expect("within the longest pause")
        .unwrap();
}

/// Holds back the values that it gives out until it is released. A failure is reported at once.
struct HeldBackend {
    backend: Arc<MemoryBackend>,
    read: tokio::sync::Semaphore,
    release: tokio::sync::Semaphore,
}

impl HeldBackend {
    fn over(backend: &Arc<MemoryBackend>) -> Arc<Self> {
        Arc::new(Self {
            backend: backend.clone(),
            read: tokio::sync::Semaphore::new(0),
            release: tokio::sync::Semaphore::new(0),
        })
    }
}

#[async_trait]
impl SecretsBackend for HeldBackend {
    fn kind(&self) -> SecretsBackendKind {
        self.backend.kind()
    }

    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        let answer = self.backend.get(name).await?;
        self.read.add_permits(1);
        let _permit = self.release.acquire().await.unwrap();
        Ok(answer)
    }

    async fn put(
        &self,
        name: &str,
        document: &SealedSecret,
        over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        self.backend.put(name, document, over).await
    }

    async fn delete(&self, name: &str) -> Result<bool, BackendError> {
        self.backend.delete(name).await
    }

    async fn health(&self) -> Result<(), BackendError> {
        self.backend.health().await
    }
}

/// A stored secret, and a store whose reads of it are held back.
async fn held() -> (Workspace, Arc<MemoryBackend>, Arc<HeldBackend>, SecretStore) {
    let (workspace, backend, store) = memory().await;
    workspace.put(&store, KEY, A, "kept").await.unwrap();
    let held = HeldBackend::over(&backend);
    let store = workspace.over(held.clone()).await;
    (workspace, backend, held, store)
}

#[tokio::test]
async fn a_check_that_finds_another_one_running_still_sees_what_is_there_now() {
    let (_workspace, backend, held, store) = held().await;
    tokio::join!(store.check(), async {
        // The first check has read the value and not yet recorded it.
        let _permit = held.read.acquire().await.unwrap();
        assert!(backend.delete(KEY).await.unwrap());
        tokio::join!(store.check(), async { held.release.add_permits(1) });
    });
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Absent));
}

#[tokio::test]
async fn a_check_that_read_a_value_before_a_read_failed_does_not_call_it_present() {
    let (_workspace, backend, held, store) = held().await;
    tokio::join!(store.check(), async {
        // The check has read the value and not yet recorded it.
        let _permit = held.read.acquire().await.unwrap();
        backend.set_down(true);
        assert_eq!(read_error(&store, KEY, A).await, "secrets_unavailable");
        held.release.add_permits(1);
    });
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Unknown));
    backend.set_down(false);
    store.check().await;
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Present));
}

#[tokio::test]
async fn settings_say_in_plain_words_where_the_secrets_are() {
    let workspace = Workspace::new();
    let view = workspace.in_file().await.view();
    assert!(view.available);
    assert_eq!(view.kind, SecretsBackendKind::File);
    assert!(
        view.description.contains("secrets.json"),
        "{}",
        view.description
    );
    assert!(view.description.contains("does not protect"));
}

#[tokio::test]
async fn no_error_text_inventory_or_record_holds_a_value() {
    let canary = "canary-7f3d1b-value";
    let (workspace, backend, store) = memory().await;
    let mut errors = Vec::new();
    workspace.put(&store, KEY, A, canary).await.unwrap();
    let inner_break = format!("{canary}\n{canary}");
    errors.push(
        workspace
            .put(&store, KEY, B, &inner_break)
            .await
            .unwrap_err(),
    );
    backend.set_down(true);
    errors.push(workspace.put(&store, KEY, B, canary).await.unwrap_err());
    errors.push(store.for_origin(KEY, A).await.err().unwrap());
    errors.push(workspace.remove(&store, KEY).await.unwrap_err());
    backend.set_down(false);
    backend.store(KEY, &document(Some("another"), A, canary));
    errors.push(store.for_origin(KEY, A).await.err().unwrap());
    for error in &errors {
        assert!(!format!("{error} {error:?}").contains(canary));
    }
    assert!(!format!("{:?}", store.inventory()).contains(canary));
    assert!(!format!("{:?}", workspace.records.record(KEY)).contains(canary));
}
