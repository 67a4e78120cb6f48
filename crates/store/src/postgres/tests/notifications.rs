use super::super::testing::{END_OTHERS, TestDatabase};
use crate::Store;
use std::time::Duration;

/// A notification that is not heard would make a test wait forever.
async fn within_a_minute<T>(heard: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(60);
    tokio::time::timeout(limit, heard)
        .await
        .expect("it is heard")
}

async fn edit(store: &dyn Store) {
    let mut transaction = store.begin().await.unwrap();
    transaction.set_managed_gateway("litellm").await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn commits_of_other_processes_are_heard_of_and_own_ones_are_not() {
    let database = TestDatabase::create().await;
    let (one, _) = database.open().await;
    let (other, _) = database.open().await;
    let mut changes = one.changes();
    // It counts one more once it listens.
    within_a_minute(changes.wait_for(|count| *count == 1))
        .await
        .unwrap();
    // Notifications come in the order of the commits: the first one is not counted.
    edit(&one).await;
    other.end_all_sessions().await.unwrap();
    within_a_minute(changes.changed()).await.unwrap();
    assert_eq!(*changes.borrow_and_update(), 2);
    edit(&other).await;
    within_a_minute(changes.changed()).await.unwrap();
    assert_eq!(*changes.borrow_and_update(), 3);
}

#[tokio::test]
async fn a_connection_that_broke_listens_again() {
    let database = TestDatabase::create().await;
    let (one, _) = database.open().await;
    let (other, _) = database.open().await;
    let mut changes = one.changes();
    within_a_minute(changes.wait_for(|count| *count == 1))
        .await
        .unwrap();
    database.execute(END_OTHERS).await;
    // What was sent meanwhile may be lost, which counts as a change.
    within_a_minute(changes.wait_for(|count| *count == 2))
        .await
        .unwrap();
    edit(&other).await;
    within_a_minute(changes.changed()).await.unwrap();
    assert_eq!(*changes.borrow_and_update(), 3);
}
