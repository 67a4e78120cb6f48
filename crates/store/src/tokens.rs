//! API tokens, kept as digests: the database opens nothing.

use crate::token_hash::TokenHash;
use waypost_routing::vocabulary::Role;

/// A token, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// What the API and the audit log call it. It opens nothing.
    pub id: String,
    /// The SHA-256 digest of its text.
    pub hash: TokenHash,
    /// Whose it is.
    pub owner: TokenOwner,
    /// What its creator calls it; may be empty.
    pub label: String,
    /// The last four characters of its text.
    pub hint: String,
    /// When it was created, in Unix seconds.
    pub created_at: i64,
    /// Who created it, as the audit log names them.
    pub created_by: String,
    /// When it was last used, in Unix seconds; `None` if it never was.
    pub last_used_at: Option<i64>,
    /// When it expires, in Unix seconds; `None` if it does not.
    pub expires_at: Option<i64>,
}

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenOwner {
    /// An agent's. It is stored under the agent's permanent id; the name is the current one.
    Agent {
        /// The permanent id.
        id: String,
        /// The name.
        name: String,
    },
    /// A script's, with a role.
    Service(Role),
}
