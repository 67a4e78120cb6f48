//! What forwarding records, as the log stores it.

use crate::store::{LoggedAttempt, LoggedRequest, LoggedRoute, NewRecord, RequestId};
use waypost_forwarding::{Attempt, Outcome, RequestRecord};
use waypost_routing::vocabulary::RequestOutcome;

/// The longest model string that is stored, in bytes. A caller may send any text.
pub(super) const MODEL_BYTES: usize = 512;

/// The code of an error inside an answer whose status is none.
const ERROR_IN_ANSWER: &str = "error_in_answer";

pub(super) fn logged(record: RequestRecord) -> NewRecord {
    let (outcome, code) = outcome(&record);
    let seconds = i64::try_from(record.total.as_secs()).unwrap_or(0);
    let route = record.route.map(|route| LoggedRoute {
        digest: route.digest,
        json: route.json.clone(),
    });
    let is_known = |text: &String| !text.is_empty();
    NewRecord {
        record: LoggedRequest {
            id: RequestId::parse(&record.id).unwrap_or_default(),
            at: record.at,
            ended_at: record.at.saturating_add(seconds),
            agent: Some(record.agent).filter(is_known),
            agent_id: record.agent_id,
            token: Some(record.token).filter(is_known),
            subagent: record.subagent,
            operation: record.operation,
            model: record.model.map(cut),
            outcome,
            status: Some(record.status).filter(|status| *status > 0),
            code,
            fallback: record.fallback,
            flags: record.flags.into_iter().map(str::to_owned).collect(),
            first_byte: record.first_byte,
            total: record.total,
            tokens_in: record.usage.input,
            tokens_out: record.usage.output,
            tokens_cached: record.usage.cached,
            bytes_in: record.bytes_in,
            bytes_out: record.bytes_out,
            generation: record.generation,
            attempts: record.attempts.into_iter().map(attempt).collect(),
        },
        route,
    }
}

fn attempt(attempt: Attempt) -> LoggedAttempt {
    LoggedAttempt {
        kind: attempt.kind,
        rule: attempt.rule,
        provider: attempt.provider.map(cut),
        origin: attempt.origin.map(cut),
        wire_model: attempt.wire_model.map(cut),
        credential: attempt.credential.map(cut),
        status: attempt.status,
        code: attempt.code,
        sent: attempt.sent,
        begun: attempt.begun,
        connect: attempt.connect,
        first_byte: attempt.head,
        total: attempt.total,
    }
}

fn outcome(record: &RequestRecord) -> (RequestOutcome, Option<String>) {
    let has_answer = record
        .attempts
        .iter()
        .any(|attempt| attempt.status.is_some());
    match &record.outcome {
        Outcome::Answered if record.status >= 400 => (RequestOutcome::UpstreamError, None),
        Outcome::Answered if record.has_error => (
            RequestOutcome::UpstreamError,
            Some(ERROR_IN_ANSWER.to_owned()),
        ),
        Outcome::Answered => (RequestOutcome::Ok, None),
        Outcome::Failed(code) if record.status < 500 && !has_answer => {
            (RequestOutcome::Refused, Some(code.clone()))
        }
        Outcome::Failed(code) => (RequestOutcome::Failed, Some(code.clone())),
        Outcome::Cancelled => (RequestOutcome::Cancelled, None),
    }
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MODEL_BYTES));
    text
}
