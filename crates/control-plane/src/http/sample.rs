//! `/api/v1/sample`, and the sample itself: a small OpenAI-compatible server with Anthropic's
//! Messages beside, which echoes what it was asked. It takes its own key and no session.

use super::body::ReadJson;
use super::caller::SignedIn;
use super::problem::ApiError;
use crate::http::app::App;
use crate::sample::{self, SampleUpstream, UPSTREAMS};
use crate::store::token_hash;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use waypost_api_types::{Page, SampleView, SourceView};

pub(super) async fn in_place(SignedIn(workspace): SignedIn) -> Result<Json<SampleView>, ApiError> {
    Ok(Json(sample::in_place(&workspace).await?))
}

pub(super) async fn install(
    State(app): State<App>,
    SignedIn(workspace): SignedIn,
) -> Result<Json<Page<SourceView>>, ApiError> {
    let items = sample::install(&workspace, app.listen()).await?;
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}

pub(super) async fn remove(SignedIn(workspace): SignedIn) -> Result<StatusCode, ApiError> {
    sample::remove(&workspace).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a request pass that carries the sample's key in the header of its upstream.
pub(super) async fn require_key(State(app): State<App>, request: Request, next: Next) -> Response {
    let expected = match app.store().sample_key_hash().await {
        Ok(Some(hash)) => hash,
        Ok(None) => {
            return fault(
                StatusCode::NOT_FOUND,
                "not_installed",
                "The sample workspace is not installed.",
            );
        }
        Err(error) => return ApiError::from(error).into_response(),
    };
    let given =
        upstream_of(request.uri()).and_then(|upstream| presented_key(upstream, request.headers()));
    match given {
        Some(key) if token_hash(key) == expected => next.run(request).await,
        Some(_) => fault(
            StatusCode::UNAUTHORIZED,
            "invalid_api_key",
            "Invalid key for the sample.",
        ),
        None => fault(
            StatusCode::UNAUTHORIZED,
            "missing_api_key",
            "The sample requires its key: as `Authorization: Bearer` on its gateway, as `x-api-key` on its team endpoint.",
        ),
    }
}

fn upstream_of(uri: &Uri) -> Option<&'static SampleUpstream> {
    UPSTREAMS.iter().find(|upstream| {
        uri.path()
            .strip_prefix(upstream.path)
            .is_some_and(|rest| rest.starts_with('/'))
    })
}

fn presented_key<'a>(upstream: &SampleUpstream, headers: &'a HeaderMap) -> Option<&'a str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match upstream.auth_header {
        Some(name) => text(name),
        None => {
            text(header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "))
        }
    }
}

/// The models of the upstream.
pub(super) async fn models(uri: Uri) -> Response {
    let Some(upstream) = upstream_of(&uri) else {
        return ApiError::no_such_address().into_response();
    };
    let data: Vec<Value> = upstream
        .models
        .iter()
        .map(
            |id| json!({ "id": id, "object": "model", "created": 0, "owned_by": "waypost-sample" }),
        )
        .collect();
    Json(json!({ "object": "list", "data": data })).into_response()
}

/// The part of a request that the sample looks at.
#[derive(Deserialize, ToSchema)]
pub(super) struct SampleRequest {
    /// The wire model.
    model: String,
    /// Whether the answer shall come piece by piece, which the sample does not do.
    #[serde(default)]
    stream: bool,
}

/// Answers chat completions.
pub(super) async fn chat(uri: Uri, ReadJson(request): ReadJson<SampleRequest>) -> Response {
    answer(&uri, &request, |text| {
        json!({
            "id": "chatcmpl-sample",
            "object": "chat.completion",
            "created": 0,
            "model": request.model,
            "choices": [{
                "index": 0,
                "finish_reason": "stop",
                "message": { "role": "assistant", "content": text },
            }],
            "usage": { "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 },
        })
    })
}

/// Answers Anthropic Messages.
pub(super) async fn messages(uri: Uri, ReadJson(request): ReadJson<SampleRequest>) -> Response {
    answer(&uri, &request, |text| {
        json!({
            "id": "msg_sample",
            "type": "message",
            "role": "assistant",
            "model": request.model,
            "content": [{ "type": "text", "text": text }],
            "stop_reason": "end_turn",
            "stop_sequence": null,
            "usage": { "input_tokens": 0, "output_tokens": 0 },
        })
    })
}

fn answer(uri: &Uri, request: &SampleRequest, body: impl FnOnce(String) -> Value) -> Response {
    let Some(upstream) = upstream_of(uri) else {
        return ApiError::no_such_address().into_response();
    };
    if request.stream {
        return fault(
            StatusCode::BAD_REQUEST,
            "no_streaming",
            "The sample does not stream. Remove `stream`.",
        );
    }
    if !upstream.models.contains(&request.model.as_str()) {
        return fault(
            StatusCode::NOT_FOUND,
            "model_not_found",
            "The sample has no such model. Its model list shows the ones it has.",
        );
    }
    let text = format!(
        "This is Waypost's sample: no model was asked. The request came to `{}` for the model `{}`.",
        upstream.path, request.model
    );
    Json(body(text)).into_response()
}

/// A problem like every other error of Waypost's, with the member `error` that clients of
/// OpenAI-compatible servers read.
fn fault(status: StatusCode, code: &str, message: &str) -> Response {
    let error = json!({ "message": message, "type": "invalid_request_error", "code": code });
    ApiError::new(status, code, message)
        .with_member("error", error)
        .into_response()
}
