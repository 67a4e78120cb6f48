//! `/api/v1/agents`.

use super::api_route::QueryParameter;
use super::body::ReadJson;
use super::caller::SignedIn;
use super::if_match::{IfMatch, Versioned};
use super::path::{Named, NamedPair};
use super::problem::ApiError;
use super::query::Query;
use crate::workspace::paging;
use axum::Json;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;
use utoipa::ToSchema;
use waypost_api_types::{AgentCheck, AgentInput, AgentKeyRemoved, AgentView, Deleted, Page};
use waypost_secrets::SecretText;

/// The parameters of the list.
pub(super) const PARAMETERS: &[QueryParameter] = &[
    QueryParameter {
        name: "limit",
        description: "The maximum number of agents on a page, up to 500. Pages with large documents are shorter.",
    },
    QueryParameter {
        name: "cursor",
        description: "The `next_cursor` of the previous page.",
    },
];

pub(super) async fn list(
    SignedIn(workspace): SignedIn,
    uri: Uri,
) -> Result<Json<Page<AgentView>>, ApiError> {
    let mut query = Query::read(&uri, PARAMETERS)?;
    let limit = query.count("limit", paging::AGENTS.max)?;
    let cursor = query.text("cursor");
    Ok(Json(workspace.agents(cursor.as_deref(), limit).await?))
}

pub(super) async fn show(
    SignedIn(workspace): SignedIn,
    Named(name): Named,
) -> Result<Versioned<AgentView>, ApiError> {
    Ok(Versioned(workspace.agent(&name).await?))
}

pub(super) async fn add(
    SignedIn(workspace): SignedIn,
    ReadJson(write): ReadJson<AgentInput>,
) -> Result<(StatusCode, Versioned<AgentView>), ApiError> {
    let view = workspace.add_agent(write).await?;
    Ok((StatusCode::CREATED, Versioned(view)))
}

pub(super) async fn check(
    SignedIn(workspace): SignedIn,
    ReadJson(write): ReadJson<AgentInput>,
) -> Json<AgentCheck> {
    Json(workspace.check_agent(&write))
}

pub(super) async fn replace(
    IfMatch(workspace): IfMatch,
    Named(name): Named,
    ReadJson(write): ReadJson<AgentInput>,
) -> Result<Versioned<AgentView>, ApiError> {
    Ok(Versioned(workspace.replace_agent(&name, write).await?))
}

pub(super) async fn delete(
    IfMatch(workspace): IfMatch,
    Named(name): Named,
) -> Result<Json<Deleted>, ApiError> {
    let undo = workspace.delete_agent(&name).await?;
    Ok(Json(Deleted { undo }))
}

/// Body of `PUT /api/v1/agents/{name}/keys/{gateway}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentKey {
    /// The key.
    #[schema(value_type = String, write_only)]
    value: SecretText,
    /// The origin that the key is for. If the agent's requests to the gateway go to another one by
    /// now, the answer is 409 `changed_meanwhile` and nothing is saved.
    origin: Option<String>,
    /// Takes the key although it looks like something else, such as a mask or a placeholder.
    #[serde(default)]
    accept_suspicious: bool,
}

pub(super) async fn set_key(
    IfMatch(workspace): IfMatch,
    NamedPair(name, gateway): NamedPair,
    ReadJson(key): ReadJson<AgentKey>,
) -> Result<Versioned<AgentView>, ApiError> {
    let workspace = workspace.accepting_suspicious_keys(key.accept_suspicious);
    let view = workspace
        .set_agent_key(&name, &gateway, key.value, key.origin)
        .await?;
    Ok(Versioned(view))
}

pub(super) async fn remove_key(
    IfMatch(workspace): IfMatch,
    NamedPair(name, gateway): NamedPair,
) -> Result<Versioned<AgentKeyRemoved>, ApiError> {
    Ok(Versioned(
        workspace.remove_agent_key(&name, &gateway).await?,
    ))
}
