//! Live tokens in memory, so that no request waits for the database to learn who sent it.
//!
//! The database stays the truth. It is read again every second, which is how `waypost token revoke`
//! in another process takes effect, and after a change that is made here before that is answered.

use super::{ApiToken, TokenFilter};
use crate::database_follower::{WRITE_SECONDS, follow};
use crate::last_contact::LastContact;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;
use tokio::time::Instant;
use waypost_api_types::{Role, TokenKind, TokenView};
use waypost_store::{Actor, Store, StoreError, TokenOwner, TokenRow};
use waypost_system::clock;

/// Who a valid token lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedToken {
    /// The token's public id.
    pub id: String,
    /// What its creator calls it.
    pub label: String,
    /// What it opens.
    pub access: TokenAccess,
    /// The permanent id of its agent.
    pub agent_id: Option<String>,
}

/// What a token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenAccess {
    /// The routes of the agent with this name.
    Agent(String),
    /// The admin API, in this role.
    Service(Role),
}

impl VerifiedToken {
    /// How the audit log names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::token(&self.id, &self.label)
    }
}

/// The live tokens. Clones share them.
#[derive(Clone)]
pub struct LiveTokens(Arc<Inner>);

/// The first bytes of a digest, by which the candidates for the constant-time comparison are found.
type Bucket = [u8; 8];

struct Inner {
    store: Arc<dyn Store>,
    tokens: RwLock<HashMap<Bucket, Vec<Live>>>,
    /// One reading at a time: an older one must not replace a newer one's result.
    refreshing: Mutex<()>,
    last_contact: LastContact,
}

struct Live {
    row: TokenRow,
    /// Made once, since every request with the token asks for it.
    verified: Arc<VerifiedToken>,
    /// In Unix seconds; zero if it was never used.
    last_used: Arc<AtomicI64>,
}

impl Live {
    fn new(row: TokenRow, last_used: Arc<AtomicI64>) -> Self {
        let (agent_id, access) = match &row.owner {
            TokenOwner::Agent { id, name } => (Some(id.clone()), TokenAccess::Agent(name.clone())),
            TokenOwner::Service(role) => (None, TokenAccess::Service(*role)),
        };
        let verified = VerifiedToken {
            id: row.id.clone(),
            label: row.label.clone(),
            access,
            agent_id,
        };
        Self {
            row,
            verified: Arc::new(verified),
            last_used,
        }
    }

    fn kind(&self) -> TokenKind {
        match self.row.owner {
            TokenOwner::Agent { .. } => TokenKind::Agent,
            TokenOwner::Service(_) => TokenKind::Service,
        }
    }
}

fn bucket(hash: &[u8; 32]) -> Bucket {
    let mut bucket = Bucket::default();
    bucket.copy_from_slice(&hash[..8]);
    bucket
}

impl LiveTokens {
    /// Loads the tokens.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub async fn load(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let tokens = Self(Arc::new(Inner {
            store,
            tokens: RwLock::default(),
            refreshing: Mutex::default(),
            last_contact: LastContact::now(),
        }));
        tokens.refresh().await?;
        Ok(tokens)
    }

    /// Who a token lets in; `None` if it was revoked, has expired or never was.
    #[must_use]
    pub fn verify(&self, token: &ApiToken) -> Option<Arc<VerifiedToken>> {
        self.verify_at(token, clock::now())
    }

    pub(super) fn verify_at(&self, token: &ApiToken, now: i64) -> Option<Arc<VerifiedToken>> {
        let digest = token.digest();
        let tokens = self.tokens();
        let live = tokens
            .get(&bucket(&digest))?
            .iter()
            .find(|live| bool::from(live.row.hash.ct_eq(&digest)))?;
        let expired = live.row.expires_at.is_some_and(|end| end <= now);
        // The prefix is part of what the digest is taken of, so the kinds are equal; a row that
        // was written by hand must not make an agent's token a service token.
        if expired || live.kind() != token.kind() {
            return None;
        }
        live.last_used.fetch_max(now, Ordering::Relaxed);
        Some(Arc::clone(&live.verified))
    }

    /// The tokens that a filter lets pass, expired ones included, the newest first.
    #[must_use]
    pub fn list(&self, filter: &TokenFilter) -> Vec<TokenView> {
        let tokens = self.tokens();
        let views = tokens.values().flatten().map(|live| {
            let used = live.last_used.load(Ordering::Relaxed);
            TokenView {
                last_used_at: Some(used).filter(|at| *at > 0),
                ..super::view(live.row.clone())
            }
        });
        filter.apply(views)
    }

    /// Forgets tokens at once, whether or not the database can be read again.
    pub async fn remove(&self, is_revoked: impl Fn(&TokenRow) -> bool) {
        // Behind a reading that began before, which would bring them back.
        let _refreshing = self.0.refreshing.lock().await;
        let mut tokens = self
            .0
            .tokens
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, live| {
            live.retain(|live| !is_revoked(&live.row));
            !live.is_empty()
        });
    }

    fn tokens(&self) -> RwLockReadGuard<'_, HashMap<Bucket, Vec<Live>>> {
        self.0.tokens.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Requests wait for no more than the exchange of two pointers.
    fn replace(&self, fresh: HashMap<Bucket, Vec<Live>>) {
        let mut tokens = self
            .0
            .tokens
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *tokens, fresh);
        drop(tokens);
        drop(old);
    }

    /// Reads the tokens again.
    ///
    /// # Errors
    /// Fails if the database cannot be read. What was known stays.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let _refreshing = self.0.refreshing.lock().await;
        let begun = Instant::now();
        let rows = self.0.store.tokens().await?;
        let uses: HashMap<String, Arc<AtomicI64>> = self
            .tokens()
            .values()
            .flatten()
            .map(|live| (live.row.id.clone(), live.last_used.clone()))
            .collect();
        let mut fresh: HashMap<Bucket, Vec<Live>> = HashMap::new();
        for row in rows {
            // Shared with the requests that still see the map before.
            let last_used = uses.get(&row.id).cloned().unwrap_or_default();
            last_used.fetch_max(row.last_used_at.unwrap_or(0), Ordering::Relaxed);
            let live = fresh.entry(bucket(&row.hash)).or_default();
            live.push(Live::new(row, last_used));
        }
        self.replace(fresh);
        self.0.last_contact.note(begun);
        Ok(())
    }

    /// How long ago the tokens were last read.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.0.last_contact.age()
    }

    /// Writes when tokens were last used, where that is worth a write.
    ///
    /// # Errors
    /// Fails if the database cannot be written. The next call tries again.
    pub async fn record_uses(&self) -> Result<(), StoreError> {
        let uses: Vec<(String, i64)> = self
            .tokens()
            .values()
            .flatten()
            .map(|live| (live, live.last_used.load(Ordering::Relaxed)))
            .filter(|(live, used)| *used >= live.row.last_used_at.unwrap_or(0) + WRITE_SECONDS)
            .map(|(live, used)| (live.row.id.clone(), used))
            .collect();
        if uses.is_empty() {
            return Ok(());
        }
        self.0.store.touch_tokens(&uses).await?;
        Ok(())
    }

    /// Keeps up with the database until it is cancelled.
    pub async fn follow(self) {
        let changes = self.0.store.changes();
        follow("tokens", changes, || self.refresh(), || self.record_uses()).await;
    }
}
