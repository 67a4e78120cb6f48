//! Who is signed in.

use serde::{Deserialize, Serialize};
use waypost_routing::vocabulary::Role;

/// An open session in `GET /api/v1/sessions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionItem {
    /// The public id, which opens nothing.
    pub id: String,
    /// The browser and platform it was opened with, such as `Firefox on Linux`; empty where they
    /// are not known.
    pub label: String,
    /// The name of who signed in with the identity provider; absent if a sign-in link opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The identity provider; absent if a sign-in link opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// What it may do.
    pub role: Role,
    /// The address it was opened from; empty where it is not known.
    pub address: String,
    /// When it began, in Unix seconds.
    pub created_at: i64,
    /// When it was last used, in Unix seconds.
    pub last_seen_at: i64,
    /// Whether it is the session of this request.
    pub current: bool,
}

/// `GET /api/v1/session`: the current session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// What it may do.
    pub role: Role,
    /// The name of who signed in with the identity provider; absent if a sign-in link opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it ends, in Unix seconds.
    pub expires_at: i64,
    /// The control plane's version.
    pub version: String,
}

/// `GET /api/v1/sign-in-options`: how to sign in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInOptions {
    /// What people call the identity provider; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Whether sign-in links are accepted.
    pub links: bool,
}
