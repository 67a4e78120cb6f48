//! Words about forwarded requests.

use serde::{Deserialize, Serialize};

/// How a forwarded request ended. The `outcome` filter takes the same values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestOutcome {
    /// The upstream's answer was passed on completely, with a status below 400.
    Ok,
    /// The upstream answered with an error, which was passed on completely: by its status, or inside an
    /// answer with status 200.
    UpstreamError,
    /// Waypost refused the request with a status below 500, such as a model without a route. Nothing
    /// was passed on.
    Refused,
    /// Waypost could not get an answer from the upstream, or it broke off.
    Failed,
    /// The caller left before the end.
    Cancelled,
}

impl RequestOutcome {
    /// Every outcome, in the order in which a chooser lists them.
    pub const ALL: [Self; 5] = [
        Self::Ok,
        Self::UpstreamError,
        Self::Refused,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The name on the wire and in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::UpstreamError => "upstream_error",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The outcome with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// The time that traffic is counted over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TrafficWindow {
    /// The last hour, from a full minute.
    #[serde(rename = "1h")]
    Hour,
    /// The last 24 hours, from a full quarter of an hour.
    #[serde(rename = "24h")]
    Day,
}

impl TrafficWindow {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
        }
    }

    /// The window with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Hour, Self::Day]
            .into_iter()
            .find(|window| window.name() == name)
    }
}

/// What traffic is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrafficBy {
    /// By the agent that sent a request, by its name at that time.
    Agent,
    /// By the gateway or direct provider that a request was sent to.
    Provider,
    /// By the custom source that a request was sent to, by its slug.
    Source,
    /// By the model at its provider or source: `<owner>/<wire model>`.
    Model,
    /// By the kind of the route.
    Kind,
}

impl TrafficBy {
    /// All of them, in the order of the document.
    pub const ALL: [Self; 5] = [
        Self::Agent,
        Self::Provider,
        Self::Source,
        Self::Model,
        Self::Kind,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Provider => "provider",
            Self::Source => "source",
            Self::Model => "model",
            Self::Kind => "kind",
        }
    }

    /// What has this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }
}
