//! Custom sources: OpenAI-compatible endpoints that an administrator added.

use crate::time_limits::TimeLimits;
use serde::{Deserialize, Serialize};

/// What routing knows of a custom source. No secret: its headers are names only, and whether it
/// has a key is for [`crate::snapshot::SecretStates`] to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceEntry {
    /// The first segment of the refs to its models. Unique among sources and providers.
    pub slug: String,
    /// The readable label.
    pub name: String,
    /// The base URL as it was typed. Empty where none was given yet.
    pub base_url: String,
    /// The header that carries the auth value; `None` means `Authorization: Bearer <value>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_header: Option<String>,
    /// Static headers that go out on every request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<SourceHeader>,
    /// Headers of the caller that are passed on, beside those that always are: lower-case names,
    /// sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_headers: Vec<String>,
    /// How long its requests may take, where that differs from the others.
    #[serde(default, skip_serializing_if = "TimeLimits::is_empty")]
    pub limits: TimeLimits,
    /// Whether refs to it go straight there rather than through the managed gateway.
    pub passthrough: bool,
}

/// A static header of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceHeader {
    /// The name, as written.
    pub name: String,
    /// The value, where it was written on the command line. From a server it is a secret and
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}
