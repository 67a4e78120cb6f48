//! Settings of the workspace.

use crate::FileProblem;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/settings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsView {
    /// The gateway that takes every request no other rule takes.
    pub managed_gateway: String,
    /// Whether models that a refresh finds for the first time start disabled.
    pub new_models_start_disabled: bool,
    /// Which secrets backend is in use.
    pub secrets: SecretsView,
    /// The providers file and what is wrong with it.
    pub providers_file: ProvidersFileView,
    /// The directory that holds the database.
    pub data_dir: String,
    /// The control plane's version.
    pub version: String,
    /// Whether the sample workspace is installed.
    pub sample: bool,
    /// Which revision of the settings that can be changed this is; it rises with every change.
    #[serde(default)]
    pub revision: u64,
}

/// `GET /api/v1/sample`: what of the sample workspace is in place, and would go with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SampleView {
    /// The slugs of its custom sources.
    pub sources: Vec<String>,
    /// The names of its agents.
    pub agents: Vec<String>,
}

/// `PATCH /api/v1/settings`. An absent field stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsPatch {
    /// A gateway of the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_gateway: Option<String>,
    /// Whether models that a refresh finds for the first time start disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_models_start_disabled: Option<bool>,
}

/// The secrets backend in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretsView {
    /// Which one, as recorded at first start.
    pub backend: SecretsBackendKind,
    /// Whether it answers now.
    pub available: bool,
    /// Where it is and what it does and does not protect, in plain words.
    pub description: String,
    /// Why it does not answer, where it does not.
    pub problem: Option<String>,
}

/// A kind of secrets backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SecretsBackend))]
#[serde(rename_all = "snake_case")]
pub enum SecretsBackendKind {
    /// The operating system's keychain.
    Keychain,
    /// An encrypted file in the data directory.
    File,
}

impl SecretsBackendKind {
    /// The name on the wire, in the database and for `--secrets`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::File => "file",
        }
    }

    /// What a person reads: "stored in the …".
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::File => "encrypted file",
        }
    }
}

/// The providers file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvidersFileView {
    /// The path that is read and watched.
    pub path: String,
    /// What became of the last reading.
    pub state: ProvidersFileState,
    /// How many entries of it are loaded.
    pub entry_count: u64,
    /// When it was last read, in Unix seconds.
    pub read_at: Option<i64>,
    /// Errors and warnings.
    pub problems: Vec<FileProblem>,
}

/// What became of the last reading of the providers file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProvidersFileState {
    /// There is no such file, which is no fault.
    Missing,
    /// It was read; single entries may still be at fault.
    Loaded,
    /// The whole file is at fault and nothing was loaded before.
    Failed,
    /// The whole file is at fault; the entries that were last read well are kept.
    KeptLastGood,
}
