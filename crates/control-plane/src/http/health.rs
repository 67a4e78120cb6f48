//! Whether the control plane is running, and whether it can work.

use crate::http::app::App;
use axum::extract::State;
use axum::http::StatusCode;

/// It lives.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// It can work: the database can be read, and writing has not failed. Waits for no writer.
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if let Err(error) = app.store().configuration().await {
        tracing::error!(%error, "cannot read the database");
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database cannot be read\n",
        );
    }
    match app.store().writable().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "cannot write the database");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database cannot be written\n",
            )
        }
    }
}
