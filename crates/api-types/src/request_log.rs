//! The request log: what is recorded of forwarded requests. Never prompts, answers, header values or
//! query strings.

use crate::Resolution;
use serde::{Deserialize, Serialize};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{RouteKind, Rule};
use waypost_routing::vocabulary::RequestOutcome;

/// How many words of a search count. Those after them are ignored.
pub const REQUEST_SEARCH_WORDS: usize = 8;

/// One page of `GET /api/v1/requests`, in the order in which the requests ended, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestsPage {
    /// The records of this page. A search reads a part of the log at a time, so that a page may have
    /// few records, or none, and still a `next_cursor`.
    pub items: Vec<RequestItem>,
    /// What to pass as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
    /// The highest number in the log: what to pass as `after` to `GET /api/v1/requests/live` for all
    /// that is not yet on this page. Numbers are consecutive; the first of a log is not 1, so that none
    /// is given twice when a log is made anew.
    pub latest: i64,
    /// Whether requests are being recorded.
    pub log: RequestLogStatus,
}

/// Whether requests are being recorded. The `log` event of the live stream has it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestLogStatus {
    /// The state.
    pub state: RequestLogState,
    /// What is wrong and what to do, for a person; null while the log works.
    pub message: Option<String>,
    /// How many records were dropped since this process started, because the log could not be written
    /// or not fast enough. The requests themselves were not affected.
    pub dropped: u64,
    /// After how many days a record is deleted.
    pub keep_days: u32,
    /// How many records are kept at most.
    pub keep_records: u64,
}

/// The state of the request log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestLogState {
    /// Requests are recorded.
    Ok,
    /// Waypost runs without a request log.
    Off,
    /// The log cannot be written or read at the moment. Requests are forwarded nevertheless.
    Failing,
}

/// A forwarded request, or one that Waypost answered itself. It is recorded when it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestItem {
    /// The number of the record; requests that ended later have higher ones.
    pub number: i64,
    /// The id that the caller got as `x-waypost-request-id`.
    pub id: String,
    /// When it was accepted, in Unix seconds.
    pub at: i64,
    /// The agent's name at that time; null if no valid token was sent.
    pub agent: Option<String>,
    /// The alias of the subagent that the model string names.
    pub subagent: Option<String>,
    /// The operation; null for an address that is not forwarded.
    pub operation: Option<Operation>,
    /// The model string of the body, cut after 512 bytes; null if there was none or it was not read.
    pub model: Option<String>,
    /// The kind of the route that was tried last; null if no rule takes the request.
    pub kind: Option<RouteKind>,
    /// The provider or source that was tried last.
    pub provider: Option<String>,
    /// The origin of that attempt.
    pub origin: Option<String>,
    /// The value of `model` in the request that was sent last.
    pub wire_model: Option<String>,
    /// How it ended.
    pub outcome: RequestOutcome,
    /// The status that the caller got; null if the caller left before there was one.
    pub status: Option<u16>,
    /// Why it did not end well: a stable code such as `connect_failed`, where there is one.
    pub code: Option<String>,
    /// Why the fallback was used: a code such as `status_503`; null if it was not.
    pub fallback: Option<String>,
    /// How many attempts there were, with those that were refused before anything was sent.
    pub attempts: u32,
    /// From acceptance until the upstream began to answer, in microseconds; null if none did.
    pub first_byte_us: Option<u64>,
    /// From acceptance to the end, in microseconds.
    pub total_us: u64,
    /// What the answer says about tokens.
    pub tokens: TokenUsage,
    /// The bytes of the request's body as it arrived.
    pub bytes_in: u64,
    /// The bytes of the answer's body that were passed on.
    pub bytes_out: u64,
    /// What else is worth knowing, such as `body_may_reroute`.
    pub flags: Vec<String>,
}

/// What an answer says about tokens. Null means that it did not say, never 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenUsage {
    /// Tokens of the prompt, cached ones included.
    pub input: Option<u64>,
    /// Tokens of the answer.
    pub output: Option<u64>,
    /// Those of the prompt that came from the provider's cache.
    pub cached: Option<u64>,
}

/// `GET /api/v1/requests/{id}`: one record with its route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestDetail {
    /// The record as the list has it.
    pub request: RequestItem,
    /// The agent's permanent id.
    pub agent_id: Option<String>,
    /// The public id of the token.
    pub token: Option<String>,
    /// The generation of the configuration that decided the route: it rises with every change.
    pub generation: u64,
    /// The attempts, in order.
    pub attempts: Vec<RequestAttempt>,
    /// The route as it was decided, with its fallback; null if none was, or it is no longer stored.
    pub route: Option<Resolution>,
    /// Where the same request would go now.
    pub now: RouteNow,
}

/// The answer to `DELETE /api/v1/requests`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletedRequests {
    /// How many records were deleted.
    pub deleted: u64,
}

/// One attempt to send a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestAttempt {
    /// The kind of its route.
    pub kind: Option<RouteKind>,
    /// The rule that decided it.
    pub rule: Option<Rule>,
    /// The provider or source.
    pub provider: Option<String>,
    /// The origin that it was sent to.
    pub origin: Option<String>,
    /// The value of `model` that was sent.
    pub wire_model: Option<String>,
    /// The place of the credential: `secret:<name>` or `env:<VAR>`.
    pub credential: Option<String>,
    /// The status of the upstream's answer; null if there was none.
    pub status: Option<u16>,
    /// Why there was no answer, or none to the end: a code.
    pub code: Option<String>,
    /// Whether anything was sent, or a connection tried. A model without a route is not.
    pub sent: bool,
    /// When it began, after the acceptance of the request, in microseconds.
    pub begun_us: u64,
    /// How long opening a connection took, in microseconds; null if an open one was used.
    pub connect_us: Option<u64>,
    /// From its beginning until the upstream began to answer, in microseconds; null if it did not.
    pub first_byte_us: Option<u64>,
    /// From its beginning to its end, in microseconds.
    pub total_us: u64,
}

/// Where a recorded request would go now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouteNow {
    /// Whether it would take the same route.
    pub comparison: RouteComparison,
    /// What differs, the weightiest first. Empty unless `comparison` is `differs`.
    pub differences: Vec<RouteDifference>,
    /// The agent's name now, where it was renamed.
    pub agent: Option<String>,
    /// The route that it would take; null where none can be found out.
    pub route: Option<Resolution>,
}

/// Whether a recorded request would take the same route now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RouteComparison {
    /// It would be sent exactly as it was.
    Same,
    /// Something differs.
    Differs,
    /// Its agent was deleted, so that it would be refused.
    AgentDeleted,
    /// No route was decided or stored to compare with.
    NotKnown,
}

/// What differs between a route as it was decided and as it would be decided now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouteDifference {
    /// What it is: `outcome`, `error`, `kind`, `provider`, `url`, `wire_model`, `credential`,
    /// `headers`, `caller_headers`, `warnings`, or one of them after `fallback.`.
    pub field: String,
    /// How it was; null if there was none.
    pub then: Option<String>,
    /// How it is; null if there is none.
    pub now: Option<String>,
}
