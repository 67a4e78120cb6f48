//! The catalog: providers in three layers, and the effective entry of each name.

mod effective;
mod name;

pub use effective::Catalog;
pub use name::{
    NameError, base_url_variables, check_file_name, check_name, check_variable_name,
    slug_from_label, slug_of_label,
};

use crate::time_limits::TimeLimits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What kind of provider an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Many upstreams behind one key.
    Gateway,
    /// One upstream: a direct provider.
    #[default]
    OpenaiCompatible,
}

impl ProviderKind {
    /// The name on the wire and in the providers file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::OpenaiCompatible => "openai_compatible",
        }
    }
}

/// Where an entry comes from. Ordered: a greater layer replaces a lesser one whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// Embedded in the program.
    Builtin,
    /// The providers file of the machine.
    UserLocal,
    /// Added in the dashboard.
    Workspace,
}

impl Layer {
    /// The name on the wire, also the `from` of a value that the layer gives.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::UserLocal => "user-local",
            Self::Workspace => "workspace",
        }
    }
}

/// One provider of one layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderEntry {
    /// The name used as the first segment of a ref.
    pub name: String,
    /// Gateway or direct provider.
    pub kind: ProviderKind,
    /// The layer that gives the entry.
    pub layer: Layer,
    /// The normalised base URL, without a trailing slash.
    pub base_url: String,
    /// The environment variable its key may come from. Only workspace entries may do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
    /// Headers that every request carries, by name as written. Not secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub default_headers: BTreeMap<String, String>,
    /// Headers of the caller that are passed on, beside those that always are: lower-case names,
    /// sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_headers: Vec<String>,
    /// How long its requests may take, where that differs from the others.
    #[serde(default, skip_serializing_if = "TimeLimits::is_empty")]
    pub limits: TimeLimits,
    /// Where a person reads about it and finds a key: an http(s) URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// Models worth naming before the first refresh.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notable_models: Vec<String>,
}

/// A name that a faulty entry of the providers file has blocked: a ref to it is rejected with the
/// entry's code and falls neither to the managed gateway nor to a lower layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockedName {
    /// The entry's name.
    pub name: String,
    /// The code of its first error.
    pub code: String,
    /// That error, for a person.
    pub message: String,
}
