//! Open sessions in memory, so that no request waits for the database to learn who sent it.
//!
//! The database stays the truth. It is read again every second, which is how a `sign-out-all` in
//! another process takes effect, and after each change made here. When a session was last used is
//! written from time to time, in the background.

use crate::database_follower::{WRITE_SECONDS, follow};
use crate::store::sessions::{
    IDLE_SECONDS, Person, SESSION_SECONDS, SessionClient, SessionRow, StoredSession,
};
use crate::store::sign_in::{self, NewSession};
use crate::store::{Actor, Store, StoreError, TokenHash, token_hash};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::Mutex;
use waypost_api_types::{Role, SessionItem};
use waypost_system::clock;

/// How far the clock may be set back without ending sessions, in seconds.
const CLOCK_SLACK: i64 = 5 * 60;

/// Who or what sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiator {
    /// A person's doing: the idle time begins anew.
    Person,
    /// A page that polls.
    Background,
}

/// The open sessions. Clones share them.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    open: RwLock<HashMap<TokenHash, Open>>,
    /// One reading at a time: an older one must not replace a newer one's result.
    refreshing: Mutex<()>,
}

struct Open {
    row: SessionRow,
    last_seen: AtomicI64,
}

impl Open {
    /// The session at a moment; `None` if it is not open then.
    fn at(&self, now: i64, initiator: Initiator) -> Option<StoredSession> {
        let last_seen = self.last_seen.load(Ordering::Relaxed);
        // A clock that was set back would otherwise keep the session for as long as that.
        let from_the_future = last_seen > now + CLOCK_SLACK
            || self.row.expires_at > now + SESSION_SECONDS + CLOCK_SLACK;
        if from_the_future || self.row.expires_at <= now || last_seen + IDLE_SECONDS <= now {
            return None;
        }
        let last_seen = match initiator {
            Initiator::Person => self.last_seen.fetch_max(now, Ordering::Relaxed).max(now),
            Initiator::Background => last_seen,
        };
        Some(StoredSession {
            public_id: self.row.public_id.clone(),
            label: self.row.label().to_owned(),
            person: self.row.person.clone(),
            role: self.row.role,
            expires_at: self.row.expires_at.min(last_seen + IDLE_SECONDS),
        })
    }
}

impl Sessions {
    /// Loads the sessions.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub async fn load(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let sessions = Self(Arc::new(Inner {
            store,
            open: RwLock::default(),
            refreshing: Mutex::default(),
        }));
        sessions.refresh().await?;
        Ok(sessions)
    }

    /// The open session of a cookie's token.
    #[must_use]
    pub fn find(&self, token: &str, initiator: Initiator) -> Option<StoredSession> {
        self.find_at(token, initiator, clock::now())
    }

    fn find_at(&self, token: &str, initiator: Initiator, now: i64) -> Option<StoredSession> {
        self.open().get(&token_hash(token))?.at(now, initiator)
    }

    fn open(&self) -> RwLockReadGuard<'_, HashMap<TokenHash, Open>> {
        self.0.open.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Trades a link's token for a session; see [`sign_in::sign_in`].
    ///
    /// # Errors
    /// Fails if the database cannot be written, or read again.
    pub async fn sign_in(
        &self,
        link_token: &str,
        previous: Option<&str>,
        client: SessionClient,
    ) -> Result<Option<NewSession>, StoreError> {
        let new = sign_in::sign_in(&*self.0.store, link_token, previous, client).await?;
        if new.is_some() {
            self.refresh().await?;
        }
        Ok(new)
    }

    /// Opens a session for a person; see [`sign_in::sign_in_person`].
    ///
    /// # Errors
    /// Fails if the database cannot be written, or read again.
    pub async fn sign_in_person(
        &self,
        person: Person,
        role: Role,
        previous: Option<&str>,
        client: SessionClient,
    ) -> Result<NewSession, StoreError> {
        let store = &*self.0.store;
        let new = sign_in::sign_in_person(store, person, role, previous, client).await?;
        self.refresh().await?;
        Ok(new)
    }

    /// Ends one session.
    ///
    /// # Errors
    /// Fails if the database cannot be written.
    pub async fn end(&self, token: &str) -> Result<(), StoreError> {
        sign_in::end_session(&*self.0.store, token).await?;
        // Behind a reading that began before, which would bring it back.
        let _refreshing = self.0.refreshing.lock().await;
        let mut open = self.0.open.write().unwrap_or_else(PoisonError::into_inner);
        open.remove(&token_hash(token));
        Ok(())
    }

    /// The open sessions: the one with the public id `current` first, then by last use.
    #[must_use]
    pub fn list(&self, current: &str) -> Vec<SessionItem> {
        let now = clock::now();
        let mut items: Vec<SessionItem> = self
            .open()
            .values()
            .filter(|open| open.at(now, Initiator::Background).is_some())
            .map(|open| SessionItem {
                id: open.row.public_id.clone(),
                label: open.row.client.label.clone(),
                name: open.row.person.as_ref().map(|person| person.name.clone()),
                issuer: open.row.person.as_ref().map(|person| person.issuer.clone()),
                role: open.row.role,
                address: open.row.client.address.clone(),
                created_at: open.row.created_at,
                last_seen_at: open.last_seen.load(Ordering::Relaxed),
                current: open.row.public_id == current,
            })
            .collect();
        items.sort_by_cached_key(|item| {
            let latest_first = (!item.current, std::cmp::Reverse(item.last_seen_at));
            (latest_first, item.id.clone())
        });
        items
    }

    /// Ends the session with a public id, for another one. Returns whether there was one.
    ///
    /// # Errors
    /// Fails if the database cannot be written.
    pub async fn end_by_id(&self, public_id: &str, actor: &Actor) -> Result<bool, StoreError> {
        let ended = self.0.store.end_session_of(public_id, actor).await?;
        // Behind a reading that began before, which would bring it back.
        let _refreshing = self.0.refreshing.lock().await;
        let mut open = self.0.open.write().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, open| open.row.public_id != public_id);
        Ok(ended)
    }

    /// Reads the sessions again.
    ///
    /// # Errors
    /// Fails if the database cannot be read. What was known stays.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let _refreshing = self.0.refreshing.lock().await;
        let rows = self.0.store.sessions().await?;
        let mut open = self.0.open.write().unwrap_or_else(PoisonError::into_inner);
        let known = std::mem::take(&mut *open);
        open.extend(rows.into_iter().map(|row| {
            let used = known.get(&row.hash).map_or(row.last_seen_at, |known| {
                known.last_seen.load(Ordering::Relaxed)
            });
            let last_seen = AtomicI64::new(used.max(row.last_seen_at));
            (row.hash, Open { row, last_seen })
        }));
        Ok(())
    }

    /// Writes when sessions were last used, where that is worth a write.
    ///
    /// # Errors
    /// Fails if the database cannot be written. The next call tries again.
    pub async fn record_uses(&self) -> Result<(), StoreError> {
        let uses: Vec<(TokenHash, i64)> = self
            .open()
            .values()
            .map(|open| (open, open.last_seen.load(Ordering::Relaxed)))
            .filter(|(open, seen)| *seen >= open.row.last_seen_at + WRITE_SECONDS)
            .map(|(open, seen)| (open.row.hash, seen))
            .collect();
        if uses.is_empty() {
            return Ok(());
        }
        // If another writer is active, the next call tries again.
        self.0.store.touch_sessions(&uses).await?;
        Ok(())
    }

    /// Keeps up with the database until it is cancelled.
    pub async fn follow(self) {
        let changes = self.0.store.changes();
        follow(
            "sessions",
            changes,
            || self.refresh(),
            || self.record_uses(),
        )
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    struct Fixture {
        _folder: tempfile::TempDir,
        store: Arc<dyn Store>,
        sessions: Sessions,
    }

    impl Fixture {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = crate::store::sqlite::open(folder.path()).await.unwrap();
            let store: Arc<dyn Store> = Arc::new(store);
            let sessions = Sessions::load(store.clone()).await.unwrap();
            Self {
                _folder: folder,
                store,
                sessions,
            }
        }

        async fn sign_in(&self) -> String {
            let link = sign_in::make_link(&*self.store, Role::Admin).await.unwrap();
            let new = self
                .sessions
                .sign_in(&link, None, SessionClient::default())
                .await
                .unwrap();
            new.unwrap().token.to_string()
        }

        fn is_open(&self, token: &str, initiator: Initiator, now: i64) -> bool {
            self.sessions.find_at(token, initiator, now).is_some()
        }
    }

    #[tokio::test]
    async fn a_session_is_known_without_the_database() {
        let fixture = Fixture::new().await;
        let token = fixture.sign_in().await;
        fixture.store.close().await;
        assert!(fixture.is_open(&token, Initiator::Person, clock::now()));
        assert!(fixture.sessions.refresh().await.is_err());
        assert!(fixture.is_open(&token, Initiator::Person, clock::now()));
        assert!(!fixture.is_open("another", Initiator::Person, clock::now()));
    }

    #[tokio::test]
    async fn a_session_outlives_the_process() {
        let fixture = Fixture::new().await;
        let token = fixture.sign_in().await;
        let again = Sessions::load(fixture.store.clone()).await.unwrap();
        assert!(again.find(&token, Initiator::Person).is_some());
    }

    #[tokio::test]
    async fn background_polls_do_not_keep_a_session_open() {
        let fixture = Fixture::new().await;
        let (polled, used) = (fixture.sign_in().await, fixture.sign_in().await);
        let begun = clock::now();
        for hour in 1..12 {
            let now = begun + hour * 60 * 60;
            assert!(fixture.is_open(&polled, Initiator::Background, now));
            assert!(fixture.is_open(&used, Initiator::Person, now));
        }
        let later = begun + IDLE_SECONDS + 60;
        assert!(!fixture.is_open(&polled, Initiator::Background, later));
        assert!(!fixture.is_open(&polled, Initiator::Person, later));
        assert!(fixture.is_open(&used, Initiator::Person, later));
    }

    #[tokio::test]
    async fn a_session_ends_after_a_week_however_much_it_is_used() {
        let fixture = Fixture::new().await;
        let token = fixture.sign_in().await;
        let begun = clock::now();
        for quarter in 1..28 {
            let now = begun + quarter * DAY / 4;
            assert!(fixture.is_open(&token, Initiator::Person, now));
        }
        assert!(!fixture.is_open(&token, Initiator::Person, begun + 7 * DAY + 1));
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_ends_sessions() {
        let fixture = Fixture::new().await;
        let token = fixture.sign_in().await;
        let begun = clock::now();
        assert!(fixture.is_open(&token, Initiator::Background, begun - CLOCK_SLACK));
        for back in [CLOCK_SLACK + 60, 365 * DAY] {
            assert!(!fixture.is_open(&token, Initiator::Person, begun - back));
        }
        // Also one that was used recently, by the clock as it was, and read from the database.
        let later = begun + DAY / 4;
        assert!(fixture.is_open(&token, Initiator::Person, later));
        fixture.sessions.record_uses().await.unwrap();
        let again = Sessions::load(fixture.store.clone()).await.unwrap();
        let found = again.find_at(&token, Initiator::Person, later - 60 * 60);
        assert_eq!(found, None);
    }

    #[tokio::test]
    async fn uses_are_written_together_and_only_where_they_matter() {
        let fixture = Fixture::new().await;
        let (used, resting) = (fixture.sign_in().await, fixture.sign_in().await);
        let later = clock::now() + 60 * 60;
        assert!(fixture.is_open(&used, Initiator::Person, later));
        assert!(fixture.is_open(&resting, Initiator::Background, later));
        fixture.sessions.record_uses().await.unwrap();
        let rows = fixture.store.sessions().await.unwrap();
        let seen = |token: &str| {
            let hash = token_hash(token);
            let row = rows.iter().find(|row| row.hash == hash);
            row.unwrap().last_seen_at
        };
        assert_eq!(seen(&used), later);
        assert!(seen(&resting) < later);
        // A reading of older rows does not forget what is not written yet.
        assert!(fixture.is_open(&resting, Initiator::Person, later));
        fixture.sessions.refresh().await.unwrap();
        assert!(fixture.is_open(&resting, Initiator::Background, later + 11 * 60 * 60));
    }

    #[tokio::test]
    async fn signing_out_takes_effect_at_once_here_and_after_a_reading_elsewhere() {
        let fixture = Fixture::new().await;
        let (one, other) = (fixture.sign_in().await, fixture.sign_in().await);
        fixture.sessions.end(&one).await.unwrap();
        assert!(!fixture.is_open(&one, Initiator::Person, clock::now()));
        assert!(fixture.is_open(&other, Initiator::Person, clock::now()));
        // Another process.
        fixture.store.end_all_sessions().await.unwrap();
        fixture.sessions.refresh().await.unwrap();
        assert!(!fixture.is_open(&other, Initiator::Person, clock::now()));
    }
}
