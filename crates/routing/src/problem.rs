//! What the readers of documents report.

use serde::{Deserialize, Serialize};

/// How grave a problem of a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The document or entry with the problem is not used.
    Error,
    /// It is used anyway.
    Warning,
}
