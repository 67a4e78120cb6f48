//! Whether the control plane is running, and whether it can work.

use super::api_route::QueryParameter;
use super::problem::ApiError;
use super::query::{Query, invalid};
use crate::http::app::App;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde::Serialize;
use utoipa::ToSchema;

/// The parameters of the query.
pub(super) const PARAMETERS: &[QueryParameter] = &[QueryParameter {
    name: "for",
    description: "`writes`: also 503 while the database cannot be written.",
}];

/// Whether the control plane can work.
#[derive(Serialize, ToSchema)]
pub(super) struct Readiness {
    status: ReadinessStatus,
    /// Why it is degraded.
    reasons: Vec<ReadinessReason>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReadinessStatus {
    /// Everything works.
    Ok,
    /// Something does not work. The status of the response says whether requests are forwarded.
    Degraded,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReadinessReason {
    /// The process is stopping.
    ShuttingDown,
    /// The database was not reached for longer than `--max-stale`.
    StaleConfiguration,
    /// The database does not answer.
    DatabaseUnreachable,
    /// The database cannot be written.
    DatabaseReadOnly,
    /// The secrets backend is not responding.
    SecretsUnavailable,
}

/// `/healthz`: answers as long as the process runs.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Whether it can forward, or also write. Neither a writer nor a database that hangs holds it up.
pub(super) async fn ready(
    State(app): State<App>,
    uri: Uri,
) -> Result<(StatusCode, Json<Readiness>), ApiError> {
    let mut query = Query::read(&uri, PARAMETERS)?;
    let for_writes = match query.text("for").as_deref() {
        None => false,
        Some("writes") => true,
        Some(_) => return Err(invalid("for", "`for` can be `writes`.".to_owned())),
    };
    let reasons = reasons(&app).await;
    let is_unready = |reason: &ReadinessReason| match reason {
        ReadinessReason::ShuttingDown | ReadinessReason::StaleConfiguration => true,
        ReadinessReason::DatabaseUnreachable | ReadinessReason::DatabaseReadOnly => for_writes,
        ReadinessReason::SecretsUnavailable => false,
    };
    let status = match reasons.iter().any(is_unready) {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::OK,
    };
    let readiness = Readiness {
        status: match reasons.is_empty() {
            true => ReadinessStatus::Ok,
            false => ReadinessStatus::Degraded,
        },
        reasons,
    };
    Ok((status, Json(readiness)))
}

async fn reasons(app: &App) -> Vec<ReadinessReason> {
    let database = app.probe().database(app.store()).await;
    let reasons = [
        (app.drain().has_begun(), ReadinessReason::ShuttingDown),
        (app.is_stale(), ReadinessReason::StaleConfiguration),
        (!database.is_read, ReadinessReason::DatabaseUnreachable),
        (!database.is_written, ReadinessReason::DatabaseReadOnly),
        (
            !app.workspace().secrets().view().available,
            ReadinessReason::SecretsUnavailable,
        ),
    ];
    let so = reasons.into_iter().filter(|(is_so, _)| *is_so);
    so.map(|(_, reason)| reason).collect()
}
