use super::*;
use std::sync::Arc;
use waypost_store::Actor;

const DAY: i64 = 24 * 60 * 60;

/// A database with an agent `bot`, and its tokens in memory.
struct Fixture {
    _folder: tempfile::TempDir,
    store: Arc<dyn Store>,
    live: LiveTokens,
}

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> =
            Arc::new(waypost_store::sqlite::open(folder.path()).await.unwrap());
        let mut transaction = store.begin().await.unwrap();
        transaction.put_agent("bot", "name: bot\n").await.unwrap();
        transaction.commit().await.unwrap();
        let live = LiveTokens::load(store.clone()).await.unwrap();
        Self {
            _folder: folder,
            store,
            live,
        }
    }

    /// Creates a token as another process would: what is in memory does not hear of it.
    async fn create(&self, days: Option<u32>) -> NewToken {
        let input = TokenInput {
            kind: TokenKind::Agent,
            agent: Some("bot".to_owned()),
            role: None,
            label: String::new(),
            expires_in_days: days,
        };
        create(&*self.store, &Actor::system(), input).await.unwrap()
    }

    async fn service(&self, role: Role) -> NewToken {
        let input = TokenInput {
            kind: TokenKind::Service,
            agent: None,
            role: Some(role),
            label: "ci".to_owned(),
            expires_in_days: None,
        };
        create(&*self.store, &Actor::system(), input).await.unwrap()
    }
}

#[tokio::test]
async fn a_token_is_verified_without_the_database() {
    let fixture = Fixture::new().await;
    let (agent, service) = (
        fixture.create(None).await,
        fixture.service(Role::Admin).await,
    );
    assert_eq!(fixture.live.verify(&agent.token), None, "not read yet");
    fixture.live.refresh().await.unwrap();
    fixture.store.close().await;
    let verified = fixture.live.verify(&agent.token).unwrap();
    assert_eq!(verified.access, TokenAccess::Agent("bot".to_owned()));
    assert_eq!(verified.id, agent.view.id);
    let verified = fixture.live.verify(&service.token).unwrap();
    assert_eq!(verified.access, TokenAccess::Service(Role::Admin));
    assert_eq!(
        verified.actor().as_str(),
        format!("token:{} ci", service.view.id)
    );
    let unknown = ApiToken::generate(TokenKind::Agent);
    assert_eq!(fixture.live.verify(&unknown), None);
    // An outage does not lock anyone out.
    assert!(fixture.live.refresh().await.is_err());
    assert!(fixture.live.verify(&agent.token).is_some());
}

#[tokio::test]
async fn what_another_process_does_takes_effect_with_the_next_refresh() {
    let fixture = Fixture::new().await;
    let (first, second) = (fixture.create(None).await, fixture.create(None).await);
    fixture.live.refresh().await.unwrap();
    revoke(&*fixture.store, &Actor::system(), &first.view.id)
        .await
        .unwrap();
    fixture.live.refresh().await.unwrap();
    assert_eq!(fixture.live.verify(&first.token), None);
    assert!(fixture.live.verify(&second.token).is_some());
    let error = revoke(&*fixture.store, &Actor::system(), &first.view.id).await;
    assert_eq!(error.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn a_removed_token_stops_although_the_database_cannot_be_read() {
    let fixture = Fixture::new().await;
    let (first, second) = (fixture.create(None).await, fixture.create(None).await);
    fixture.live.refresh().await.unwrap();
    fixture.store.close().await;
    fixture.live.remove(|row| row.id == first.view.id).await;
    assert_eq!(fixture.live.verify(&first.token), None);
    assert!(fixture.live.verify(&second.token).is_some());
}

#[tokio::test]
async fn an_expired_token_opens_nothing_and_makes_room_for_another() {
    let fixture = Fixture::new().await;
    let (first, second) = (fixture.create(Some(1)).await, fixture.create(Some(2)).await);
    fixture.live.refresh().await.unwrap();
    let now = clock::now();
    let later = now + DAY + 1;
    assert!(fixture.live.verify_at(&first.token, now).is_some());
    assert_eq!(fixture.live.verify_at(&first.token, later), None);
    assert!(fixture.live.verify_at(&second.token, later).is_some());
    let listed = fixture.live.list(&TokenFilter::default());
    assert_eq!(
        listed.len(),
        2,
        "an expired token is listed until it is revoked"
    );
    let mut transaction = fixture.store.begin().await.unwrap();
    let agent = transaction.agent("bot").await.unwrap().unwrap();
    let mut count = async |now| {
        transaction
            .count_live_tokens(&agent.id, "", now)
            .await
            .unwrap()
    };
    assert_eq!((count(now).await, count(later).await), (2, 1));
}

#[tokio::test]
async fn a_third_token_with_the_label_is_refused_and_changes_nothing() {
    let fixture = Fixture::new().await;
    fixture.create(None).await;
    fixture.create(None).await;
    let input = TokenInput {
        kind: TokenKind::Agent,
        agent: Some("bot".to_owned()),
        role: None,
        label: "  ".to_owned(),
        expires_in_days: None,
    };
    let refused = create(&*fixture.store, &Actor::system(), input).await;
    let error = refused.err().unwrap();
    assert_eq!(
        (error.code, error.field.as_deref()),
        ("too_many_tokens", Some("label"))
    );
    let listed = list(&*fixture.store, &TokenFilter::default())
        .await
        .unwrap();
    assert_eq!(listed.len(), 2);
}

#[tokio::test]
async fn uses_are_written_together_and_only_where_they_matter() {
    let fixture = Fixture::new().await;
    let (used, unused) = (fixture.create(None).await, fixture.create(None).await);
    fixture.live.refresh().await.unwrap();
    let stored = async |token: &NewToken| {
        let rows = fixture.store.tokens().await.unwrap();
        let row = rows.into_iter().find(|row| row.id == token.view.id);
        row.unwrap().last_used_at
    };
    let now = clock::now();
    assert!(fixture.live.verify_at(&used.token, now).is_some());
    assert_eq!(stored(&used).await, None, "a request writes nothing");
    fixture.live.record_uses().await.unwrap();
    assert_eq!(
        (stored(&used).await, stored(&unused).await),
        (Some(now), None)
    );
    // A use that is not written yet survives a reading of older rows.
    assert!(fixture.live.verify_at(&used.token, now + 30).is_some());
    fixture.live.refresh().await.unwrap();
    let listed = fixture.live.list(&TokenFilter::default());
    let shown = listed.iter().find(|view| view.id == used.view.id).unwrap();
    assert_eq!(shown.last_used_at, Some(now + 30));
    fixture.live.record_uses().await.unwrap();
    assert_eq!(
        stored(&used).await,
        Some(now),
        "less than a minute is not worth a write"
    );
}

#[tokio::test]
async fn the_database_holds_the_digest_and_not_the_token() {
    let fixture = Fixture::new().await;
    let created = fixture.create(None).await;
    fixture.store.close().await;
    let file = fixture
        ._folder
        .path()
        .join(waypost_store::sqlite::FILE_NAME);
    let bytes = std::fs::read(file).unwrap();
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(!holds(created.token.expose()));
    assert!(!holds(&created.token.expose()[4..47]));
    assert!(holds(&created.view.hint), "the row is in the file");
}
