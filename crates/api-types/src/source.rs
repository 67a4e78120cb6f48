//! Custom sources.

use crate::{KeyView, ModelCounts, OutcomeRecord, Verification};
use serde::{Deserialize, Serialize};
use waypost_routing::time_limits::TimeLimits;
use waypost_routing::vocabulary::NewModels;

/// A custom source, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceView {
    /// The first segment of the refs to its models.
    pub slug: String,
    /// The readable label.
    pub name: String,
    /// The base URL as typed; empty if there is none yet.
    pub base_url: String,
    /// The header that carries the auth value; null means `Authorization: Bearer <value>`.
    pub auth_header: Option<String>,
    /// The names of its static headers. Their values are secrets.
    pub header_names: Vec<String>,
    /// Headers of the caller that are passed on, beside those that always are: lower-case names,
    /// sorted. Absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_headers: Vec<String>,
    /// How long its requests may take, where that differs from the others. Absent where there is none.
    #[serde(default, skip_serializing_if = "TimeLimits::is_empty")]
    pub limits: TimeLimits,
    /// Whether requests go directly to the source instead of to the managed gateway.
    pub passthrough: bool,
    /// Whether the origin may be called although it is private or loopback.
    pub allow_private: bool,
    /// Whether new models start enabled.
    pub new_models: NewModels,
    /// Whether it has an auth value. `missing` is valid: some endpoints need no key.
    pub key: KeyView,
    /// What is known about the credential that requests carry now.
    #[serde(default)]
    pub verification: Verification,
    /// How many models it has.
    pub models: ModelCounts,
    /// The outcome of the last refresh.
    pub last_refresh: Option<OutcomeRecord>,
    /// The outcome of the last test of the saved source. Tests of unsaved input are not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_test: Option<OutcomeRecord>,
    /// Whether a refresh runs now.
    pub refreshing: bool,
    /// How many agents use it: a primary or fallback of theirs names it or goes to it.
    #[serde(default)]
    pub used_by: u64,
    /// A problem with its name: the providers file has an entry of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The version, raised by every edit.
    #[serde(default)]
    pub version: u64,
}

/// Body of `POST /api/v1/sources`, without its secrets: the body may also have `auth_value` (a
/// string), `headers` (an object of strings) and `check` (true to save only what the upstream
/// accepts). `/sources/test` takes the same body; with a
/// `slug`, absent fields keep their stored values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceInput {
    /// The readable label.
    pub name: String,
    /// The slug; made from the name if absent. For a test: the stored source that is edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The base URL as typed.
    #[serde(default)]
    pub base_url: String,
    /// The header that carries the auth value; blank means `Authorization`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_header: Option<String>,
    /// Headers of the caller that are passed on, beside those that always are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_headers: Vec<String>,
    /// How long its requests may take, where that differs from the others. Absent where there is none.
    #[serde(default, skip_serializing_if = "TimeLimits::is_empty")]
    pub limits: TimeLimits,
    /// Whether requests go directly to the source instead of to the managed gateway.
    #[serde(default)]
    pub passthrough: bool,
    /// Grants the origin although it is private or loopback.
    #[serde(default)]
    pub allow_private: bool,
    /// Whether new models start enabled.
    #[serde(default)]
    pub new_models: NewModels,
}

/// Body of `PATCH /api/v1/sources/{slug}`, without its secrets: the body may also have
/// `auth_value` and `headers`, where null or an empty string clears them, and `check`. Absent fields stay
/// unchanged. `POST …/test` takes the same body and saves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourcePatch {
    /// The readable label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The base URL as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The header that carries the auth value; blank means `Authorization`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_header: Option<String>,
    /// All headers of the caller that are passed on beside those that always are, replacing the
    /// present ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass_headers: Option<Vec<String>>,
    /// All limits, replacing the present ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<TimeLimits>,
    /// Whether requests go directly to the source instead of to the managed gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passthrough: Option<bool>,
    /// Grants the origin although it is private or loopback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_private: Option<bool>,
    /// Whether new models start enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_models: Option<NewModels>,
}
