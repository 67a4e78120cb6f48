//! What every store does with sign-in links and sessions.

use std::collections::BTreeMap;
use std::time::Duration;
use waypost_routing::vocabulary::Role;
use waypost_store::sessions::{
    IDLE_SECONDS, LinkRow, PERSON_SESSION_SECONDS, Person, SESSION_SECONDS, SessionClient,
    SessionRow,
};
use waypost_store::{Actor, AuditFilter, Store, sign_in, token_hash};
use waypost_system::random;

pub(crate) async fn a_session_is_known_by_its_browser_and_address(store: &dyn Store) {
    let client = |label: &str, address: &str| SessionClient {
        label: label.to_owned(),
        address: address.to_owned(),
    };
    let mut opened = Vec::new();
    for (label, address) in [("Firefox on Linux", "203.0.113.7"), ("", "")] {
        let link = sign_in::make_link(store, Role::Admin).await.unwrap();
        let new = sign_in::sign_in(store, &link, None, client(label, address)).await;
        let session = new.unwrap().unwrap().session;
        assert_eq!(session.label, label);
        opened.push(session.public_id);
    }
    let stored = store.sessions().await.unwrap();
    let of = |id: &str| stored.iter().find(|row| row.public_id == id).unwrap();
    assert_eq!(
        of(&opened[0]).client,
        client("Firefox on Linux", "203.0.113.7")
    );
    assert_eq!(of(&opened[1]).client, SessionClient::default());

    let other = Actor::session(&opened[1], "");
    assert!(store.end_session_of(&opened[0], &other).await.unwrap());
    assert!(
        !store.end_session_of(&opened[0], &other).await.unwrap(),
        "it has ended"
    );
    let (events, _) = store.audit(&AuditFilter::default(), 10).await.unwrap();
    let named = format!("session:{} Firefox on Linux", opened[0]);
    assert_eq!(events[0].action, "session.end_other");
    assert_eq!(
        (events[0].actor.as_str(), &events[0].target),
        (other.as_str(), &named)
    );
    let begun: Vec<_> = events.iter().filter(|event| event.actor == named).collect();
    assert_eq!(begun.len(), 1, "no other event is this session's");
    let values: BTreeMap<_, _> = begun[0]
        .values
        .iter()
        .map(|value| (value.field.as_str(), value.after.as_deref()))
        .collect();
    let expected = [("role", Some("admin")), ("address", Some("203.0.113.7"))];
    assert_eq!(values, BTreeMap::from(expected));
}

pub(crate) async fn a_person_is_known_by_name_and_subject(store: &dyn Store) {
    let person = Person {
        issuer: "https://login.example".to_owned(),
        subject: "u-17".to_owned(),
        name: "Ada Lovelace".to_owned(),
    };
    let client = || SessionClient {
        label: "Firefox on Linux".to_owned(),
        address: String::new(),
    };
    let role = Role::Viewer;
    let first = sign_in::sign_in_person(store, person.clone(), role, None, client());
    let first = first.await.unwrap();
    assert_eq!(first.session.label, "Ada Lovelace");
    let again = sign_in::sign_in_person(store, person.clone(), role, Some(&first.token), client());
    let again = again.await.unwrap();
    let stored = store.sessions().await.unwrap();
    assert_eq!(stored.len(), 1, "the first one has ended");
    assert_eq!(stored[0].person.as_ref(), Some(&person));
    assert_eq!((stored[0].role, &stored[0].client), (role, &client()));
    let life = stored[0].expires_at - stored[0].created_at;
    assert_eq!(life, PERSON_SESSION_SECONDS);

    sign_in::end_session(store, &again.token).await.unwrap();
    assert_eq!(store.sessions().await.unwrap(), []);
    let (events, _) = store.audit(&AuditFilter::default(), 10).await.unwrap();
    let named = format!("session:{} Ada Lovelace", again.session.public_id);
    assert_eq!(
        (events[0].actor.as_str(), events[0].action.as_str()),
        (named.as_str(), "session.end")
    );
    let values: BTreeMap<_, _> = events[1]
        .values
        .iter()
        .map(|value| (value.field.as_str(), value.after.as_deref()))
        .collect();
    let expected = [
        ("role", Some("viewer")),
        ("subject", Some("u-17")),
        ("issuer", Some("https://login.example")),
    ];
    assert_eq!(values, BTreeMap::from(expected));
}

pub(crate) async fn whether_links_are_accepted_is_recorded(store: &dyn Store) {
    assert!(store.sign_in_links().await.unwrap());
    store.workspace_id().await.unwrap();
    assert!(store.sign_in_links().await.unwrap());
    store.record_sign_in_links(false).await.unwrap();
    assert!(!store.sign_in_links().await.unwrap());
    store.record_sign_in_links(true).await.unwrap();
    assert!(store.sign_in_links().await.unwrap());
}

pub(crate) async fn a_link_opens_one_session_once(store: &dyn Store) {
    let link = sign_in::make_link(store, Role::Viewer).await.unwrap();
    let new = sign_in::sign_in(store, &link, None, SessionClient::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(new.session.role, Role::Viewer, "the link's role");
    assert!(
        sign_in::sign_in(store, &link, None, SessionClient::default())
            .await
            .unwrap()
            .is_none()
    );
    let stored = store.sessions().await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].public_id, new.session.public_id);
    sign_in::end_session(store, &new.token).await.unwrap();
    assert_eq!(store.sessions().await.unwrap(), []);
    let (events, _) = store.audit(&AuditFilter::default(), 10).await.unwrap();
    assert_eq!(events[2].target, "role:viewer", "a link says what it opens");
}

pub(crate) async fn an_invalid_link_waits_for_no_writer(store: &dyn Store) {
    let (link, session) = rows(1_000_000_000);
    let writer = store.begin().await.unwrap();
    let redeemed = store.redeem_link(&link.hash, &session, None);
    let redeemed = tokio::time::timeout(Duration::from_secs(60), redeemed).await;
    assert_eq!(redeemed.expect("it is not in the queue").unwrap(), None);
    drop(writer);
}

/// A link and a session of a moment.
pub(crate) fn rows(now: i64) -> (LinkRow, SessionRow) {
    let link = LinkRow {
        hash: token_hash(&random::token()),
        role: Role::Admin,
        created_at: now,
        expires_at: now + 900,
    };
    let session = SessionRow {
        hash: token_hash(&random::token()),
        public_id: random::public_id(),
        role: Role::Viewer,
        client: SessionClient {
            label: "Firefox on Linux".to_owned(),
            address: "203.0.113.7".to_owned(),
        },
        person: None,
        created_at: now,
        last_seen_at: now,
        expires_at: now + SESSION_SECONDS,
    };
    (link, session)
}

pub(crate) async fn sessions_end_when_they_idle_and_when_they_are_old(store: &dyn Store) {
    let now = 1_000_000_000;
    let (link, mut session) = rows(now);
    store.add_link(&link).await.unwrap();
    session.created_at = link.expires_at;
    let late = store.redeem_link(&link.hash, &session, None).await.unwrap();
    assert_eq!(late, None, "the link has expired");
    session.created_at = now;
    let added = store.redeem_link(&link.hash, &session, None).await.unwrap();
    let added = added.unwrap();
    assert_eq!(added.role, Role::Admin);
    assert!(added.open_at(now + IDLE_SECONDS - 1).is_some());
    assert!(added.open_at(now + IDLE_SECONDS).is_none());
    assert!(
        store
            .touch_sessions(&[(session.hash, now + 3_600)])
            .await
            .unwrap()
    );
    let touched = store.sessions().await.unwrap().remove(0);
    assert!(touched.open_at(now + IDLE_SECONDS).is_some());
    let used = SessionRow {
        last_seen_at: now + SESSION_SECONDS - 1,
        ..touched
    };
    assert!(used.open_at(now + SESSION_SECONDS - 1).is_some());
    assert!(used.open_at(now + SESSION_SECONDS).is_none());
}

pub(crate) async fn signing_in_again_ends_the_session_before(store: &dyn Store) {
    let first = sign_in::make_link(store, Role::Admin).await.unwrap();
    let first = sign_in::sign_in(store, &first, None, SessionClient::default())
        .await
        .unwrap()
        .unwrap();
    let second = sign_in::make_link(store, Role::Admin).await.unwrap();
    let second =
        sign_in::sign_in(store, &second, Some(&first.token), SessionClient::default()).await;
    let second = second.unwrap().unwrap();
    let stored = store.sessions().await.unwrap();
    assert_eq!(stored.len(), 1, "the first one has ended");
    assert_eq!(stored[0].public_id, second.session.public_id);
}

pub(crate) async fn ending_all_leaves_neither_session_nor_link(store: &dyn Store) {
    let used = sign_in::make_link(store, Role::Admin).await.unwrap();
    let unused = sign_in::make_link(store, Role::Admin).await.unwrap();
    sign_in::sign_in(store, &used, None, SessionClient::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(store.end_all_sessions().await.unwrap(), 1);
    assert_eq!(store.sessions().await.unwrap(), []);
    assert!(
        sign_in::sign_in(store, &unused, None, SessionClient::default())
            .await
            .unwrap()
            .is_none()
    );
}
