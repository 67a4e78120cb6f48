//! Who uses what, and whose requests a change would change.

use serde::{Deserialize, Serialize};
use waypost_routing::impact::ChangeKind;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::Rejection;
use waypost_routing::used_by::ModelUse;

/// `GET /api/v1/used-by`: the agents and subagents that use something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsedBy {
    /// The uses, by agent and subagent, up to the limit.
    pub items: Vec<ModelUse>,
    /// How many uses there are.
    pub total: u64,
    /// How many agents there are among the users.
    pub agents: u64,
}

/// Body of `POST /api/v1/impact`: changes that are not saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ImpactInput {
    /// Changes to the configuration, in the form that a scenario's address has, such as
    /// `key:litellm=missing` or `removed:openrouter`.
    #[serde(default)]
    pub changes: Vec<String>,
    /// A model to replace in agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<ReplaceModelInput>,
}

/// The answer to [`ImpactInput`]: the agents and subagents whose primary would go another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImpactReport {
    /// The newly unroutable ones, then those with another origin, then those with another
    /// credential, then the rest, each by name, up to 1,000.
    pub items: Vec<ImpactItem>,
    /// How many there are.
    pub total: u64,
    /// How many would become unroutable.
    pub unroutable: u64,
}

/// An agent or subagent whose primary would go another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImpactItem {
    /// The agent's name.
    pub agent: String,
    /// The subagent's alias; null for the agent itself.
    pub subagent: Option<String>,
    /// What differs, as far as it matters most.
    pub kind: ChangeKind,
    /// Where its primary goes now.
    pub before: RouteSummary,
    /// Where its primary would go.
    pub after: RouteSummary,
}

/// Where a request goes, in short. `POST /api/v1/route` explains it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouteSummary {
    /// The model string that is sent to Waypost.
    #[serde(rename = "ref")]
    pub model_ref: String,
    /// The provider's name or the source's slug.
    pub provider: Option<String>,
    /// The effective base URL.
    pub base_url: Option<String>,
    /// The value of `model` in the request to the upstream.
    pub wire_model: Option<String>,
    /// Where the credential comes from: `secret:<name>` or `env:<VAR>`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub credential: Option<Provenance>,
    /// Why the request cannot be sent; null if it can.
    pub error: Option<Rejection>,
}

/// Body of `POST /api/v1/models/replace`, which replaces a model in the documents of agents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplaceModelInput {
    /// The ref to replace. Primaries, fallbacks and entries of `allow` that are exactly this ref
    /// change.
    pub from: String,
    /// The ref in its place.
    pub to: String,
    /// The agents; at most 10,000.
    pub agents: Vec<AgentVersion>,
}

/// An agent to edit, in the version that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AgentVersion {
    /// The agent's name.
    pub name: String,
    /// The version that was seen; absent for whichever there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// The answer to [`ReplaceModelInput`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplacedModel {
    /// The changed agents, in the order of the request.
    pub items: Vec<ReplacedIn>,
    /// Undoes all of it.
    pub undo: crate::UndoTicket,
}

/// An agent in which a model was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplacedIn {
    /// The agent's name.
    pub agent: String,
    /// Its new version.
    pub version: u64,
    /// The places that changed.
    pub places: Vec<ReplacedPlace>,
}

/// A place in an agent's document at which a model was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplacedPlace {
    /// The subagent's alias; null for the agent itself.
    pub subagent: Option<String>,
    /// `primary`, `fallback` or `allow`.
    pub field: String,
    /// The ref before.
    pub before: String,
    /// The ref now.
    pub after: String,
}
