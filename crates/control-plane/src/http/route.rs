//! Routes.

use super::body::ReadJson;
use super::caller::{Caller, SignedIn};
use super::problem::ApiError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use waypost_api_types::RouteRequest;

/// Room for most resolutions with their traces, in bytes, so that the buffer does not grow.
const RESOLUTION_BYTES: usize = 8 * 1024;

pub(super) async fn resolve(
    SignedIn(workspace): SignedIn,
    caller: Caller,
    ReadJson(mut request): ReadJson<RouteRequest>,
) -> Result<Response, ApiError> {
    // Also where the request names a ref alone: its agent sends it, within what that may send.
    if let Some(own) = caller.own_agent() {
        let asked = request.agent.get_or_insert_with(|| own.to_owned());
        if asked != own {
            return Err(other_agent());
        }
    }
    let answer = workspace.route_answer(&request)?;
    let mut json = Vec::with_capacity(RESOLUTION_BYTES);
    serde_json::to_writer(&mut json, &answer).expect("a resolution is JSON");
    let kind = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, kind)], json).into_response())
}

fn other_agent() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "other_agent",
        "This token belongs to another agent. Omit `agent`, or use a service token to request any agent's routes.",
    )
    .at("agent")
}
