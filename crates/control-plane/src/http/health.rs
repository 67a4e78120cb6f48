//! Whether the control plane lives, whether it can work, and its API's own description.

use super::{endpoints, openapi};
use crate::app::App;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa::openapi::OpenApi;

/// It lives.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// It can work: the database answers.
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    let answer: Result<i64, sqlx::Error> = sqlx::query_scalar("SELECT count(*) FROM settings")
        .fetch_one(app.pool())
        .await;
    match answer {
        Ok(1) => (StatusCode::OK, "ready\n"),
        Ok(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the settings are missing\n",
        ),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
        }
    }
}

/// The OpenAPI document.
pub(super) async fn document(State(app): State<App>) -> Json<OpenApi> {
    Json(openapi::document(&endpoints(), app.cookie().name()))
}
