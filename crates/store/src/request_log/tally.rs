//! Traffic of a batch of records, counted by slot before it is added to what is stored.

use super::{Histogram, LoggedAttempt, LoggedRequest};
use std::collections::HashMap;
use waypost_routing::resolution::RouteKind;
use waypost_routing::vocabulary::{RequestOutcome, TrafficBy};

/// The lengths of slots, in seconds: for the last hour and for the last day.
pub(crate) const SLOT_WIDTHS: [i64; 2] = [60, 900];

/// The longest key, in bytes. A model string may be as long as a body.
const KEY_BYTES: usize = 256;

/// Whose traffic, in which slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TallyKey {
    /// The length of the slot, in seconds.
    pub(crate) width: i64,
    /// When it begins, in Unix seconds.
    pub(crate) slot: i64,
    pub(crate) by: TrafficBy,
    pub(crate) key: String,
}

/// The traffic of a key in a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    pub(crate) failed: u64,
    pub(crate) tokens_in: u64,
    pub(crate) tokens_out: u64,
    pub(crate) first_byte: Histogram,
    pub(crate) total: Histogram,
}

/// The traffic of a batch.
#[derive(Debug, Default)]
pub(crate) struct Tally(HashMap<TallyKey, Counts>);

/// What is counted at one key.
struct Counted {
    failed: bool,
    tokens: [u64; 2],
    first_byte: Option<std::time::Duration>,
    total: std::time::Duration,
}

impl Tally {
    /// Counts a request at its agent, and each attempt at its provider or source, model and kind.
    pub(crate) fn add(&mut self, record: &LoggedRequest) {
        let tokens = [record.tokens_in, record.tokens_out].map(Option::unwrap_or_default);
        if let Some(agent) = &record.agent {
            let counted = Counted {
                failed: has_failed(record.outcome),
                tokens,
                first_byte: record.first_byte,
                total: record.total,
            };
            self.count(record.ended_at, TrafficBy::Agent, agent.clone(), &counted);
        }
        let last = record.attempts.len().saturating_sub(1);
        for (at, attempt) in record.attempts.iter().enumerate() {
            if !attempt.sent {
                continue;
            }
            let counted = Counted {
                // What is followed by another attempt has failed.
                failed: at != last || has_failed(record.outcome),
                tokens: if at == last { tokens } else { [0; 2] },
                first_byte: attempt.first_byte,
                total: attempt.total,
            };
            self.count_attempt(record.ended_at, attempt, &counted);
        }
    }

    fn count_attempt(&mut self, ended_at: i64, attempt: &LoggedAttempt, counted: &Counted) {
        if let Some(kind) = attempt.kind {
            self.count(ended_at, TrafficBy::Kind, kind.name().to_owned(), counted);
        }
        let Some(provider) = &attempt.provider else {
            return;
        };
        let by = match attempt.kind {
            Some(RouteKind::Passthrough) => TrafficBy::Source,
            _ => TrafficBy::Provider,
        };
        self.count(ended_at, by, provider.clone(), counted);
        if let Some(model) = &attempt.wire_model {
            let key = format!("{provider}/{model}");
            if key.len() <= KEY_BYTES {
                self.count(ended_at, TrafficBy::Model, key, counted);
            }
        }
    }

    fn count(&mut self, ended_at: i64, by: TrafficBy, key: String, counted: &Counted) {
        for width in SLOT_WIDTHS {
            let slot = ended_at - ended_at.rem_euclid(width);
            let key = TallyKey {
                width,
                slot,
                by,
                key: key.clone(),
            };
            let counts = self.0.entry(key).or_default();
            counts.requests += 1;
            counts.failed += u64::from(counted.failed);
            let [tokens_in, tokens_out] = counted.tokens;
            counts.tokens_in = counts.tokens_in.saturating_add(tokens_in);
            counts.tokens_out = counts.tokens_out.saturating_add(tokens_out);
            if let Some(first_byte) = counted.first_byte {
                counts.first_byte.add(first_byte);
            }
            counts.total.add(counted.total);
        }
    }

    pub(crate) fn into_counts(self) -> impl Iterator<Item = (TallyKey, Counts)> {
        self.0.into_iter()
    }
}

fn has_failed(outcome: RequestOutcome) -> bool {
    match outcome {
        RequestOutcome::Ok | RequestOutcome::Cancelled => false,
        RequestOutcome::UpstreamError | RequestOutcome::Refused | RequestOutcome::Failed => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::RequestId;
    use super::*;
    use std::collections::BTreeMap;
    use std::time::Duration;

    fn attempt(provider: &str, kind: RouteKind) -> LoggedAttempt {
        LoggedAttempt {
            kind: Some(kind),
            provider: Some(provider.to_owned()),
            wire_model: Some("m".to_owned()),
            sent: true,
            total: Duration::from_millis(10),
            ..LoggedAttempt::default()
        }
    }

    fn record(outcome: RequestOutcome, attempts: Vec<LoggedAttempt>) -> LoggedRequest {
        LoggedRequest {
            id: RequestId::parse(&"0".repeat(32)).unwrap(),
            at: 1_000,
            ended_at: 1_859,
            agent: Some("bot".to_owned()),
            agent_id: None,
            token: None,
            subagent: None,
            operation: None,
            model: None,
            outcome,
            status: None,
            code: None,
            fallback: None,
            flags: Vec::new(),
            first_byte: None,
            total: Duration::from_millis(20),
            tokens_in: Some(7),
            tokens_out: None,
            tokens_cached: None,
            bytes_in: 0,
            bytes_out: 0,
            generation: 0,
            attempts,
        }
    }

    /// Requests, failures and tokens by what is counted, in slots of a minute.
    fn counted(
        records: &[LoggedRequest],
    ) -> BTreeMap<(&'static str, String), (i64, u64, u64, u64)> {
        let mut tally = Tally::default();
        records.iter().for_each(|record| tally.add(record));
        let minutes = tally.into_counts().filter(|(key, _)| key.width == 60);
        minutes
            .map(|(key, counts)| {
                let numbers = (key.slot, counts.requests, counts.failed, counts.tokens_in);
                ((key.by.name(), key.key), numbers)
            })
            .collect()
    }

    #[test]
    fn a_request_counts_at_its_agent_and_each_attempt_where_it_went() {
        let attempts = vec![
            attempt("litellm", RouteKind::Gateway),
            attempt("own", RouteKind::Passthrough),
        ];
        let rejected = LoggedAttempt {
            sent: false,
            ..attempt("litellm", RouteKind::Gateway)
        };
        let counted = counted(&[
            record(RequestOutcome::Ok, attempts),
            record(RequestOutcome::Refused, vec![rejected]),
        ]);
        let expected = [
            (("agent", "bot"), (1_800, 2, 1, 14)),
            (("kind", "gateway"), (1_800, 1, 1, 0)),
            (("kind", "passthrough"), (1_800, 1, 0, 7)),
            (("model", "litellm/m"), (1_800, 1, 1, 0)),
            (("model", "own/m"), (1_800, 1, 0, 7)),
            (("provider", "litellm"), (1_800, 1, 1, 0)),
            (("source", "own"), (1_800, 1, 0, 7)),
        ];
        let expected = expected.map(|((by, key), numbers)| ((by, key.to_owned()), numbers));
        assert_eq!(counted, BTreeMap::from(expected));
    }

    #[test]
    fn a_caller_that_leaves_is_no_failure() {
        let left = record(
            RequestOutcome::Cancelled,
            vec![attempt("x", RouteKind::Direct)],
        );
        let counted = counted(&[left]);
        assert!(counted.values().all(|(_, _, failed, _)| *failed == 0));
    }
}
