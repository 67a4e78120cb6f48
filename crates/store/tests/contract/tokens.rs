//! API tokens, as every database behind the contract must keep them.

use waypost_routing::vocabulary::Role;
use waypost_store::{Actor, Item, Store, StoreErrorKind, TokenOwner, TokenRow, token_hash};

async fn add_agent(store: &dyn Store, name: &str) -> String {
    let mut transaction = store.begin().await.unwrap();
    transaction.put_agent(name, "name: x").await.unwrap();
    let agent = transaction.agent(name).await.unwrap().unwrap();
    transaction.commit().await.unwrap();
    agent.id
}

fn token(id: &str, owner: TokenOwner) -> TokenRow {
    TokenRow {
        id: id.to_owned(),
        hash: token_hash(id),
        owner,
        label: "prod".to_owned(),
        hint: "aB3d".to_owned(),
        created_at: 100,
        created_by: "session:ab".to_owned(),
        last_used_at: None,
        expires_at: Some(200),
    }
}

fn of_agent(id: &str, name: &str) -> TokenOwner {
    TokenOwner::Agent {
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

async fn add(store: &dyn Store, token: &TokenRow) {
    let mut transaction = store.begin().await.unwrap();
    transaction.add_token(token).await.unwrap();
    transaction.commit().await.unwrap();
}

pub(super) async fn a_token_is_read_as_it_was_added_and_deleted_once(store: &dyn Store) {
    let bot = add_agent(store, "bot").await;
    let agents = token("a", of_agent(&bot, "bot"));
    let mut service = token("s", TokenOwner::Service(Role::Admin));
    (service.created_at, service.expires_at) = (101, None);
    add(store, &agents).await;
    add(store, &service).await;
    assert_eq!(store.tokens().await.unwrap(), [agents, service.clone()]);
    let mut transaction = store.begin().await.unwrap();
    assert!(transaction.delete_token("a").await.unwrap());
    assert!(!transaction.delete_token("a").await.unwrap());
    transaction.commit().await.unwrap();
    assert_eq!(store.tokens().await.unwrap(), [service]);
}

pub(super) async fn an_id_and_a_digest_are_there_once(store: &dyn Store) {
    let bot = add_agent(store, "bot").await;
    let first = token("a", of_agent(&bot, "bot"));
    add(store, &first).await;
    let same_hash = TokenRow {
        id: "b".to_owned(),
        ..first.clone()
    };
    let same_id = TokenRow {
        hash: token_hash("b"),
        ..first
    };
    for twin in [same_hash, same_id] {
        let mut transaction = store.begin().await.unwrap();
        let error = transaction.add_token(&twin).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Conflict);
    }
    assert_eq!(store.tokens().await.unwrap().len(), 1);
}

pub(super) async fn live_tokens_are_counted_by_agent_label_and_time(store: &dyn Store) {
    let bot = add_agent(store, "bot").await;
    let other = add_agent(store, "other").await;
    add(store, &token("a", of_agent(&bot, "bot"))).await;
    let mut forever = token("b", of_agent(&bot, "bot"));
    forever.expires_at = None;
    add(store, &forever).await;
    let mut labelled = token("c", of_agent(&bot, "bot"));
    labelled.label = String::new();
    add(store, &labelled).await;
    add(store, &token("d", of_agent(&other, "other"))).await;
    let mut transaction = store.begin().await.unwrap();
    let mut count = async |agent: &str, label: &str, now| {
        transaction
            .count_live_tokens(agent, label, now)
            .await
            .unwrap()
    };
    assert_eq!(count(&bot, "prod", 199).await, 2);
    assert_eq!(count(&bot, "prod", 200).await, 1);
    assert_eq!(count(&bot, "", 0).await, 1);
    assert_eq!(count(&other, "prod", 0).await, 1);
    assert_eq!(count("none", "prod", 0).await, 0);
}

pub(super) async fn uses_only_move_forward_and_wait_for_no_writer(store: &dyn Store) {
    let bot = add_agent(store, "bot").await;
    add(store, &token("a", of_agent(&bot, "bot"))).await;
    let used = async || store.tokens().await.unwrap()[0].last_used_at;
    assert!(
        store
            .touch_tokens(&[("a".into(), 150), ("gone".into(), 1)])
            .await
            .unwrap()
    );
    assert_eq!(used().await, Some(150));
    store.touch_tokens(&[("a".into(), 120)]).await.unwrap();
    assert_eq!(used().await, Some(150));
    let writer = store.begin().await.unwrap();
    assert!(!store.touch_tokens(&[("a".into(), 160)]).await.unwrap());
    drop(writer);
    assert_eq!(used().await, Some(150));
}

pub(super) async fn renaming_an_agent_keeps_its_id_and_tokens(store: &dyn Store) {
    let bot = add_agent(store, "bot").await;
    let other = add_agent(store, "other").await;
    assert_ne!(bot, other);
    assert!(
        bot.len() == 16
            && bot
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    );
    add(store, &token("a", of_agent(&bot, "bot"))).await;
    let mut transaction = store.begin().await.unwrap();
    transaction.rename_agent("bot", "helper").await.unwrap();
    transaction
        .put_agent("helper", "name: helper")
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.agent("helper").await.unwrap().unwrap().id, bot);
    assert!(store.agent("bot").await.unwrap().is_none());
    assert_eq!(
        store.tokens().await.unwrap()[0].owner,
        of_agent(&bot, "helper")
    );
    let mut transaction = store.begin().await.unwrap();
    let error = transaction
        .rename_agent("helper", "other")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict);
}

pub(super) async fn deleting_an_agent_deletes_its_tokens_and_undo_restores_both(store: &dyn Store) {
    let bot = add_agent(store, "bot").await;
    let kept = token("s", TokenOwner::Service(Role::Viewer));
    let (first, second) = (
        token("a", of_agent(&bot, "bot")),
        token("b", of_agent(&bot, "bot")),
    );
    for row in [&first, &second, &kept] {
        add(store, row).await;
    }
    let before = store.tokens().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    let item = Item::Agent("bot");
    let rows = transaction.rows_of(item, true).await.unwrap();
    transaction.delete_agent("bot").await.unwrap();
    transaction
        .record_edit(&Actor::system(), "agent.delete", item, &[])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.tokens().await.unwrap(), [kept]);

    let mut transaction = store.begin().await.unwrap();
    transaction.restore_rows(&rows).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.tokens().await.unwrap(), before);
    assert_eq!(store.agent("bot").await.unwrap().unwrap().id, bot);

    // One that is made anew under the name is another agent.
    let mut transaction = store.begin().await.unwrap();
    transaction.delete_agent("bot").await.unwrap();
    transaction.commit().await.unwrap();
    assert_ne!(add_agent(store, "bot").await, bot);
    assert_eq!(store.tokens().await.unwrap().len(), 1);
}
