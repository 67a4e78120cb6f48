//! What checks said about credentials.

use std::collections::BTreeMap;
use waypost_routing::vocabulary::CheckOutcome;
use waypost_store::{Call, CredentialCheck, Item, Store, StoredOutcome, StoredSource};

fn check(credential: &str, accepted: bool) -> CredentialCheck {
    CredentialCheck {
        credential: credential.to_owned(),
        accepted,
        outcome: match accepted {
            true => CheckOutcome::Ok,
            false => CheckOutcome::Unauthorized,
        },
        message: format!("{credential} was checked"),
    }
}

async fn record(store: &dyn Store, owner: &str, checks: &[CredentialCheck]) {
    let mut transaction = store.begin().await.unwrap();
    for check in checks {
        transaction.record_verification(owner, check).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// The credentials of an owner that something is known about, with whether they were accepted.
async fn known(store: &dyn Store, owner: &str) -> BTreeMap<String, bool> {
    let rows = store.owner_rows().await.unwrap().verifications;
    rows.into_iter()
        .filter(|((of, _), _)| of == owner)
        .map(|((_, credential), verification)| (credential, verification.accepted))
        .collect()
}

pub(crate) async fn the_last_check_of_a_credential_counts(store: &dyn Store) {
    record(store, "gw", &[check("a", false), check("b", false)]).await;
    record(store, "other", &[check("a", false)]).await;
    record(store, "gw", &[check("a", true)]).await;
    let expected = BTreeMap::from([("a".to_owned(), true), ("b".to_owned(), false)]);
    assert_eq!(known(store, "gw").await, expected);
    let rows = store.owner_rows().await.unwrap().verifications;
    let verified = &rows[&("gw".to_owned(), "a".to_owned())];
    assert_eq!(verified.outcome, CheckOutcome::Ok);
    assert_eq!(verified.message, "a was checked");
    assert!(verified.at > 0);
    let other = &rows[&("other".to_owned(), "a".to_owned())];
    assert!(!other.accepted);
}

pub(crate) async fn few_credentials_of_an_owner_are_remembered(store: &dyn Store) {
    record(store, "other", &[check("kept", true)]).await;
    for number in 0..20 {
        record(store, "gw", &[check(&format!("key-{number:02}"), true)]).await;
    }
    let known_now = known(store, "gw").await;
    assert_eq!(known_now.len(), 8, "{known_now:?}");
    assert!(known_now.contains_key("key-19"), "{known_now:?}");
    assert_eq!(known(store, "other").await.len(), 1);
}

pub(crate) async fn verifications_go_and_come_back_with_their_owner(store: &dyn Store) {
    let source = StoredSource {
        slug: "gw".to_owned(),
        ..StoredSource::default()
    };
    let mut transaction = store.begin().await.unwrap();
    transaction.add_source(&source).await.unwrap();
    transaction.commit().await.unwrap();
    record(store, "gw", &[check("a", true)]).await;
    let before = store.owner_rows().await.unwrap();

    let mut transaction = store.begin().await.unwrap();
    let rows = transaction.rows_of(Item::Source("gw"), true).await.unwrap();
    transaction.delete_source("gw").await.unwrap();
    transaction.delete_owned("gw").await.unwrap();
    transaction.commit().await.unwrap();
    assert!(known(store, "gw").await.is_empty());

    let mut transaction = store.begin().await.unwrap();
    transaction.restore_rows(&rows).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.owner_rows().await.unwrap(), before);
}

pub(crate) async fn refusals_are_forgotten_and_other_outcomes_kept(store: &dyn Store) {
    let stored = |outcome| StoredOutcome {
        at: 0,
        outcome,
        message: "said".to_owned(),
        status: None,
        duration_ms: 1,
        added: 0,
        removed: 0,
        changed: 0,
        unchanged: 0,
    };
    let mut transaction = store.begin().await.unwrap();
    for (owner, call, outcome) in [
        ("gw", Call::Test, CheckOutcome::Unauthorized),
        ("gw", Call::Refresh, CheckOutcome::Timeout),
        ("later", Call::Test, CheckOutcome::Ok),
        ("later", Call::Refresh, CheckOutcome::NotSent),
        ("other", Call::Test, CheckOutcome::Unauthorized),
    ] {
        transaction
            .record_outcome(owner, call, &stored(outcome))
            .await
            .unwrap();
    }
    transaction.forget_refusals("gw").await.unwrap();
    transaction.forget_refusals("later").await.unwrap();
    transaction.commit().await.unwrap();
    let left: Vec<(String, Call)> = store
        .owner_rows()
        .await
        .unwrap()
        .outcomes
        .into_keys()
        .collect();
    let expected = [
        ("gw", Call::Refresh),
        ("later", Call::Test),
        ("other", Call::Test),
    ];
    assert_eq!(left, expected.map(|(owner, call)| (owner.to_owned(), call)));
}

pub(crate) async fn the_end_of_a_previous_key_belongs_to_its_owner(store: &dyn Store) {
    let mut transaction = store.begin().await.unwrap();
    for (owner, until) in [("gw", Some(7)), ("other", Some(8)), ("gw", Some(9))] {
        transaction.set_previous_key(owner, until).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let kept = store.configuration().await.unwrap().previous_keys;
    let expected = [("gw".to_owned(), 9), ("other".to_owned(), 8)];
    assert_eq!(kept, BTreeMap::from(expected));
    let mut transaction = store.begin().await.unwrap();
    transaction.set_previous_key("gw", None).await.unwrap();
    transaction.delete_owned("other").await.unwrap();
    transaction.commit().await.unwrap();
    let kept = store.configuration().await.unwrap().previous_keys;
    assert!(kept.is_empty(), "{kept:?}");
}
