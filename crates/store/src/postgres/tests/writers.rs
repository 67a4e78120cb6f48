use super::super::testing::TestDatabase;
use crate::Store as _;

#[tokio::test]
async fn processes_write_one_after_the_other_and_lose_nothing() {
    let database = TestDatabase::create().await;
    let (one, _) = database.open().await;
    let (other, _) = database.open().await;
    let add = async |store: &dyn crate::Store| {
        for _ in 0..20 {
            let mut transaction = store.begin().await.unwrap();
            let settings = transaction.configuration().await.unwrap().settings;
            let count: u32 = settings.managed_gateway.parse().unwrap_or(0);
            let next = (count + 1).to_string();
            transaction.set_managed_gateway(&next).await.unwrap();
            transaction.commit().await.unwrap();
        }
    };
    tokio::join!(add(&one), add(&other), add(&one));
    let settings = other.configuration().await.unwrap().settings;
    assert_eq!(settings.managed_gateway, "60");
}

#[tokio::test]
async fn what_can_be_left_out_waits_for_no_writer_of_another_process() {
    let database = TestDatabase::create().await;
    let (one, _) = database.open().await;
    let (other, _) = database.open().await;
    let transaction = one.begin().await.unwrap();
    let used = [("token".to_owned(), 1)];
    assert!(!other.touch_tokens(&used).await.unwrap());
    // Reading waits for no writer either.
    other.configuration().await.unwrap();
    transaction.commit().await.unwrap();
    assert!(other.touch_tokens(&used).await.unwrap());
}

#[tokio::test]
async fn a_transaction_that_is_dropped_gives_its_turn_and_its_connection_back() {
    let database = TestDatabase::create().await;
    let (store, _) = database.open().await;
    for _ in 0..10 {
        let mut transaction = store.begin().await.unwrap();
        transaction.set_managed_gateway("lost").await.unwrap();
        drop(transaction);
    }
    // In the middle of a step, too, which another connection keeps from ending.
    let lock = database.lock("settings").await;
    let mut transaction = store.begin().await.unwrap();
    let mut step = transaction.set_managed_gateway("lost");
    let begun = std::future::poll_fn(|context| {
        std::task::Poll::Ready(step.as_mut().poll(context).is_pending())
    });
    assert!(begun.await);
    drop(step);
    drop(transaction);
    drop(lock);
    let transaction = store.begin().await.unwrap();
    transaction.commit().await.unwrap();
    let settings = store.configuration().await.unwrap().settings;
    assert_eq!(settings.managed_gateway, "litellm");
}
