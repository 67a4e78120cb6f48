//! The request log: what is recorded of forwarded requests, apart from the workspace's tables.
//!
//! Its contract, [`RequestLog`], is separate from [`Store`](crate::Store), so that nothing that
//! writes the configuration ever waits for the log, and a log that is full or damaged stops nothing.

mod attempts;
mod histogram;
mod tally;
pub(crate) mod traffic_rows;

pub(crate) use attempts::{attempts_json, duration, micros, read_attempts};
pub use histogram::Histogram;
pub(crate) use tally::{SLOT_WIDTHS, Tally, TallyKey};

use crate::error::StoreError;
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{RouteKind, Rule};
use waypost_routing::vocabulary::{RequestOutcome, TrafficBy, TrafficWindow};

/// Where records of requests are kept. Each call recovers what it can: a file that was removed or is
/// damaged is replaced by a new one.
#[async_trait]
pub trait RequestLog: Send + Sync + 'static {
    /// Adds records in the order in which the requests ended, and counts their traffic: all of them
    /// or none. A record that is there already stays as it is.
    ///
    /// # Errors
    /// Fails if the log cannot be written.
    async fn append(&self, records: &[NewRecord]) -> Result<(), StoreError>;

    /// The records that a filter lets pass, newest first, and where the next page begins. A search
    /// reads a part of the log, and so does more than one filter, so that a page may be empty although there
    /// is another one.
    ///
    /// # Errors
    /// Fails if the log cannot be read.
    async fn page(&self, filter: &LogFilter, limit: u32) -> Result<LogPage, StoreError>;

    /// The records after a number, oldest first.
    ///
    /// # Errors
    /// Fails if the log cannot be read.
    async fn after(&self, number: i64, limit: u32) -> Result<Vec<StoredRecord>, StoreError>;

    /// The highest number that was given, or one that no record will have: later ones have higher numbers.
    ///
    /// # Errors
    /// Fails if the log cannot be read.
    async fn latest(&self) -> Result<i64, StoreError>;

    /// A record with its route as it was decided, in JSON.
    ///
    /// # Errors
    /// Fails if the log cannot be read.
    async fn find(
        &self,
        id: RequestId,
    ) -> Result<Option<(StoredRecord, Option<String>)>, StoreError>;

    /// Deletes some of what is not to be kept. Returns whether there is more.
    ///
    /// # Errors
    /// Fails if the log cannot be written.
    async fn prune(&self, keep: Retention, now: i64) -> Result<bool, StoreError>;

    /// Deletes some of the records of requests that ended before a moment, in Unix seconds, and a damaged
    /// file that was put aside. Returns how many records, and whether there may be more.
    ///
    /// # Errors
    /// Fails if the log cannot be written.
    async fn delete_before(&self, moment: i64) -> Result<(u64, bool), StoreError>;

    /// The traffic of a window that ends at a moment, in Unix seconds; busiest first. What is beyond the
    /// 500 busiest is one row, without times.
    ///
    /// # Errors
    /// Fails if the log cannot be read.
    async fn traffic(
        &self,
        by: TrafficBy,
        window: TrafficWindow,
        now: i64,
    ) -> Result<Vec<TrafficRow>, StoreError>;

    /// Closes the log. Later calls open it again.
    async fn close(&self);
}

/// How long records are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// In days.
    pub days: u32,
    /// How many records at most.
    pub records: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            days: 7,
            records: 1_000_000,
        }
    }
}

/// The id of a request: 128 bits, written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestId(u128);

impl RequestId {
    /// The id that is written so; `None` if the text is no id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id
            .then(|| u128::from_str_radix(text, 16).ok())?
            .map(Self)
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

/// A record that is added.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// What is recorded.
    pub record: LoggedRequest,
    /// The route as it was decided.
    pub route: Option<LoggedRoute>,
}

/// A route as it was decided. Equal ones are stored once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRoute {
    /// The SHA-256 of the JSON.
    pub digest: [u8; 32],
    /// The resolution in JSON.
    pub json: Arc<str>,
}

/// A record that is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its number: requests that ended later have higher ones.
    pub number: i64,
    /// What was recorded.
    pub record: LoggedRequest,
}

/// What is recorded of a request. Never prompts, answers, header values or query strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// Its id.
    pub id: RequestId,
    /// When it was accepted, in Unix seconds.
    pub at: i64,
    /// When it ended, in Unix seconds.
    pub ended_at: i64,
    /// The agent's name.
    pub agent: Option<String>,
    /// The agent's permanent id.
    pub agent_id: Option<String>,
    /// The public id of the token.
    pub token: Option<String>,
    /// The alias of the subagent.
    pub subagent: Option<String>,
    /// The operation.
    pub operation: Option<Operation>,
    /// The model string.
    pub model: Option<String>,
    /// How it ended.
    pub outcome: RequestOutcome,
    /// The status that the caller got.
    pub status: Option<u16>,
    /// Why it did not end well.
    pub code: Option<String>,
    /// Why the fallback was used.
    pub fallback: Option<String>,
    /// What else is worth knowing: words without spaces.
    pub flags: Vec<String>,
    /// From acceptance until the upstream began to answer.
    pub first_byte: Option<Duration>,
    /// From acceptance to the end.
    pub total: Duration,
    /// Tokens of the prompt.
    pub tokens_in: Option<u64>,
    /// Tokens of the answer.
    pub tokens_out: Option<u64>,
    /// Tokens of the prompt that came from a cache.
    pub tokens_cached: Option<u64>,
    /// The bytes of the request's body.
    pub bytes_in: u64,
    /// The bytes of the answer's body.
    pub bytes_out: u64,
    /// The generation of the configuration.
    pub generation: u64,
    /// The attempts, in order.
    pub attempts: Vec<LoggedAttempt>,
}

/// An attempt to send a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedAttempt {
    /// The kind of its route.
    pub kind: Option<RouteKind>,
    /// The rule that decided it.
    pub rule: Option<Rule>,
    /// The provider's name or the source's slug.
    pub provider: Option<String>,
    /// The origin.
    pub origin: Option<String>,
    /// The value of `model` that was sent.
    pub wire_model: Option<String>,
    /// The place of the credential.
    pub credential: Option<String>,
    /// The status of the upstream's answer.
    pub status: Option<u16>,
    /// Why there was none, or it broke off.
    pub code: Option<String>,
    /// Whether anything was sent, or a connection tried.
    pub sent: bool,
    /// From the acceptance of the request to the beginning of the attempt.
    pub begun: Duration,
    /// How long opening a connection took.
    pub connect: Option<Duration>,
    /// Until the upstream began to answer.
    pub first_byte: Option<Duration>,
    /// To the end of the attempt.
    pub total: Duration,
}

/// Which records are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only those with a lower number.
    pub before: Option<i64>,
    /// Only those of the agent with this name at that time.
    pub agent: Option<String>,
    /// Only those that were sent to this provider or source last.
    pub provider: Option<String>,
    /// Only those with a route of this kind.
    pub kind: Option<RouteKind>,
    /// Only those that ended so.
    pub outcome: Option<RequestOutcome>,
    /// Only those that ended at or after this moment, in Unix seconds.
    pub since: Option<i64>,
    /// Only those with each of these words in their id, agent, subagent, model, provider, origin, wire
    /// model, code or reason of the fallback, in any case.
    pub words: Vec<String>,
}

/// One page of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// The records, newest first.
    pub records: Vec<StoredRecord>,
    /// The next page has lower numbers than this; `None` if there is none.
    pub next: Option<i64>,
}

/// The traffic of one agent, provider, source, model or kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficRow {
    /// Whose it is.
    pub key: String,
    /// How many requests or attempts.
    pub requests: u64,
    /// How many of them failed.
    pub failed: u64,
    /// Tokens of prompts.
    pub tokens_in: u64,
    /// Tokens of answers.
    pub tokens_out: u64,
    /// The times until an answer began.
    pub first_byte: Histogram,
    /// The times to the end.
    pub total: Histogram,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let text = "00ff0123456789abcdef0123456789ab";
        let id = RequestId::parse(text).unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(RequestId::from_bytes(id.to_bytes()), id);
        for text in ["", "00ff", "+0ff0123456789abcdef0123456789ab", "zz"] {
            assert_eq!(RequestId::parse(text), None, "{text}");
        }
    }
}
