//! Who is signed in.

use serde::{Deserialize, Serialize};

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and changes everything.
    Admin,
    /// Reads, and requests routes.
    Viewer,
}

/// `GET /api/v1/session`: the current session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// What it may do.
    pub role: Role,
    /// When it ends, in Unix seconds.
    pub expires_at: i64,
    /// The control plane's version.
    pub version: String,
}
