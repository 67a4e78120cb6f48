//! What an administrator configures, with the version of each row.

use std::collections::BTreeMap;
use waypost_routing::catalog::ProviderEntry;
use waypost_routing::time_limits::TimeLimits;
use waypost_routing::vocabulary::NewModels;

/// Settings, providers and sources of one moment, each with the version it had then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The settings and the default model.
    pub settings: StoredSettings,
    /// The providers of the workspace, by name.
    pub providers: Vec<StoredProvider>,
    /// The custom sources, by slug.
    pub sources: Vec<StoredSource>,
    /// The versions of providers of every layer; one that was never edited is not listed.
    pub provider_versions: BTreeMap<String, u64>,
    /// The owners whose policy for new models differs from the settings.
    pub new_models: BTreeMap<String, NewModels>,
    /// The owners that have a previous key, each with the time until which it is kept.
    pub previous_keys: BTreeMap<String, i64>,
    /// Whether the sample workspace is installed.
    pub sample_installed: bool,
}

impl Configuration {
    /// The version of a provider; zero if it was never edited.
    #[must_use]
    pub fn provider_version(&self, name: &str) -> u64 {
        self.provider_versions.get(name).copied().unwrap_or(0)
    }

    /// The source with this slug.
    #[must_use]
    pub fn source(&self, slug: &str) -> Option<&StoredSource> {
        self.sources.iter().find(|source| source.slug == slug)
    }

    /// The provider of the workspace with this name.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&StoredProvider> {
        self.providers
            .iter()
            .find(|provider| provider.entry.name == name)
    }
}

/// The settings, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSettings {
    /// The gateway that takes every request no other rule takes.
    pub managed_gateway: String,
    /// Whether models that a refresh finds for the first time start disabled.
    pub new_models_start_disabled: bool,
    /// Whether forwarding refuses bodies with a field that a gateway may route by.
    pub refuse_body_routing: bool,
    /// The organisation's default model ref.
    pub default_model: Option<String>,
    /// The version of the settings, without the default model.
    pub version: u64,
    /// The version of the default model.
    pub default_model_version: u64,
}

/// A provider of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProvider {
    /// A number that no later provider of this name has. Zero before it is stored.
    pub id: i64,
    /// The entry, of layer `workspace`.
    pub entry: ProviderEntry,
    /// Whether its origin may be called although it is private.
    pub allow_private: bool,
}

/// A custom source, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredSource {
    /// A number that no later source has. Zero before it is stored.
    pub id: i64,
    /// The first segment of the refs to its models.
    pub slug: String,
    /// The readable label.
    pub name: String,
    /// The base URL as typed.
    pub base_url: String,
    /// The header that carries the auth value; `None` means `Authorization: Bearer <value>`.
    pub auth_header: Option<String>,
    /// The names of the static headers, in lower case. Their values are one secret.
    pub header_names: Vec<String>,
    /// Headers of the caller that are passed on, in lower case.
    pub pass_headers: Vec<String>,
    /// How long its requests may take, where that differs from the others.
    pub limits: TimeLimits,
    /// Whether refs to it go straight there.
    pub passthrough: bool,
    /// Whether its origin may be called although it is private.
    pub allow_private: bool,
    /// Its version. Writes ignore it: recording the edit raises it.
    pub version: u64,
}
