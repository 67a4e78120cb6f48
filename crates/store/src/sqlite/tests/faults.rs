use super::super::{SqliteStore, open};
use super::testing::WriteLock;
use crate::sessions::SessionClient;
use crate::{Actor, Store as _, StoreErrorKind, sign_in};
use tempfile::TempDir;
use waypost_routing::vocabulary::Role;

async fn store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    (folder, store)
}

/// Limits the file to this many pages more than it has, as a full disk would.
async fn limit(store: &SqliteStore, pages: i64) {
    let mut writing = store.writer().begin().await.unwrap();
    let count: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(writing.connection())
        .await
        .unwrap();
    let limit = format!("PRAGMA max_page_count = {}", count + pages);
    sqlx::query(sqlx::AssertSqlSafe(limit))
        .execute(writing.connection())
        .await
        .unwrap();
    writing.commit().await.unwrap();
}

async fn fill(store: &SqliteStore) -> Result<(), crate::StoreError> {
    let mut transaction = store.begin().await?;
    for number in 0..50 {
        let yaml = "x".repeat(10_000);
        transaction.put_agent(&format!("a{number}"), &yaml).await?;
    }
    transaction
        .record(&Actor::system(), "test", "test", &[])
        .await?;
    transaction.commit().await.map(drop)
}

#[tokio::test]
async fn writes_recover_once_a_full_disk_has_space_again() {
    let (_folder, store) = store().await;
    store.writable().await.unwrap();
    limit(&store, 0).await;
    let failures = tokio::join!(fill(&store), fill(&store), fill(&store), fill(&store));
    // The first failure takes its connection and with it the limit along, so that one of the
    // others may succeed. None of them may leave a connection that cannot begin.
    let failed = failures.0.unwrap_err();
    assert_eq!(failed.kind(), StoreErrorKind::DiskFull, "{failed}");
    for other in [failures.1, failures.2, failures.3] {
        if let Err(error) = other {
            assert_eq!(error.kind(), StoreErrorKind::DiskFull, "{error}");
        }
    }
    fill(&store).await.unwrap();
    store.writable().await.unwrap();
}

/// Fails where a call waits for a writer of another process, which would take an hour.
async fn without_waiting<T>(call: impl Future<Output = T>) -> T {
    let limit = std::time::Duration::from_secs(60);
    let answered = tokio::time::timeout(limit, call).await;
    answered.expect("it waits for no other writer")
}

#[tokio::test]
async fn a_failed_write_is_reported_until_writing_works() {
    let (folder, store) = store().await;
    let store = store.with_endless_patience();
    limit(&store, 0).await;
    fill(&store).await.unwrap_err();
    // Another process keeps the file from being written, so that it is not known to work again.
    let lock = WriteLock::take(folder.path()).await;
    without_waiting(store.writable()).await.unwrap_err();
    lock.release().await;
    store.writable().await.unwrap();
}

#[tokio::test]
async fn the_use_of_a_session_is_not_recorded_while_another_writes() {
    let (folder, store) = store().await;
    let store = store.with_endless_patience();
    let link = sign_in::make_link(&store, Role::Admin).await.unwrap();
    let new = sign_in::sign_in(&store, &link, None, SessionClient::default())
        .await
        .unwrap()
        .unwrap();
    let hash = crate::token_hash(&new.token);
    let last_seen = async || store.sessions().await.unwrap()[0].last_seen_at;
    let used = [(hash, last_seen().await + 60)];
    // A writer of this process, then one of another: neither is waited for, and reading is possible.
    let transaction = store.begin().await.unwrap();
    assert!(!without_waiting(store.touch_sessions(&used)).await.unwrap());
    drop(transaction);
    let lock = WriteLock::take(folder.path()).await;
    assert!(!without_waiting(store.touch_sessions(&used)).await.unwrap());
    assert!(last_seen().await < used[0].1);
    lock.release().await;
    assert!(store.touch_sessions(&used).await.unwrap());
    assert_eq!(last_seen().await, used[0].1);
}

#[tokio::test]
async fn no_token_is_in_the_database() {
    let (folder, store) = store().await;
    let link = sign_in::make_link(&store, Role::Admin).await.unwrap();
    let unused = sign_in::make_link(&store, Role::Viewer).await.unwrap();
    let new = sign_in::sign_in(&store, &link, None, SessionClient::default())
        .await
        .unwrap()
        .unwrap();
    store.close().await;
    let bytes = std::fs::read(folder.path().join(super::super::FILE_NAME)).unwrap();
    assert!(!bytes.is_empty());
    for token in [&link, &unused, &new.token] {
        let is_there = bytes
            .windows(token.len())
            .any(|window| window == token.as_bytes());
        assert!(!is_there);
    }
}

#[tokio::test]
async fn readers_do_not_wait_for_writers() {
    let (_folder, store) = store().await;
    // Four writers wait; under one pool they would hold every connection.
    let writer = store.begin().await.unwrap();
    let waiting = async { tokio::join!(store.begin(), store.begin(), store.begin()) };
    tokio::pin!(waiting);
    assert!(futures_pending(&mut waiting).await);
    store.configuration().await.unwrap();
    drop(writer);
}

/// Polls a future once; true if it is not ready.
async fn futures_pending<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())
    })
    .await
}
