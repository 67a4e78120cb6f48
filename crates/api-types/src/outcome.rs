//! The outcome of a test or a refresh.

use serde::{Deserialize, Serialize};

/// The class of an outcome. The dashboard shows a label and a hint for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
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
    /// Nothing was sent, because the stored configuration cannot be used: the key was entered for
    /// another origin, the base URL is invalid, or the secrets cannot be read. The call itself
    /// answers with a problem; this is what is recorded.
    NotSent,
}

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
    /// Ids whose metadata changed, or that are listed again.
    #[serde(default)]
    pub changed: Vec<String>,
    /// Ids that stayed as they were.
    #[serde(default)]
    pub unchanged: Vec<String>,
    /// How many elements of the list were skipped because they have no usable id or repeat a
    /// secret of the request.
    #[serde(default)]
    pub skipped: u64,
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
    /// How many changed.
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
