//! The outcome of a test or a refresh.

use serde::{Deserialize, Serialize};
use waypost_routing::vocabulary::CheckOutcome;

/// The answer to a finished test or refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeReport {
    /// The class.
    pub outcome: CheckOutcome,
    /// What happened, what it proves, and what to do next, for a person.
    pub message: String,
    /// The upstream's HTTP status, where it answered.
    pub status: Option<u16>,
    /// How long the call took.
    pub duration_ms: u64,
    /// The request: method and URL.
    pub request: String,
    /// Ids that the catalog gains. A test reports every listed id here and changes nothing.
    #[serde(default)]
    pub added: Vec<String>,
    /// Ids that are no longer listed. They are kept and marked absent.
    #[serde(default)]
    pub removed: Vec<String>,
    /// Ids that were listed before as well, with other metadata.
    #[serde(default)]
    pub changed: Vec<String>,
    /// Ids that were absent and are listed again, with the same or other metadata.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed_again: Vec<String>,
    /// Ids that stayed as they were.
    #[serde(default)]
    pub unchanged: Vec<String>,
    /// How many elements of the list were skipped because they have no usable id or repeat a
    /// secret of the request.
    #[serde(default)]
    pub skipped: u64,
    /// Headers that the upstream says are missing, by their lower-case names: candidates for the
    /// static headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_headers: Vec<String>,
    /// Whether an administrator can allow the address, where the outcome is `address_not_allowed`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_be_allowed: bool,
}

/// The recorded outcome of the last test or refresh. Tests of unsaved input are not recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeRecord {
    /// When it ended, in Unix seconds.
    pub at: i64,
    /// The class.
    pub outcome: CheckOutcome,
    /// What happened, for a person.
    pub message: String,
    /// The upstream's HTTP status, where it answered.
    pub status: Option<u16>,
    /// How long the call took.
    pub duration_ms: u64,
    /// How many models were added.
    pub added: u64,
    /// How many are no longer listed.
    pub removed: u64,
    /// How many have other metadata, or are listed again.
    pub changed: u64,
    /// How many stayed as they were.
    pub unchanged: u64,
}

/// The phase of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RefreshPhase {
    /// No refresh has run since the control plane started.
    Idle,
    /// It waits until fewer other refreshes run.
    Waiting,
    /// The models are being listed.
    Fetching,
    /// The catalog is being written.
    Saving,
    /// It has ended; `report` has the outcome.
    Done,
}

/// `GET …/refresh`: the progress of the running refresh, or the report of the last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshProgress {
    /// The phase.
    pub phase: RefreshPhase,
    /// How many models have been listed so far.
    pub models_seen: u64,
    /// How many pages have been read so far.
    pub pages: u64,
    /// When it began, in Unix seconds.
    pub started_at: Option<i64>,
    /// The report, once it has ended.
    pub report: Option<OutcomeReport>,
}
