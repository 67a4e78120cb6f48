//! Sign-in links and sessions, both kept as digests: the database opens nothing.

use crate::token_hash::TokenHash;
use waypost_routing::vocabulary::Role;

/// How long a sign-in link is good, in seconds.
pub const LINK_SECONDS: i64 = 15 * 60;
/// How long a session lives without a request, in seconds.
pub const IDLE_SECONDS: i64 = 12 * 60 * 60;
/// How long a session lives at most, in seconds.
pub const SESSION_SECONDS: i64 = 7 * 24 * 60 * 60;

/// A sign-in link's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// The digest of its token.
    pub hash: TokenHash,
    /// The role of the session it opens.
    pub role: Role,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// When it ends, in Unix seconds.
    pub expires_at: i64,
}

/// What a person recognises a session by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionClient {
    /// The browser and platform, such as `Firefox on Linux`; empty where they are not known.
    pub label: String,
    /// The address that it was opened from; empty where it is not known.
    pub address: String,
}

/// A session's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The digest of the cookie's token.
    pub hash: TokenHash,
    /// What the audit log calls the session. It opens nothing.
    pub public_id: String,
    /// What the session may do.
    pub role: Role,
    /// What it was opened with, and from where.
    pub client: SessionClient,
    /// When it began, in Unix seconds.
    pub created_at: i64,
    /// When it was last used, in Unix seconds, to the minute.
    pub last_seen_at: i64,
    /// When it ends, however much it is used, in Unix seconds.
    pub expires_at: i64,
}

impl SessionRow {
    /// The session as of a moment; `None` if it has expired or idled for too long.
    #[must_use]
    pub fn open_at(&self, now: i64) -> Option<StoredSession> {
        let idle_end = self.last_seen_at.saturating_add(IDLE_SECONDS);
        (self.expires_at > now && idle_end > now).then(|| StoredSession {
            public_id: self.public_id.clone(),
            label: self.client.label.clone(),
            role: self.role,
            expires_at: self.expires_at.min(now + IDLE_SECONDS),
        })
    }
}

/// A session that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// What the audit log calls it.
    pub public_id: String,
    /// The browser and platform; empty where they are not known.
    pub label: String,
    /// What it may do.
    pub role: Role,
    /// When it ends unless it is used again, in Unix seconds.
    pub expires_at: i64,
}
