//! Errors, as RFC 9457 problem details.

use crate::{
    AgentIssue, AgentView, DefaultModel, OutcomeReport, ProviderView, SettingsView, SourceView,
};
use serde::{Deserialize, Serialize};

/// The body of every error response: `application/problem+json`.
// `C` lets the dashboard read errors without code for every type in `Current`.
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
    /// The invalid request field, if there is one (`base_url`, `headers.x-tenant`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A complete replacement for the field's value, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// The problems of a rejected document, up to a few hundred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<AgentIssue>,
    /// What the check said, if it is why a key was not saved (`key_refused`, `key_not_checked`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Box<OutcomeReport>>,
    /// The stored version, if the request was based on an older one.
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
            check: None,
            current: None,
        }
    }
}

/// The stored version of what a request tried to change, in the form that its `GET` returns.
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
