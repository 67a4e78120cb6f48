//! What is recorded of a request. Never prompts, answers, header values or query strings.

use std::time::Duration;

/// One forwarded request, or one that Waypost answered itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// The id, as in `x-waypost-request-id`.
    pub id: String,
    /// The agent's name; empty if the token was not accepted.
    pub agent: String,
    /// The public id of the token; empty if it was not accepted.
    pub token: String,
    /// The operation's name; empty for a path that is not forwarded.
    pub operation: &'static str,
    /// The model string of the body.
    pub model: Option<String>,
    /// The attempts, in order. None if nothing could be sent.
    pub attempts: Vec<Attempt>,
    /// Why the fallback was used, if it was: a code.
    pub fallback: Option<String>,
    /// The status that the caller got.
    pub status: u16,
    /// How it ended.
    pub outcome: Outcome,
    /// The bytes of the request's body.
    pub bytes_in: u64,
    /// The bytes of the answer's body that were passed on.
    pub bytes_out: u64,
    /// From acceptance to the end.
    pub total: Duration,
}

/// One attempt to send a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The kind of its route, where a rule takes the request.
    pub kind: Option<&'static str>,
    /// The provider or source.
    pub provider: Option<String>,
    /// The origin.
    pub origin: Option<String>,
    /// The value of `model` that was sent.
    pub wire_model: Option<String>,
    /// The place of the credential: `secret:<name>` or `env:<VAR>`.
    pub credential: Option<String>,
    /// The status of the upstream's answer, if there was one.
    pub status: Option<u16>,
    /// Why there was none: a code.
    pub code: Option<String>,
    /// From the start of the attempt until the head of the answer, or the failure.
    pub head: Duration,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The whole answer was passed on.
    Answered,
    /// Waypost answered itself, or broke off the answer: a code.
    Failed(String),
    /// The caller left before the end.
    Cancelled,
}

/// Takes the records. It must not wait.
pub trait RecordSink: Send + Sync + 'static {
    /// Takes one record.
    fn record(&self, record: RequestRecord);
}
