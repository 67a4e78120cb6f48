//! Custom sources.

use crate::{KeyView, ModelCounts, NewModels, OutcomeRecord};
use serde::{Deserialize, Serialize};

/// A custom source, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceView {
    /// The first segment of the refs to its models.
    pub slug: String,
    /// The readable label.
    pub name: String,
    /// The base URL as typed; empty where none was given yet.
    pub base_url: String,
    /// The header that carries the auth value; null means `Authorization: Bearer <value>`.
    pub auth_header: Option<String>,
    /// The names of its static headers. Their values are secrets.
    pub header_names: Vec<String>,
    /// Whether refs to it go straight there.
    pub passthrough: bool,
    /// Whether the origin may be called although it is private or loopback.
    pub allow_private: bool,
    /// What becomes of models that a refresh finds for the first time.
    pub new_models: NewModels,
    /// Whether it has an auth value. `missing` is no fault: keyless endpoints exist.
    pub key: KeyView,
    /// How many models it has.
    pub models: ModelCounts,
    /// The outcome of the last refresh.
    pub last_refresh: Option<OutcomeRecord>,
    /// The outcome of the last test of what is saved; tests of a draft leave no trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_test: Option<OutcomeRecord>,
    /// Whether a refresh runs now.
    pub refreshing: bool,
    /// A problem with its name: an entry of the providers file has taken it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Which version of what is stored this is; it rises with every change.
    #[serde(default)]
    pub version: u64,
}

/// `POST /api/v1/sources`, less the secrets: the body may also carry `auth_value` (a string) and
/// `headers` (an object of strings). `/sources/test` takes the same; with a `slug`, what is absent
/// there is as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceDraft {
    /// The readable label.
    pub name: String,
    /// The slug; made from the name where absent. For a test: the stored source that is edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The base URL as typed.
    #[serde(default)]
    pub base_url: String,
    /// The header that carries the auth value; blank means `Authorization`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_header: Option<String>,
    /// Whether refs to it go straight there.
    #[serde(default)]
    pub passthrough: bool,
    /// Grants the origin although it is private or loopback.
    #[serde(default)]
    pub allow_private: bool,
    /// What becomes of new models.
    #[serde(default)]
    pub new_models: NewModels,
}

/// `PATCH /api/v1/sources/{slug}`, less the secrets: the body may also carry `auth_value` and
/// `headers`, where null or an empty string clears. An absent field stays as it is.
/// `POST …/test` takes the same as a draft.
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
    /// Whether refs to it go straight there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passthrough: Option<bool>,
    /// Grants the origin although it is private or loopback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_private: Option<bool>,
    /// What becomes of new models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_models: Option<NewModels>,
}
