//! The state that a routing table is built from, without a single secret.

use crate::agent::Agent;
use crate::catalog::{BlockedName, ProviderEntry};
use crate::env_grant::EnvGrant;
use crate::source::SourceEntry;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A state of the organisation's configuration, as `GET /api/v1/snapshot` sends it and the
/// browser resolves from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// The gateway that takes every request no other rule takes.
    pub managed_gateway: String,
    /// The organisation's default model ref.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_model: Option<String>,
    /// Whether forwarding refuses bodies with a field that a gateway may route by.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refuse_body_routing: bool,
    /// Every entry of every layer; the highest layer of a name is effective.
    #[serde(default)]
    pub providers: Vec<ProviderEntry>,
    /// Names that faulty entries of the providers file have blocked.
    #[serde(default)]
    pub blocked: Vec<BlockedName>,
    /// The custom sources.
    #[serde(default)]
    pub sources: Vec<SourceEntry>,
    /// What the process environment says.
    #[serde(default)]
    pub environment: EnvironmentState,
    /// What the secrets backend holds.
    #[serde(default)]
    pub secrets: SecretStates,
    /// The models that are not plainly enabled, and those that [`crate::model_id::must_be_known`].
    /// All others route without remark.
    #[serde(default)]
    pub models: Vec<ModelEntry>,
    /// The agents, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<Agent>,
    /// Providers and sources that a scenario takes down. It is no fact, so that it never goes over
    /// the wire.
    #[serde(skip)]
    pub down: BTreeSet<String>,
    /// The origins whose addresses may be private: what the operator configures and administrators
    /// confirmed for providers and sources. Those of an agent are its own.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub granted_origins: BTreeSet<String>,
}

/// What the process environment says, as far as routing asks it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnvironmentState {
    /// The names of variables that are set to something that is not blank. Never their values.
    #[serde(default)]
    pub set: BTreeSet<String>,
    /// Variables whose value is not a key, each with the reason. They are not in `set`. Never their
    /// values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unusable: BTreeMap<String, String>,
    /// The values of the `<NAME>_BASE_URL` variables, which are not secret, as they are set.
    #[serde(default)]
    pub base_urls: BTreeMap<String, String>,
    /// What the operator allows beyond the use that the built-in catalog and the providers file
    /// make of variables: `NAME[@ORIGIN]`, with a trailing `*` for the rest of a name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub grants: Vec<EnvGrant>,
    /// True on the command line, which runs in its caller's environment: every variable may go
    /// anywhere. Never serialised.
    #[serde(skip)]
    pub is_callers_own: bool,
}

impl EnvironmentState {
    /// Whether the operator allows a variable to be sent to an origin, in any entry or agent.
    #[must_use]
    pub fn grants(&self, variable: &str, origin: &str) -> bool {
        self.is_callers_own
            || self
                .grants
                .iter()
                .any(|grant| grant.allows(variable, origin))
    }
}

/// What the secrets backend holds: names and the origins they are bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretStates {
    /// True where the backend does not answer, so that every state is unknown.
    #[serde(default)]
    pub unavailable: bool,
    /// Each stored secret with the origin it was entered for. An empty origin stands for "any",
    /// which only the command line's `--secret` says.
    #[serde(default)]
    pub stored: BTreeMap<String, String>,
    /// Stored secrets of which it is not known whether the backend still has the value, although it
    /// answers for others. They are in `stored` too.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown: BTreeSet<String>,
    /// Secrets that are configured and whose value the backend does not have. They must be entered
    /// again; nothing else is sent in their place, and no request goes out without them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub missing: BTreeSet<String>,
}

impl SecretStates {
    /// Takes a secret for stored, for this origin.
    pub fn put(&mut self, name: &str, origin: String) {
        self.remove(name);
        self.stored.insert(name.to_owned(), origin);
    }

    /// Takes a secret for not configured.
    pub fn remove(&mut self, name: &str) {
        self.stored.remove(name);
        self.unknown.remove(name);
        self.missing.remove(name);
    }

    /// Whether everything that is known about this secret is the same in `other`.
    #[must_use]
    pub(crate) fn agree_on(&self, name: &str, other: &Self) -> bool {
        // Every field is named, so that one that is added is not forgotten here.
        let Self {
            unavailable,
            stored,
            unknown,
            missing,
        } = self;
        *unavailable == other.unavailable
            && stored.get(name) == other.stored.get(name)
            && unknown.contains(name) == other.unknown.contains(name)
            && missing.contains(name) == other.missing.contains(name)
    }
}

/// A model that is switched off, no longer listed, or has an id that routing must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelEntry {
    /// The provider's name or the source's slug.
    pub owner: String,
    /// The model's id there.
    pub id: String,
    /// Whether an administrator lets it be used.
    pub enabled: bool,
    /// Whether the last good refresh no longer listed it.
    pub absent: bool,
}
