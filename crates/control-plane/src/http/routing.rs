//! Routes.

use super::body::ReadJson;
use super::problem::ApiError;
use super::session::Acting;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use waypost_api_types::RouteRequest;

/// Room for most resolutions with their traces, in bytes, so that the buffer does not grow.
const RESOLUTION_BYTES: usize = 8 * 1024;

pub(super) async fn route(
    Acting(workspace): Acting,
    ReadJson(request): ReadJson<RouteRequest>,
) -> Result<Response, ApiError> {
    let resolution = workspace.route(&request)?;
    let mut json = Vec::with_capacity(RESOLUTION_BYTES);
    serde_json::to_writer(&mut json, &resolution).expect("a resolution is JSON");
    let kind = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, kind)], json).into_response())
}
