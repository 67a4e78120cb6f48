//! Errors, as RFC 9457 problem details.

use crate::{AgentIssue, AgentView, DefaultModel, ProviderView, SettingsView, SourceView};
use serde::{Deserialize, Serialize};

/// The body of every answer that is not a success: `application/problem+json`.
// Who reads one may have a type of their own for what is stored now: to read `Current` a program
// has to know every type that can be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(bound(deserialize = "C: Deserialize<'de>"))]
pub struct Problem<C = Current> {
    /// A stable code, such as `name_taken`.
    pub code: String,
    /// The HTTP status, repeated.
    pub status: u16,
    /// The status in words.
    pub title: String,
    /// What happened, why, and what to do next, for a person.
    pub detail: String,
    /// The request field at fault, where one is (`base_url`, `headers.x-tenant`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A whole replacement for the field's value, where one is at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// Every problem of a document that was refused, up to a few hundred of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<AgentIssue>,
    /// What is stored now, where somebody else has changed it in the meantime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<C>,
}

impl<C> Default for Problem<C> {
    fn default() -> Self {
        Self {
            code: String::new(),
            status: 0,
            title: String::new(),
            detail: String::new(),
            field: None,
            suggestion: None,
            errors: Vec::new(),
            current: None,
        }
    }
}

/// What is stored now. On the wire it is the bare thing, as its `GET` answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Current {
    /// A provider.
    Provider(Box<ProviderView>),
    /// A custom source.
    Source(Box<SourceView>),
    /// An agent.
    Agent(Box<AgentView>),
    /// The settings.
    Settings(Box<SettingsView>),
    /// The default model.
    DefaultModel(DefaultModel),
}
