//! API tokens: the credentials with which agents and scripts call Waypost.

use serde::{Deserialize, Serialize};
use waypost_routing::vocabulary::Role;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// It belongs to one agent and asks for that agent's routes.
    Agent,
    /// It opens the admin API to scripts and CI, with a role.
    Service,
}

/// The most days after which a service token expires.
pub const MAX_SERVICE_TOKEN_DAYS: u32 = 365;
/// The days after which a service token expires unless others are asked for.
pub const SERVICE_TOKEN_DAYS: u32 = 90;
/// The most days after which an agent token expires, if it is to expire at all.
pub const MAX_AGENT_TOKEN_DAYS: u32 = 3650;
/// The longest label of a token, in characters.
pub const MAX_TOKEN_LABEL: usize = 60;
/// How many active tokens an agent has with the same label: the current one, and the next one while
/// it is being rolled out.
pub const TOKENS_PER_LABEL: u64 = 2;

/// A token, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenView {
    /// What the API, the command line and the audit log call it. It opens nothing.
    pub id: String,
    /// What it is for.
    pub kind: TokenKind,
    /// The agent that it belongs to; absent for a service token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What it may do; absent for an agent token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// What its creator calls it; may be empty.
    pub label: String,
    /// Its last four characters.
    pub hint: String,
    /// When it was created, in Unix seconds.
    pub created_at: i64,
    /// Who created it: a session's short public id, or `system` for the command line.
    pub created_by: String,
    /// When it was last used, in Unix seconds; null if it never was.
    pub last_used_at: Option<i64>,
    /// When it expires, in Unix seconds; null if it does not.
    pub expires_at: Option<i64>,
}

impl TokenView {
    /// Whether it has expired, at a moment in Unix seconds.
    #[must_use]
    pub fn is_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

/// `POST /api/v1/tokens`. An agent token names its `agent`, a service token its `role`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenInput {
    /// What the token is for.
    pub kind: TokenKind,
    /// The agent that it is to belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What it may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// What to call it, of up to 60 characters.
    #[serde(default)]
    pub label: String,
    /// After how many days it expires. Absent: 90 for a service token, of at most 365; never for
    /// an agent token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<u32>,
}
