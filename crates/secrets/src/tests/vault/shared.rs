//! Other tools beside Waypost: what they write is found, and what they change is not overwritten.

use super::*;
use crate::backend::StoredVersion;
use async_trait::async_trait;
use std::sync::atomic::{AtomicBool, Ordering};

const HUB: &str = "hub/api-key";

async fn with_names(bao: &Bao) -> (Workspace, SecretStore) {
    let workspace = Workspace::new();
    let backend = vault(&options(bao, token("root")));
    let store = workspace.over(Arc::new(backend)).await;
    store.set_entry_names(|| {
        EntryNames::from([(KEY.to_owned(), Some(A.to_owned())), (HUB.to_owned(), None)])
    });
    (workspace, store)
}

#[tokio::test]
async fn a_key_that_another_tool_writes_is_used_for_its_own_origin() {
    let bao = Bao::in_memory().await;
    let (workspace, store) = with_names(&bao).await;
    store.check().await;
    assert!(store.inventory().stored.is_empty());
    let put = |fields: &[&str]| {
        let arguments = [&["kv", "put", "secret/groq/api-key"][..], fields].concat();
        assert!(bao.run(&arguments).0);
    };
    put(&["value=gsk-of-another-tool"]);
    store.check().await;
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Present));
    assert_eq!(
        store.inventory().stored[KEY].meta.hint.as_deref(),
        Some("tool")
    );
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-of-another-tool")
    );
    assert_eq!(value(&store, KEY, B).await, None);
    // Another value of the same tool, which a restart finds recorded.
    let first = store.inventory().stored[KEY].value_id();
    put(&["value=gsk-of-another-day", "set_at=1700000000"]);
    store.check().await;
    assert_ne!(store.inventory().stored[KEY].value_id(), first);
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-of-another-day")
    );
    assert_eq!(store.inventory().stored[KEY].meta.set_at, 1_700_000_000);
    // It may say which origin the key is for.
    put(&["value=gsk-for-b-alone", &format!("origin={B}")]);
    store.check().await;
    assert_eq!(value(&store, KEY, A).await, None);
    assert_eq!(
        value(&store, KEY, B).await.as_deref(),
        Some("gsk-for-b-alone")
    );
    // One that no text can be read from is no key.
    put(&["key=gsk-under-another-name"]);
    store.check().await;
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Changed));
    assert_eq!(read_error(&store, KEY, B).await, "missing_api_key");
    // What is entered in the dashboard replaces it, and other tools read that.
    workspace
        .put(&store, KEY, A, "gsk-of-the-dashboard")
        .await
        .unwrap();
    let read = bao.run(&["kv", "get", "-field=value", "secret/groq/api-key"]);
    assert_eq!(read, (true, "gsk-of-the-dashboard".to_owned()));
    let read = bao.run(&["kv", "get", "-field=origin", "secret/groq/api-key"]);
    assert_eq!(read, (true, A.to_owned()));
    // A deletion by another tool is seen as well.
    assert!(bao.run(&["kv", "delete", "secret/groq/api-key"]).0);
    store.check().await;
    assert_eq!(store.inventory().state(KEY), Some(SecretState::Absent));
}

#[tokio::test]
async fn a_key_without_an_origin_needs_one() {
    let bao = Bao::in_memory().await;
    let (_workspace, store) = with_names(&bao).await;
    assert!(
        bao.run(&["kv", "put", "secret/hub/api-key", "value=sk-hub-0001"])
            .0
    );
    store.check().await;
    assert_eq!(store.inventory().stored[HUB].meta.origin, "");
    for origin in [A, B] {
        assert_eq!(value(&store, HUB, origin).await, None);
    }
    // The file gives the entry an origin.
    store.set_entry_names(|| EntryNames::from([(HUB.to_owned(), Some(B.to_owned()))]));
    store.check().await;
    assert_eq!(value(&store, HUB, B).await.as_deref(), Some("sk-hub-0001"));
    assert_eq!(value(&store, HUB, A).await, None);
    // It gives it another one: the key goes nowhere before the next check, and then there.
    store.set_entry_names(|| EntryNames::from([(HUB.to_owned(), Some(A.to_owned()))]));
    assert_ne!(
        store.for_origin(HUB, B).await.ok().flatten().map(|_| ()),
        Some(())
    );
    store.check().await;
    assert_eq!(value(&store, HUB, A).await.as_deref(), Some("sk-hub-0001"));
}

#[tokio::test]
async fn a_key_that_was_not_seen_yet_is_replaced_and_comes_back_by_undo() {
    let bao = Bao::in_memory().await;
    let (workspace, store) = with_names(&bao).await;
    assert!(
        bao.run(&["kv", "put", "secret/groq/api-key", "value=gsk-unseen-0001"])
            .0
    );
    let before = workspace
        .edit(&store, vec![put(KEY, A, "gsk-entered-0001")], "put")
        .await
        .unwrap();
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-entered-0001")
    );
    workspace
        .edit(&store, before.changes, "undone")
        .await
        .unwrap();
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-unseen-0001")
    );
}

#[tokio::test]
async fn a_replaced_value_cannot_be_read_any_more() {
    let bao = Bao::in_memory().await;
    let (workspace, store) = with_names(&bao).await;
    for text in [
        "gsk-the-first-one",
        "gsk-the-second-one",
        "gsk-the-third-one",
    ] {
        workspace.put(&store, KEY, A, text).await.unwrap();
    }
    let metadata = bao
        .ask(Method::GET, "secret/metadata/groq/api-key", None)
        .await;
    let versions = metadata["data"]["versions"].as_object().unwrap();
    let newest = metadata["data"]["current_version"].to_string();
    for (number, version) in versions {
        assert_eq!(
            version["destroyed"],
            *number != newest,
            "{number}: {metadata}"
        );
    }
    assert!(workspace.remove(&store, KEY).await.unwrap());
    let gone = bao
        .ask_in("", Method::GET, "secret/metadata/groq/api-key", None)
        .await;
    assert_eq!(gone.0, 404);
}

/// Lets another tool write between the read and the write of an edit.
struct Raced {
    vault: Vault,
    armed: AtomicBool,
}

#[async_trait]
impl SecretsBackend for Raced {
    fn kind(&self) -> SecretsBackendKind {
        self.vault.kind()
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        self.vault.get(name).await
    }

    async fn get_for_update(
        &self,
        name: &str,
    ) -> Result<(Option<SealedSecret>, Option<StoredVersion>), BackendError> {
        let found = self.vault.get_for_update(name).await;
        if self.armed.swap(false, Ordering::SeqCst) {
            let theirs = document(None, A, "gsk-written-between");
            self.vault.put(name, &theirs, None).await?;
        }
        found
    }

    async fn put(
        &self,
        name: &str,
        document: &SealedSecret,
        over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        self.vault.put(name, document, over).await
    }

    async fn delete(&self, name: &str) -> Result<bool, BackendError> {
        self.vault.delete(name).await
    }

    async fn health(&self) -> Result<(), BackendError> {
        self.vault.health().await
    }
}

#[tokio::test]
async fn an_edit_does_not_overwrite_what_was_written_since_it_read() {
    let bao = Bao::in_memory().await;
    let workspace = Workspace::new();
    let raced = Arc::new(Raced {
        vault: vault(&options(&bao, token("root"))),
        armed: AtomicBool::new(false),
    });
    let store = workspace.over(raced.clone()).await;
    workspace
        .put(&store, KEY, A, "gsk-of-waypost")
        .await
        .unwrap();
    raced.armed.store(true, Ordering::SeqCst);
    let error = workspace
        .put(&store, KEY, A, "gsk-too-late")
        .await
        .unwrap_err();
    assert_eq!(error.code(), "secret_conflict");
    assert!(
        error.to_string().contains("`secret/data/groq/api-key`"),
        "{error}"
    );
    store.check().await;
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-written-between")
    );
    // The next edit has seen it.
    workspace
        .put(&store, KEY, A, "gsk-next-time")
        .await
        .unwrap();
    assert_eq!(
        value(&store, KEY, A).await.as_deref(),
        Some("gsk-next-time")
    );
}
