//! One request from acceptance to the end of its answer.

use crate::decided_route::DecidedRoute;
use crate::forward_error::ForwardError;
use crate::record::{Attempt, Outcome, RecordSink, RequestRecord};
use http::Response;
use std::sync::Arc;
use tokio::time::Instant;
use waypost_egress::{OpenedIn, ResponseBody};
use waypost_routing::agent::Agent;
use waypost_routing::resolve::{Plan, split_scope};
use waypost_routing::routing_table::RoutingTable;
use waypost_system::clock;

/// The longest model string that is recorded, in bytes.
const MODEL_BYTES: usize = 512;

/// What is known of a request so far. Recorded when it is dropped, however the request ends.
pub(crate) struct Exchange {
    record: Option<RequestRecord>,
    sink: Arc<dyn RecordSink>,
    /// When the request was accepted.
    pub(crate) accepted: Instant,
}

impl Exchange {
    pub(crate) fn begin(id: String, sink: Arc<dyn RecordSink>) -> Self {
        Self {
            record: Some(RequestRecord {
                id,
                at: clock::now(),
                ..RequestRecord::default()
            }),
            sink,
            accepted: Instant::now(),
        }
    }

    pub(crate) fn record(&mut self) -> &mut RequestRecord {
        self.record.as_mut().expect("it is taken by drop alone")
    }

    pub(crate) fn id(&self) -> &str {
        self.record.as_ref().map_or("", |record| &record.id)
    }

    /// Notes the model string of the body.
    pub(crate) fn note_model(&mut self, model: &str) {
        self.record().model = Some(cut(model));
    }

    /// Notes the route that was decided for an agent's request, by a table.
    pub(crate) fn note_decision(
        &mut self,
        table: &RoutingTable,
        agent: &Agent,
        model: &str,
        route: Option<Arc<DecidedRoute>>,
    ) {
        let record = self.record();
        record.subagent = subagent(agent, model);
        record.generation = table.generation();
        record.route = route;
    }

    /// Notes that an attempt begins. It is recorded also if the caller leaves in the middle of it.
    pub(crate) fn begin_attempt(&mut self, plan: &Plan<'_>) {
        let begun = self.accepted.elapsed();
        let attempt = attempt_of(plan);
        self.record().attempts.push(Attempt { begun, ..attempt });
    }

    /// The attempt that was begun last.
    pub(crate) fn attempt(&mut self) -> Option<&mut Attempt> {
        self.record().attempts.last_mut()
    }

    /// Notes the result of the attempt that was begun last.
    pub(crate) fn note_result(&mut self, result: &Result<Response<ResponseBody>, ForwardError>) {
        let elapsed = self.accepted.elapsed();
        if result.is_ok() {
            self.record().first_byte = Some(elapsed);
        }
        let Some(attempt) = self.attempt() else {
            return;
        };
        let in_attempt = elapsed.saturating_sub(attempt.begun);
        attempt.total = in_attempt;
        match result {
            Ok(response) => {
                let opened = response.extensions().get::<OpenedIn>();
                attempt.status = Some(response.status().as_u16());
                attempt.connect = opened.map(|opened| opened.0);
                attempt.head = Some(in_attempt);
            }
            Err(error) => {
                if matches!(&*error.code, "connect_failed" | "tls_failed") {
                    attempt.connect = Some(in_attempt);
                }
                attempt.code = Some(error.code.clone().into_owned());
            }
        }
    }
}

/// The beginning of a text that may be as long as a body.
fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MODEL_BYTES)].to_owned()
}

/// What is known of an attempt before it begins.
fn attempt_of(plan: &Plan<'_>) -> Attempt {
    let endpoint = plan.endpoint();
    let base_url = endpoint.and_then(|endpoint| endpoint.base_url.as_ref().ok());
    let credential = endpoint.and_then(|endpoint| endpoint.auth.as_ref());
    Attempt {
        kind: plan.kind(),
        rule: plan.rule(),
        provider: plan.provider().map(str::to_owned),
        origin: base_url.map(|base| base.url.origin()),
        wire_model: plan.wire_model().map(cut),
        credential: credential.map(|auth| auth.from.to_string()),
        ..Attempt::default()
    }
}

/// The alias that a model string names, if the agent has such a subagent: others are a caller's text.
fn subagent(agent: &Agent, model: &str) -> Option<String> {
    let (_, alias) = split_scope(model)?;
    agent
        .subagents
        .contains_key(alias)
        .then(|| alias.to_owned())
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let Some(mut record) = self.record.take() else {
            return;
        };
        record.total = self.accepted.elapsed();
        if std::thread::panicking() {
            record.status = 500;
            record.outcome = Outcome::Failed("internal".to_owned());
        }
        // Of one that ended without an answer the time is known; the others end with the request.
        if let Some(last) = record.attempts.last_mut()
            && last.code.is_none()
        {
            last.total = record.total.saturating_sub(last.begun);
            if let Outcome::Failed(code) = &record.outcome {
                last.code = Some(code.clone());
            }
        }
        self.sink.record(record);
    }
}
