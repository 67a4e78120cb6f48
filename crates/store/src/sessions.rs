//! Sign-in links and sessions, both kept as digests: the database opens nothing.

use crate::token_hash::TokenHash;
use waypost_routing::vocabulary::Role;

/// How long a sign-in link is good, in seconds.
pub const LINK_SECONDS: i64 = 15 * 60;
/// How long a session lives without a request, in seconds.
pub const IDLE_SECONDS: i64 = 12 * 60 * 60;
/// How long a session lives at most, in seconds.
pub const SESSION_SECONDS: i64 = 7 * 24 * 60 * 60;
/// How long a person's session lives at most, in seconds. Its role is what the groups said when it
/// began, so someone who leaves a group keeps it no longer than a working day.
pub const PERSON_SESSION_SECONDS: i64 = 12 * 60 * 60;

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

/// A person who signed in with an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The provider.
    pub issuer: String,
    /// What identifies the person there; never given to someone else.
    pub subject: String,
    /// The name, for people to read. It is no identity: the provider lets people change it.
    pub name: String,
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
    /// Who signed in; `None` if a sign-in link opened it.
    pub person: Option<Person>,
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
            label: self.label().to_owned(),
            person: self.person.clone(),
            role: self.role,
            expires_at: self.expires_at.min(now + IDLE_SECONDS),
        })
    }

    /// What people call the session: the name of who signed in, else the browser. Empty if neither
    /// is known.
    #[must_use]
    pub fn label(&self) -> &str {
        match &self.person {
            Some(person) => &person.name,
            None => &self.client.label,
        }
    }
}

/// A session that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// What the audit log calls it.
    pub public_id: String,
    /// The name of who signed in, else the browser and platform; empty where neither is known.
    pub label: String,
    /// Who signed in; `None` if a sign-in link opened it.
    pub person: Option<Person>,
    /// What it may do.
    pub role: Role,
    /// When it ends unless it is used again, in Unix seconds.
    pub expires_at: i64,
}
