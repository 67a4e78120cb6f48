//! What is recorded of a request. Never prompts, answers, header values or query strings.

use crate::decided_route::DecidedRoute;
use crate::token_usage::TokenUsage;
use crate::trace_context::TraceContext;
use std::sync::Arc;
use std::time::Duration;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{RouteKind, Rule};

/// One forwarded request, or one that Waypost answered itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestRecord {
    /// The id, as in `x-waypost-request-id`.
    pub id: String,
    /// When it was accepted, in Unix seconds.
    pub at: i64,
    /// The agent's name; empty if the token was not accepted.
    pub agent: String,
    /// The agent's permanent id, where it is known.
    pub agent_id: Option<String>,
    /// The public id of the token; empty if it was not accepted.
    pub token: String,
    /// The alias of the agent's subagent that the model string names.
    pub subagent: Option<String>,
    /// The trace that the caller's request belongs to, if it says so. It is not stored.
    pub trace: Option<TraceContext>,
    /// The operation; `None` for a path that is not forwarded.
    pub operation: Option<Operation>,
    /// The model string of the body.
    pub model: Option<String>,
    /// The route as it was decided.
    pub route: Option<Arc<DecidedRoute>>,
    /// The generation of the routing table that decided it.
    pub generation: u64,
    /// The attempts, in order, with those that were refused before anything was sent.
    pub attempts: Vec<Attempt>,
    /// Why the fallback was used, if it was: a code.
    pub fallback: Option<String>,
    /// The status that the caller got; 0 if it left before there was one.
    pub status: u16,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the answer has an error inside, whatever its status.
    pub has_error: bool,
    /// What the answer says about tokens.
    pub usage: TokenUsage,
    /// What else is worth knowing, such as `body_may_reroute`.
    pub flags: Vec<&'static str>,
    /// The bytes of the request's body.
    pub bytes_in: u64,
    /// The bytes of the answer's body that were passed on.
    pub bytes_out: u64,
    /// From acceptance until an upstream began to answer.
    pub first_byte: Option<Duration>,
    /// From acceptance to the end.
    pub total: Duration,
}

/// One attempt to send a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// The kind of its route, where a rule takes the request.
    pub kind: Option<RouteKind>,
    /// The rule.
    pub rule: Option<Rule>,
    /// The provider or source.
    pub provider: Option<String>,
    /// The origin.
    pub origin: Option<String>,
    /// The value of `model` that was sent.
    pub wire_model: Option<String>,
    /// The place of the credential: `secret:<name>` or `env:<VAR>`.
    pub credential: Option<String>,
    /// Whether anything was sent, or a connection tried.
    pub sent: bool,
    /// The status of the upstream's answer, if there was one.
    pub status: Option<u16>,
    /// Why there was none, or why it broke off: a code.
    pub code: Option<String>,
    /// From the acceptance of the request to the beginning of the attempt.
    pub begun: Duration,
    /// How long opening a connection took, if one was opened.
    pub connect: Option<Duration>,
    /// From the beginning of the attempt until the head of the answer.
    pub head: Option<Duration>,
    /// From the beginning of the attempt to its end.
    pub total: Duration,
}

/// How a request ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// The whole answer was passed on.
    Answered,
    /// Waypost answered itself, or broke off the answer: a code.
    Failed(String),
    /// The caller left before the end.
    #[default]
    Cancelled,
}

/// Takes the records. It must not wait.
pub trait RecordSink: Send + Sync + 'static {
    /// Takes one record.
    fn record(&self, record: RequestRecord);
}
