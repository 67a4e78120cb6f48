//! Agents, as they are stored and shown.

use crate::{KeyState, UndoTicket};
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
    /// The parsed document. Null if this version of Waypost cannot read a document that an earlier
    /// one accepted; `problems` then says why, and the agent is not in the snapshot.
    pub agent: Option<Agent>,
    /// Problems of the document, checked against the current catalog: warnings only, unless
    /// `agent` is null.
    pub problems: Vec<AgentIssue>,
    /// The private origins among its base URLs that may be called. Absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_private: Vec<String>,
    /// The version, raised by every edit.
    pub version: u64,
    /// When it was last changed, in Unix seconds.
    pub updated_at: i64,
    /// Who changed it: the session's short public number, or `system`.
    pub updated_by: Option<String>,
    /// The agent's own keys, by gateway. Absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<AgentKeyView>,
}

/// An agent's own key for a gateway, and what may be shown of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentKeyView {
    /// The gateway's name.
    pub gateway: String,
    /// The state. Unless it is `configured`, requests of the agent to the gateway are rejected or may
    /// fail: no other key is used in its place.
    pub state: KeyState,
    /// The last four characters, if it is long enough to show them.
    pub hint: Option<String>,
    /// When it was entered, in Unix seconds.
    pub set_at: i64,
    /// The origin it was entered for.
    pub bound_origin: String,
    /// When the gateway last refused it in a forwarded request, in Unix seconds; null if it did not, or
    /// accepted it since.
    #[serde(default)]
    pub refused_at: Option<i64>,
}

/// The answer to `DELETE /api/v1/agents/{name}/keys/{gateway}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentKeyRemoved {
    /// The agent without the key.
    pub agent: AgentView,
    /// Undoes the removal. Null if the stored key could not be read.
    pub undo: Option<UndoTicket>,
}

/// Body of `POST /api/v1/agents`, `POST /api/v1/agent-checks` and `PUT /api/v1/agents/{name}`. The
/// document names the agent; a `PUT` with another name renames it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AgentInput {
    /// The document, of at most 1 MiB.
    pub yaml: String,
    /// The private origins among the document's own base URLs that may be called, in place of those
    /// before. Absent: of those before, the ones that the document still has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_private: Option<Vec<String>>,
}

impl AgentInput {
    /// A document, without another word on private addresses.
    #[must_use]
    pub fn of(yaml: impl Into<String>) -> Self {
        Self {
            yaml: yaml.into(),
            allow_private: None,
        }
    }
}

/// `POST /api/v1/agent-checks`: what saving a document would say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentCheck {
    /// The name that the document gives; null if it is not valid.
    pub name: Option<String>,
    /// Problems of the document, checked against the current catalog. One with an error would not
    /// be saved.
    pub problems: Vec<AgentIssue>,
}

/// A problem in an agent document, with its position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentIssue {
    /// The severity. A document with an error is not stored.
    pub severity: Severity,
    /// The invalid field or mapping, such as `gateways.litellm.url`; empty for the whole document.
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
