//! Providers: gateways and direct providers, as the Models page shows them.

use crate::OutcomeRecord;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use waypost_routing::catalog::{Layer, ProviderKind};
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::Provenanced;

/// `GET /api/v1/providers`: every provider in force, and what is wrong with the providers file.
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
    /// The layer that gives the entry in force.
    pub layer: Layer,
    /// The effective base URL and where it comes from.
    pub base_url: Provenanced,
    /// What the entry says, where the environment puts another base URL in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_base_url: Option<String>,
    /// Why the effective base URL cannot be used, where the environment gives a bad one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url_problem: Option<String>,
    /// The environment variable its key may come from.
    pub api_key_env: Option<String>,
    /// Headers that every request carries. Not secret.
    pub default_headers: BTreeMap<String, String>,
    /// Where a person reads about it and finds a key.
    pub docs: Option<String>,
    /// Models worth naming before the first refresh.
    pub notable_models: Vec<String>,
    /// What the entry in force replaced.
    pub replaces: Option<Replaced>,
    /// Whether it has a key, and from where.
    pub key: KeyView,
    /// Why the environment variable that the entry names may not be sent to its origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_problem: Option<String>,
    /// Whether the origin may be called although it is private or loopback.
    pub allow_private: bool,
    /// What becomes of models that a refresh finds for the first time.
    pub new_models: NewModels,
    /// How many models it has.
    pub models: ModelCounts,
    /// The outcome of the last refresh.
    pub last_refresh: Option<OutcomeRecord>,
    /// The outcome of the last test of what is saved; tests of a draft leave no trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_test: Option<OutcomeRecord>,
    /// Whether a refresh runs now.
    pub refreshing: bool,
    /// Whether it is the managed gateway.
    pub managed: bool,
    /// Errors and warnings of the providers file under this name. An error blocks the name.
    pub problems: Vec<FileProblem>,
    /// Which version of what is stored this is; it rises with every change.
    #[serde(default)]
    pub version: u64,
}

/// The entry of a lower layer that is out of force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replaced {
    /// Its layer.
    pub layer: Layer,
    /// Its base URL.
    pub base_url: String,
    /// Headers that it set and the entry in force does not.
    pub lost_headers: Vec<String>,
}

/// Whether a provider or source has a key, and what may be said of it.
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
    /// The last four characters of the stored key, where it is long enough to show them.
    pub hint: Option<String>,
    /// When the stored key was entered, in Unix seconds.
    pub set_at: Option<i64>,
    /// The origin the stored key was entered for.
    pub bound_origin: Option<String>,
}

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// There is one and it may be sent to the effective origin.
    Configured,
    /// There is none.
    Missing,
    /// The secrets backend does not answer.
    Unknown,
    /// There is one, entered for another origin; it is not sent until it is entered again.
    NeedsReentry,
}

/// How many models an owner has in the catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelCounts {
    /// Switched on.
    pub enabled: u64,
    /// All, absent ones included.
    pub total: u64,
    /// No longer listed.
    pub absent: u64,
}

/// What becomes of models that a refresh finds for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NewModels {
    /// What Settings says.
    #[default]
    Inherit,
    /// They start enabled.
    Enabled,
    /// They start disabled.
    Disabled,
}

/// How grave a problem of the providers file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileSeverity {
    /// The entry, or the whole file, is not loaded.
    Error,
    /// It is loaded all the same.
    Warning,
}

/// A problem of the providers file, where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileProblem {
    /// How grave it is.
    pub severity: FileSeverity,
    /// The entry's name; absent where the whole file is at fault.
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

/// `POST /api/v1/providers`: a gateway or provider of the workspace, or an override of a lower
/// layer's entry of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderDraft {
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
    /// Where a person finds a key.
    #[serde(default)]
    pub docs: Option<String>,
    /// Grants the origin although it is private or loopback.
    #[serde(default)]
    pub allow_private: bool,
    /// What becomes of new models.
    #[serde(default)]
    pub new_models: NewModels,
}

/// `PATCH /api/v1/providers/{name}`. An absent field stays as it is. Of an entry that is not the
/// workspace's, only `new_models` can be changed.
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
    /// All default headers, replacing those there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_headers: Option<BTreeMap<String, String>>,
    /// Where a person finds a key; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// Grants the origin although it is private or loopback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_private: Option<bool>,
    /// What becomes of new models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_models: Option<NewModels>,
}
