//! The types of the admin API, shared by the dashboard and the control plane.
//!
//! Only shapes: serde and the routing types, nothing else. No type here holds a secret. A request
//! that carries one (`PUT …/key`, a source's `auth_value` and `headers`, a test's `value`) is
//! read into types of the control plane and written by the dashboard's HTTP client.
//!
//! Times are Unix seconds, durations are milliseconds unless a name ends in `_us`, which is
//! microseconds, and every field name is a contract.

mod agent;
mod audit;
pub mod audit_words;
mod model;
mod outcome;
mod page;
mod problem;
mod provider;
mod request_log;
mod session;
mod settings;
mod source;
mod token;
mod traffic;
mod undo;
mod usage;
mod verification;
mod workspace;

pub use agent::{AgentCheck, AgentInput, AgentIssue, AgentKeyRemoved, AgentKeyView, AgentView};
pub use audit::{AuditEvent, AuditOutcome, FieldChange};
pub use model::{DefaultModel, EnableModelsInput, EnabledModels, ModelView};
pub use outcome::{OutcomeRecord, OutcomeReport, RefreshPhase, RefreshProgress};
pub use page::{ModelFacets, ModelStateCounts, ModelsPage, Page};
pub use problem::{Current, Problem};
pub use provider::{
    FileProblem, FileSeverity, KeyState, KeyView, ModelCounts, PreviousKey, ProviderInput,
    ProviderPatch, ProviderView, ProvidersPage, Replaced, StagedKey,
};
pub use request_log::{
    DeletedRequests, REQUEST_SEARCH_WORDS, RequestAttempt, RequestDetail, RequestItem,
    RequestLogState, RequestLogStatus, RequestsPage, RouteComparison, RouteDifference, RouteNow,
    TokenUsage,
};
pub use session::{SessionItem, SessionView, SignInOptions};
pub use settings::{
    DatabaseView, DefaultTimeLimits, LastErrorView, ProvidersFileState, ProvidersFileView,
    RemoteBackendView, SampleView, SecretsView, SettingsPatch, SettingsView,
};
pub use source::{SourceInput, SourcePatch, SourceView};
pub use token::{
    MAX_AGENT_TOKEN_DAYS, MAX_SERVICE_TOKEN_DAYS, MAX_TOKEN_LABEL, SERVICE_TOKEN_DAYS,
    TOKENS_PER_LABEL, TokenInput, TokenKind, TokenView,
};
pub use traffic::{Traffic, TrafficItem};
pub use undo::{Deleted, KeyRemoved, Restored, RestoredKind, UndoTicket};
pub use usage::{
    AgentVersion, ImpactInput, ImpactItem, ImpactReport, ReplaceModelInput, ReplacedIn,
    ReplacedModel, ReplacedPlace, RouteSummary, UsedBy,
};
pub use verification::Verification;
pub use waypost_routing::resolution::Resolution;
pub use waypost_routing::snapshot::Snapshot;
pub use waypost_routing::vocabulary::{
    CheckOutcome, ModelState, NewModels, RequestOutcome, Role, SecretsBackendKind, TrafficBy,
    TrafficWindow, VerificationState,
};
pub use workspace::WorkspaceView;

use serde::{Deserialize, Serialize};
use waypost_routing::export::ExportFormat;
use waypost_routing::operation::Operation;

/// `POST /api/v1/route`: which request to resolve.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RouteRequest {
    /// The model string that would be sent. Absent: the agent's primary, and without an agent the
    /// organisation's default model.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub model_ref: Option<String>,
    /// The stored agent that sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The agent's subagent that sends it, by its alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subagent: Option<String>,
    /// What the request asks for; chat completions where absent.
    #[serde(default)]
    pub operation: Operation,
    /// The format in which the answer also has the route, as `export`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ExportFormat>,
}

/// The answer to `POST /api/v1/route`: the resolution, and the text if a format was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouteAnswer {
    /// Where the request goes, and why.
    #[serde(flatten)]
    pub resolution: Resolution,
    /// The route in the format of the request; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<RouteExport>,
}

/// A route in the form that another tool reads. Secrets are written as the names of variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouteExport {
    /// The format of the text.
    pub format: ExportFormat,
    /// The text; null where the format cannot express the request.
    pub text: Option<String>,
    /// Why there is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<String>,
}

impl RouteRequest {
    /// A request that sends this model string, from no agent.
    #[must_use]
    pub fn of(model_ref: impl Into<String>, operation: Operation) -> Self {
        Self {
            model_ref: Some(model_ref.into()),
            operation,
            ..Self::default()
        }
    }
}

/// Deserializes a field that may be absent (`None`) or null (`Some(None)`).
///
/// # Errors
/// If the value is neither null nor a `T`.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
