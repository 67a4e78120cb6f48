//! Who is signed in.

use serde::{Deserialize, Serialize};
use waypost_routing::vocabulary::Role;

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
