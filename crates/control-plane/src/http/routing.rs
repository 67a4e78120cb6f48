//! The snapshot that routes are resolved in, and routes.

use super::body::ReadJson;
use super::problem::ApiError;
use super::session::Acting;
use axum::Json;
use waypost_api_types::{Resolution, RouteRequest, Snapshot};

pub(super) async fn snapshot(Acting(workspace): Acting) -> Result<Json<Snapshot>, ApiError> {
    Ok(Json(workspace.snapshot().await?))
}

pub(super) async fn route(
    Acting(workspace): Acting,
    ReadJson(request): ReadJson<RouteRequest>,
) -> Result<Json<Resolution>, ApiError> {
    Ok(Json(workspace.route(request).await?))
}
