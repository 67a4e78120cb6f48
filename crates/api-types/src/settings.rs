//! Settings of the workspace.

use crate::FileProblem;
use serde::{Deserialize, Serialize};
use waypost_routing::vocabulary::SecretsBackendKind;

/// `GET /api/v1/settings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsView {
    /// The gateway for requests that no other rule takes.
    pub managed_gateway: String,
    /// Whether new models start disabled.
    pub new_models_start_disabled: bool,
    /// Whether forwarding refuses bodies with `models`, `provider` or `fallbacks`, with which a gateway
    /// may choose another model.
    #[serde(default)]
    pub refuse_body_routing: bool,
    /// Which secrets backend is in use.
    pub secrets: SecretsView,
    /// The providers file and its problems.
    pub providers_file: ProvidersFileView,
    /// The directory that holds the database, if that is SQLite, and what else is kept in files.
    pub data_dir: String,
    /// The database in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseView>,
    /// The time limits of requests to a provider or source that sets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_limits: Option<DefaultTimeLimits>,
    /// The control plane's version.
    pub version: String,
    /// Whether inference requests are forwarded: not with `--no-forwarding`.
    #[serde(default = "yes")]
    pub forwards: bool,
    /// The port where inference requests are served, if it is not the dashboard's.
    #[serde(default)]
    pub inference_port: Option<u16>,
    /// Whether the sample workspace is installed.
    pub sample: bool,
    /// How many agents there are.
    #[serde(default)]
    pub agent_count: u64,
    /// The version of the editable settings, raised by every edit. The name `version` is that of the
    /// program here, and clients read both.
    #[serde(default)]
    pub revision: u64,
}

/// What an older control plane does, which does not say.
fn yes() -> bool {
    true
}

/// `GET /api/v1/sample`: the installed parts of the sample workspace, which removing it deletes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SampleView {
    /// The slugs of its custom sources.
    pub sources: Vec<String>,
    /// The names of its agents.
    pub agents: Vec<String>,
}

/// Body of `PATCH /api/v1/settings`. Absent fields stay unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsPatch {
    /// A gateway of the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_gateway: Option<String>,
    /// Whether new models start disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_models_start_disabled: Option<bool>,
    /// Whether forwarding refuses bodies with a field that a gateway may route by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse_body_routing: Option<bool>,
}

/// The database in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatabaseView {
    /// `SQLite` or `PostgreSQL`.
    pub product: String,
    /// Its version when Waypost started.
    pub version: String,
    /// Where it is: the path of a file, or `host:port/database`.
    pub place: String,
    /// Why changes cannot be saved, where they cannot.
    pub problem: Option<String>,
}

/// The time limits that options of `waypost serve` set, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DefaultTimeLimits {
    /// For connecting, name lookup and TLS included.
    pub connect_ms: u64,
    /// Until an upstream begins to answer.
    pub first_byte_ms: u64,
    /// Between two bytes of an answer.
    pub idle_ms: u64,
    /// For an answer that is not a stream of events, from the request on.
    pub answer_ms: u64,
}

/// The secrets backend in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretsView {
    /// The kind of backend, as recorded at first start.
    pub backend: SecretsBackendKind,
    /// Whether it answers now.
    pub available: bool,
    /// Where it is and what it does and does not protect, in plain words.
    pub description: String,
    /// Why it does not answer, where it does not.
    pub problem: Option<String>,
    /// The connection to it, if it is on the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<RemoteBackendView>,
}

/// The connection to a secrets backend on the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemoteBackendView {
    /// Its address.
    pub address: String,
    /// The namespace in it, if there are namespaces.
    pub namespace: Option<String>,
    /// Where in it the secrets are.
    pub path: String,
    /// How Waypost signs in to it, such as `approle`.
    pub login: String,
    /// When the current login expires, in Unix seconds; null if it does not, or before the first one.
    pub expires_at: Option<i64>,
    /// The last call that failed since the start.
    pub last_error: Option<LastErrorView>,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastErrorView {
    /// Why, in plain words.
    pub message: String,
    /// When, in Unix seconds.
    pub at: i64,
}

/// The providers file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvidersFileView {
    /// The path that is read and watched.
    pub path: String,
    /// The result of the last read.
    pub state: ProvidersFileState,
    /// How many of its entries are loaded.
    pub entry_count: u64,
    /// When it was last read, in Unix seconds.
    pub read_at: Option<i64>,
    /// Errors and warnings.
    pub problems: Vec<FileProblem>,
}

/// The result of the last read of the providers file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProvidersFileState {
    /// The file does not exist. It is optional.
    Missing,
    /// It was read; single entries may still be invalid.
    Loaded,
    /// The file is invalid and nothing was loaded before.
    Failed,
    /// The file is invalid; the entries of its last valid version are kept.
    KeptLastGood,
}
