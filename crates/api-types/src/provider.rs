//! Providers: gateways and direct providers, as the Models page shows them.

use crate::{OutcomeRecord, Verification};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use waypost_routing::catalog::{Layer, ProviderKind};
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::Provenanced;
use waypost_routing::time_limits::TimeLimits;
use waypost_routing::vocabulary::NewModels;

/// `GET /api/v1/providers`: all providers, and the problems of the providers file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvidersPage {
    /// The providers, by name.
    pub items: Vec<ProviderView>,
    /// Always null: the list is short.
    pub next_cursor: Option<String>,
    /// Errors and warnings of the providers file.
    pub problems: Vec<FileProblem>,
}

/// A provider with its effective values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderView {
    /// The first segment of the refs to its models.
    pub name: String,
    /// Gateway or direct provider.
    pub kind: ProviderKind,
    /// The layer of the effective entry.
    pub layer: Layer,
    /// The effective base URL and where it comes from.
    pub base_url: Provenanced,
    /// The entry's own base URL, if the environment overrides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_base_url: Option<String>,
    /// Why the effective base URL cannot be used, if the environment sets an invalid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url_problem: Option<String>,
    /// The environment variable its key may come from.
    pub api_key_env: Option<String>,
    /// Headers that every request carries. Not secret.
    pub default_headers: BTreeMap<String, String>,
    /// Headers of the caller that are passed on, beside those that always are: lower-case names,
    /// sorted. Absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_headers: Vec<String>,
    /// How long its requests may take, where that differs from the others. Absent where there is none.
    #[serde(default, skip_serializing_if = "TimeLimits::is_empty")]
    pub limits: TimeLimits,
    /// The URL of its documentation, where an administrator finds a key.
    pub docs: Option<String>,
    /// Models worth naming before the first refresh.
    pub notable_models: Vec<String>,
    /// The entry of a lower layer that the effective one replaces.
    pub replaces: Option<Replaced>,
    /// Whether it has a key, and where the key comes from.
    pub key: KeyView,
    /// What is known about the credential that requests carry now.
    #[serde(default)]
    pub verification: Verification,
    /// Why the environment variable that the entry names is not used: it may not be sent to this
    /// origin, or its value is not a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_problem: Option<String>,
    /// Whether the origin may be called although it is private or loopback.
    pub allow_private: bool,
    /// Whether new models start enabled.
    pub new_models: NewModels,
    /// How many models it has.
    pub models: ModelCounts,
    /// The outcome of the last refresh.
    pub last_refresh: Option<OutcomeRecord>,
    /// The outcome of the last test of the saved provider. Tests of unsaved input are not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_test: Option<OutcomeRecord>,
    /// Whether a refresh runs now.
    pub refreshing: bool,
    /// How many agents use it: a primary or fallback of theirs names it or goes to it.
    #[serde(default)]
    pub used_by: u64,
    /// Whether it is the managed gateway.
    pub managed: bool,
    /// Errors and warnings of the providers file under this name. An error blocks the name.
    pub problems: Vec<FileProblem>,
    /// The version, raised by every edit.
    #[serde(default)]
    pub version: u64,
}

/// A replaced entry of a lower layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replaced {
    /// Its layer.
    pub layer: Layer,
    /// Its base URL.
    pub base_url: String,
    /// Headers that it sets and the effective entry does not.
    pub lost_headers: Vec<String>,
}

/// The state of a provider's or source's key, and what may be shown of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyView {
    /// The state.
    pub state: KeyState,
    /// Where the key that is used comes from: `secret:<name>` or `env:<VAR>`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub from: Option<Provenance>,
    /// The name under which a key entered now is stored, `<name>/api-key` for a provider.
    pub secret_name: String,
    /// The last four characters of the stored key, if it is long enough to show them.
    pub hint: Option<String>,
    /// When the stored key was entered, in Unix seconds.
    pub set_at: Option<i64>,
    /// The origin the stored key was entered for.
    pub bound_origin: Option<String>,
    /// The key that is staged to replace the stored one.
    #[serde(default)]
    pub next: Option<StagedKey>,
    /// The key that the stored one replaced, as long as it can be switched back to.
    #[serde(default)]
    pub previous: Option<PreviousKey>,
}

/// A key that is stored beside the one in use. Requests do not carry it before the switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StagedKey {
    /// When it was entered, in Unix seconds.
    pub set_at: i64,
    /// Its last four characters, if it is long enough to show them.
    pub hint: Option<String>,
    /// What is known about it.
    pub verification: Verification,
}

/// A key that was replaced and is kept for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviousKey {
    /// When it is destroyed, in Unix seconds.
    pub until: i64,
    /// Its last four characters, if it is long enough to show them.
    pub hint: Option<String>,
}

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// There is a key, and it may be sent to the effective origin.
    Configured,
    /// There is no key.
    Missing,
    /// The secrets backend is not responding.
    Unknown,
    /// The key was entered for another origin; it is not sent until it is entered again.
    NeedsReentry,
}

/// How many models an owner has in the catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelCounts {
    /// Enabled.
    pub enabled: u64,
    /// All, including absent ones.
    pub total: u64,
    /// No longer listed.
    pub absent: u64,
}

/// The severity of a problem in the providers file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileSeverity {
    /// The entry, or the whole file, is not loaded.
    Error,
    /// It is loaded anyway.
    Warning,
}

/// A problem in the providers file, with its position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileProblem {
    /// The severity.
    pub severity: FileSeverity,
    /// The entry's name; absent if the problem concerns the whole file.
    pub entry: Option<String>,
    /// A stable code, such as `invalid_base_url`.
    pub code: String,
    /// What is wrong, for a person.
    pub message: String,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
}

/// Body of `POST /api/v1/providers`: a gateway or direct provider of the workspace. It replaces a
/// lower layer's entry of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderInput {
    /// The name.
    pub name: String,
    /// Gateway or direct provider.
    pub kind: ProviderKind,
    /// The base URL as typed.
    pub base_url: String,
    /// The environment variable its key may come from.
    #[serde(default)]
    pub api_key_env: Option<String>,
    /// Headers that every request carries. Not secret.
    #[serde(default)]
    pub default_headers: BTreeMap<String, String>,
    /// Headers of the caller that are passed on, beside those that always are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_headers: Vec<String>,
    /// How long its requests may take, where that differs from the others. Absent where there is none.
    #[serde(default, skip_serializing_if = "TimeLimits::is_empty")]
    pub limits: TimeLimits,
    /// The URL of a page that says where to find a key.
    #[serde(default)]
    pub docs: Option<String>,
    /// Grants the origin although it is private or loopback.
    #[serde(default)]
    pub allow_private: bool,
    /// Whether new models start enabled.
    #[serde(default)]
    pub new_models: NewModels,
}

/// Body of `PATCH /api/v1/providers/{name}`. Absent fields stay unchanged. For an entry outside the
/// workspace, only `new_models` can be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderPatch {
    /// Gateway or direct provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProviderKind>,
    /// The base URL as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The environment variable its key may come from; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
    /// All default headers, replacing the present ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_headers: Option<BTreeMap<String, String>>,
    /// All headers of the caller that are passed on beside those that always are, replacing the
    /// present ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass_headers: Option<Vec<String>>,
    /// All limits, replacing the present ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<TimeLimits>,
    /// The URL of a page that says where to find a key; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// Grants the origin although it is private or loopback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_private: Option<bool>,
    /// Whether new models start enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_models: Option<NewModels>,
}
