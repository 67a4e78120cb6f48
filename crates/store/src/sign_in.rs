//! Signing in by a link, and signing out.

use crate::error::StoreError;
use crate::sessions::{
    LINK_SECONDS, LinkRow, PERSON_SESSION_SECONDS, Person, SESSION_SECONDS, SessionClient,
    SessionRow, StoredSession,
};
use crate::store::Store;
use crate::token_hash::token_hash;
use waypost_routing::vocabulary::Role;
use waypost_system::{clock, random};
use zeroize::Zeroizing;

/// A session that was just made, with the only copy of its token.
pub struct NewSession {
    /// For the cookie.
    pub token: Zeroizing<String>,
    /// What is stored of it.
    pub session: StoredSession,
}

/// Makes a sign-in link's token. Expired links are deleted on the occasion.
///
/// # Errors
/// Fails if the database cannot be written.
pub async fn make_link(store: &dyn Store, role: Role) -> Result<Zeroizing<String>, StoreError> {
    let token = random::token();
    let now = clock::now();
    let link = LinkRow {
        hash: token_hash(&token),
        role,
        created_at: now,
        expires_at: now + LINK_SECONDS,
    };
    store.add_link(&link).await?;
    Ok(token)
}

/// Trades a link's token for a session and uses the link up. `None` for a link that was used, has
/// expired or never existed. The session that the browser had before ends.
///
/// # Errors
/// Fails if the database cannot be written.
pub async fn sign_in(
    store: &dyn Store,
    link_token: &str,
    previous: Option<&str>,
    client: SessionClient,
) -> Result<Option<NewSession>, StoreError> {
    let now = clock::now();
    let token = random::token();
    let session = SessionRow {
        hash: token_hash(&token),
        public_id: random::public_id(),
        // The link's role takes this place.
        role: Role::Viewer,
        client,
        person: None,
        created_at: now,
        last_seen_at: now,
        expires_at: now + SESSION_SECONDS,
    };
    let previous = previous.map(token_hash);
    let link = token_hash(link_token);
    let added = store
        .redeem_link(&link, &session, previous.as_ref())
        .await?;
    Ok(added
        .and_then(|session| session.open_at(now))
        .map(|session| NewSession { token, session }))
}

/// Opens a session for a person that an identity provider has identified. The session that the
/// browser had before ends.
///
/// # Errors
/// Fails if the database cannot be written.
pub async fn sign_in_person(
    store: &dyn Store,
    person: Person,
    role: Role,
    previous: Option<&str>,
    client: SessionClient,
) -> Result<NewSession, StoreError> {
    let now = clock::now();
    let token = random::token();
    let row = SessionRow {
        hash: token_hash(&token),
        public_id: random::public_id(),
        role,
        client,
        person: Some(person),
        created_at: now,
        last_seen_at: now,
        expires_at: now + PERSON_SESSION_SECONDS,
    };
    let previous = previous.map(token_hash);
    store.add_session(&row, previous.as_ref()).await?;
    let session = row.open_at(now).expect("a session that begins now is open");
    Ok(NewSession { token, session })
}

/// Ends one session.
///
/// # Errors
/// Fails if the database cannot be written.
pub async fn end_session(store: &dyn Store, token: &str) -> Result<(), StoreError> {
    store.end_session(&token_hash(token)).await
}
