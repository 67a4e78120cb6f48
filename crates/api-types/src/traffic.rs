//! Traffic: how many requests went where in the last hour or day.

use serde::{Deserialize, Serialize};

/// `GET /api/v1/traffic`: the traffic of a window, busiest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Traffic {
    /// One row for each agent, provider, source, model or kind with traffic.
    pub items: Vec<TrafficItem>,
}

/// The traffic of one agent, provider, source, model or kind. Of an agent, requests are counted; of
/// the others, attempts, so that a request that used its fallback counts at both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrafficItem {
    /// Whose it is.
    pub key: String,
    /// How many there were.
    pub requests: u64,
    /// How many of them failed: with an error status, without an answer, or broken off. Requests
    /// whose caller left are not among them.
    pub failed: u64,
    /// Tokens of prompts, as far as answers say.
    pub tokens_in: u64,
    /// Tokens of answers, as far as answers say.
    pub tokens_out: u64,
    /// The median time until the upstream began to answer, in milliseconds; null without an answer.
    /// This and the other percentiles are at most 5 % off.
    pub first_byte_p50: Option<u64>,
    /// The time within which 95 % of the answers began, in milliseconds.
    pub first_byte_p95: Option<u64>,
    /// The median time to the end, in milliseconds.
    pub total_p50: Option<u64>,
    /// The time within which 95 % ended, in milliseconds.
    pub total_p95: Option<u64>,
}
