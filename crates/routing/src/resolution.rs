//! What the resolver answers: one JSON value, the same from the browser, the API and the command
//! line. The field names are a contract.

use crate::provenance::Provenance;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The whole answer to "where would this request go?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resolution {
    /// The model string that was asked about, exactly as it was given.
    #[serde(rename = "ref")]
    pub model_ref: String,
    /// Whether the request has a route.
    pub outcome: Outcome,
    /// Why it has none; present exactly when `outcome` is `rejected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Rejection>,
    /// Where it goes. A rejected ref keeps as much of it as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// What an administrator should know although it routes.
    pub warnings: Vec<Warning>,
    /// The five rules in order, with what each said. Always five entries.
    pub trace: Vec<TraceEntry>,
    /// The resolution of the agent's fallback, where the ref is the agent's primary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub fallback: Option<Box<Resolution>>,
}

/// Whether a request has a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The route is complete.
    Routed,
    /// The request cannot be sent; `error` says why.
    Rejected,
}

/// Why a ref is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rejection {
    /// A stable code, such as `empty_segment` or `missing_api_key`.
    pub code: String,
    /// What happened, why, and what to do next, for a person.
    pub message: String,
    /// The half-open byte range of the offending part of the ref, where a part is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<[usize; 2]>,
}

/// What an administrator should know although the request routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warning {
    /// A stable code, such as `did_you_mean`.
    pub code: String,
    /// What to know, for a person.
    pub message: String,
    /// A whole replacement (a ref, a URL) where one is at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

/// All that is needed to send one request, apart from its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Route {
    /// Which kind of route it is.
    pub kind: RouteKind,
    /// The catalog name, the source's slug, or null where a base URL stands alone.
    pub provider: Option<String>,
    /// The effective base URL and where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<Provenanced>,
    /// The HTTP method.
    pub method: String,
    /// The complete operation URL; absent where no base URL is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The value of `model` in the request that is sent.
    pub wire_model: String,
    /// The headers that are sent, lower-case names, one value each, sorted by name.
    pub headers: Vec<RouteHeader>,
    /// The headers that are passed on if the caller sends them, lower-case names, sorted.
    /// `x-stainless-*` stands for every name that begins with `x-stainless-`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub caller_headers: Vec<Cow<'static, str>>,
    /// The credential; null for an endpoint that takes none.
    pub credential: Option<Credential>,
    /// The agent's advisory fallback policy for this gateway. Shown, not enforced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_policy: Option<String>,
}

/// The kind of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// A gateway, named by a ref of three segments.
    Gateway,
    /// A gateway, named by a ref of two segments.
    GatewayLegacy,
    /// A direct provider.
    Direct,
    /// Straight to an agent's own source or base URL.
    Passthrough,
    /// The managed gateway.
    Managed,
}

impl RouteKind {
    /// Every kind, in the order of the rules.
    pub const ALL: [Self; 5] = [
        Self::Passthrough,
        Self::Gateway,
        Self::GatewayLegacy,
        Self::Direct,
        Self::Managed,
    ];

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name on the wire, which is also the word shown beside the line's colour.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::GatewayLegacy => "gateway_legacy",
            Self::Direct => "direct",
            Self::Passthrough => "passthrough",
            Self::Managed => "managed",
        }
    }
}

/// A value with the place it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Provenanced {
    /// The value itself.
    pub value: String,
    /// `builtin`, `user-local`, `workspace`, `agent_yaml`, `source:<slug>`, `env:<VAR>`,
    /// `secret:<name>` or `waypost`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from: Provenance,
}

/// One header of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouteHeader {
    /// The lower-case name.
    pub name: String,
    /// The value, in which a secret stands as `{{secret:NAME}}` or `{{env:VAR}}`.
    pub value: String,
    /// Where the value comes from, in the vocabulary of [`Provenanced::from`].
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from: Provenance,
}

/// The credential of a route: where it was looked for and which place won.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credential {
    /// The place that is used: `env:<VAR>` or `secret:<name>`. Where none is present it is the
    /// place a key would be expected in first.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from: Provenance,
    /// The state of that place.
    pub state: CredentialState,
    /// Every place that was considered, in order of precedence.
    pub candidates: Vec<CredentialCandidate>,
}

/// One place that a credential could come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialCandidate {
    /// `env:<VAR>` or `secret:<name>`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from: Provenance,
    /// Whether a credential is there.
    pub state: CredentialState,
    /// True for the one that is used; absent otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chosen: bool,
    /// The origin the credential was entered for, where it is another one than the route's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// Whether a credential is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CredentialState {
    /// It is there and may be sent to this origin.
    Present,
    /// It is not there.
    Absent,
    /// The secrets backend is not responding.
    Unknown,
    /// It is there, but was entered for another origin and is not sent to this one.
    OtherOrigin,
}

/// What one rule said about the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TraceEntry {
    /// Which rule.
    pub rule: Rule,
    /// Whether it decided the route.
    pub held: bool,
    /// A stable reason code, such as `no_passthrough_model` or `not_reached`.
    pub reason: String,
    /// The reason in one sentence, for a person.
    pub message: String,
}

/// The five rules, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The model string is exactly that of a passthrough model of the agent.
    Passthrough,
    /// The ref names a gateway.
    Gateway,
    /// The ref names a direct provider.
    Direct,
    /// The ref names a custom source.
    Source,
    /// Everything else goes to the managed gateway.
    Managed,
}

impl Rule {
    /// Every rule, in the order in which they are tried.
    pub const ALL: [Self; 5] = [
        Self::Passthrough,
        Self::Gateway,
        Self::Direct,
        Self::Source,
        Self::Managed,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passthrough => "passthrough",
            Self::Gateway => "gateway",
            Self::Direct => "direct",
            Self::Source => "source",
            Self::Managed => "managed",
        }
    }
}
