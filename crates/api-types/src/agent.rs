//! Agents, as they are stored and shown.

use serde::{Deserialize, Serialize};
use waypost_routing::agent::{Agent, AgentProblem};
use waypost_routing::problem::Severity;

/// A stored agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentView {
    /// The name, as the document gives it. Unique among agents.
    pub name: String,
    /// The document as it was written, comments included.
    pub yaml: String,
    /// What routing reads of it. Null where this version of Waypost can no longer read a document
    /// that an earlier one accepted; `problems` says why, and the agent is not in the snapshot.
    pub agent: Option<Agent>,
    /// What the reader remarks on, against the catalog of this moment: warnings, unless `agent` is
    /// null.
    pub problems: Vec<AgentIssue>,
    /// Which version this is; it rises with every change.
    pub version: u64,
    /// When it was last changed, in Unix seconds.
    pub updated_at: i64,
    /// Who changed it: the session's short public number, or `system`.
    pub updated_by: Option<String>,
}

/// `POST /api/v1/agents` and `PUT /api/v1/agents/{name}`. The document names the agent; `PUT` with
/// another name renames it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AgentWrite {
    /// The document, of at most 1 MiB.
    pub yaml: String,
}

/// One problem of an agent's document, where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentIssue {
    /// How grave it is. A document with an error is not stored.
    pub severity: Severity,
    /// The field or mapping at fault, such as `gateways.litellm.url`; empty for the whole
    /// document.
    pub path: String,
    /// A stable code, such as `invalid_base_url`.
    pub code: String,
    /// What is wrong and what to do, for a person.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl From<AgentProblem> for AgentIssue {
    fn from(problem: AgentProblem) -> Self {
        Self {
            severity: problem.severity,
            path: problem.path,
            code: problem.code.to_owned(),
            message: problem.message,
            line: problem.line,
            column: problem.column,
        }
    }
}
