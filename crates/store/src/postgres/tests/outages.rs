use super::super::testing::{END_OTHERS, TestDatabase};
use crate::{Actor, AuditFilter, AuditWord, ChangedValue, Store, StoreErrorKind};
use crate::{LogFilter, RequestLog as _};

async fn edit(store: &dyn Store, gateway: &str) -> Result<(), crate::StoreError> {
    let mut transaction = store.begin().await?;
    transaction.set_managed_gateway(gateway).await?;
    transaction.commit().await.map(drop)
}

#[tokio::test]
async fn a_transaction_whose_connection_breaks_is_not_acknowledged_and_the_next_one_works() {
    let database = TestDatabase::create().await;
    let (store, _) = database.open().await;
    edit(&store, "first").await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    transaction.set_managed_gateway("second").await.unwrap();
    database.execute(END_OTHERS).await;
    let error = transaction.commit().await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
    store.writable().await.unwrap();
    let settings = store.configuration().await.unwrap().settings;
    assert_eq!(settings.managed_gateway, "first");
    edit(&store, "third").await.unwrap();
}

#[tokio::test]
async fn a_database_that_refuses_writes_is_not_writable_until_it_takes_them_again() {
    let database = TestDatabase::create().await;
    let (store, _) = database.open().await;
    store.writable().await.unwrap();
    let set_read_only = |is_read_only: &str| {
        format!(
            "BEGIN READ WRITE;
             DO $$ BEGIN EXECUTE format(
                 'ALTER DATABASE %I SET default_transaction_read_only = {is_read_only}',
                 current_database());
             END $$;
             COMMIT; {END_OTHERS}"
        )
    };
    // As a primary that became a standby.
    database.execute(&set_read_only("on")).await;
    let error = edit(&store, "litellm").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unreachable, "{error}");
    store.configuration().await.unwrap();
    store.writable().await.unwrap_err();
    database.execute(&set_read_only("off")).await;
    store.writable().await.unwrap();
}

#[tokio::test]
async fn a_step_that_failed_keeps_its_transaction_from_being_committed() {
    let database = TestDatabase::create().await;
    let (store, _) = database.open().await;
    let values = ["a", "a"].map(|field| ChangedValue {
        field: field.to_owned(),
        before: None,
        after: None,
    });
    let mut transaction = store.begin().await.unwrap();
    let actor = Actor::system();
    transaction
        .record(&actor, "x.edit", "x", &[])
        .await
        .unwrap();
    transaction.record_values(&values).await.unwrap_err();
    transaction.commit().await.unwrap_err();
    let (events, _) = store.audit(&AuditFilter::default(), 10).await.unwrap();
    assert!(events.is_empty());
}

#[tokio::test]
async fn the_audit_log_is_append_only() {
    let database = TestDatabase::create().await;
    let (store, _) = database.open().await;
    let mut transaction = store.begin().await.unwrap();
    let actor = Actor::system();
    transaction
        .record(&actor, "x.edit", "x", &[])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    for change in [
        "UPDATE audit SET actor = 'y'",
        "DELETE FROM audit",
        "TRUNCATE audit CASCADE",
    ] {
        let refused = database.refuses(change).await;
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
}

/// PostgreSQL stores no NUL in a text, and everything that comes from outside may have one.
#[tokio::test]
async fn a_nul_in_a_text_fails_nothing() {
    let database = TestDatabase::create().await;
    let (store, log) = database.open().await;
    let nul = "a\0b".to_owned();
    assert!(store.agent(&nul).await.unwrap().is_none());
    assert_eq!(store.model_enabled(&nul, &nul).await.unwrap(), None);
    let filter = AuditFilter {
        action: Some(nul.clone()),
        target: Some(nul.clone()),
        actor: Some(nul.clone()),
        words: vec![AuditWord {
            text: nul.clone(),
            ..AuditWord::default()
        }],
        ..AuditFilter::default()
    };
    assert!(store.audit(&filter, 10).await.unwrap().0.is_empty());
    let filter = LogFilter {
        agent: Some(nul.clone()),
        words: vec![nul],
        ..LogFilter::default()
    };
    assert!(log.page(&filter, 10).await.unwrap().records.is_empty());
}
