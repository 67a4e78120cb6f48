//! What came of calling an upstream: a test or a refresh.

use serde::{Deserialize, Serialize};

/// The class of an outcome. Each has a word of its own on the page and a hint what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// The list was read.
    Ok,
    /// The list was read and is empty.
    NoModels,
    /// The credential was refused: 401, 403, or what a gateway answers in their place.
    Unauthorized,
    /// 404.
    NotFound,
    /// A redirect, which is never followed.
    Redirected,
    /// 429.
    RateLimited,
    /// 5xx.
    ServerError,
    /// No answer in time.
    Timeout,
    /// No connection: refused, no route, no such host.
    ConnectFailed,
    /// The TLS handshake failed.
    TlsFailed,
    /// Not JSON, or JSON of another shape.
    BadResponse,
    /// More than the limits allow.
    TooLarge,
    /// The address is private, loopback or never allowed, and its origin was not granted.
    AddressNotAllowed,
    /// Any other status.
    UnexpectedStatus,
    /// Nothing was sent, because what is stored cannot be used: a key that was entered for another
    /// origin, a base URL that is none, secrets that cannot be read. The call itself answers with
    /// a problem; this is what is recorded of it.
    NotSent,
}

/// The answer to a test or a refresh, once it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeReport {
    /// The class.
    pub outcome: CallOutcome,
    /// What happened, what it proves, and what to do next, for a person.
    pub message: String,
    /// The upstream's HTTP status, where it answered.
    pub status: Option<u16>,
    /// How long the call took.
    pub duration_ms: u64,
    /// What was asked: method and URL.
    pub request: String,
    /// Ids that the catalog gains. A test reports every listed id here and changes nothing.
    #[serde(default)]
    pub added: Vec<String>,
    /// Ids that are no longer listed. They are kept and marked absent.
    #[serde(default)]
    pub removed: Vec<String>,
    /// Ids whose metadata changed, or that are listed again.
    #[serde(default)]
    pub changed: Vec<String>,
    /// Ids that stayed as they were.
    #[serde(default)]
    pub unchanged: Vec<String>,
    /// How many elements of the list were left out: without a usable id, or repeating a secret
    /// that was sent.
    #[serde(default)]
    pub skipped: u64,
}

/// The recorded outcome of the last call of what is stored, as a row shows it. A test of a draft
/// is not recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeRecord {
    /// When it ended, in Unix seconds.
    pub at: i64,
    /// The class.
    pub outcome: CallOutcome,
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
    /// How many changed.
    pub changed: u64,
    /// How many stayed as they were.
    pub unchanged: u64,
}

/// Where a refresh is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RefreshPhase {
    /// None runs and none has run since the control plane started.
    Idle,
    /// It waits until fewer other refreshes run.
    Waiting,
    /// The upstream is being asked.
    Fetching,
    /// The catalog is being written.
    Saving,
    /// It is over; `report` says how.
    Done,
}

/// `GET …/refresh`: the progress of the refresh that runs, or the report of the last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshProgress {
    /// Where it is.
    pub phase: RefreshPhase,
    /// How many models have been listed so far.
    pub models_seen: u64,
    /// How many pages have been read so far.
    pub pages: u64,
    /// When it began, in Unix seconds.
    pub started_at: Option<i64>,
    /// The report, once it is over.
    pub report: Option<OutcomeReport>,
}
