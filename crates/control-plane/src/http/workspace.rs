//! The workspace in one answer, for pages that begin with all of it.

use super::caller::SignedIn;
use super::current_session::CurrentSession;
use super::problem::ApiError;
use axum::Json;
use waypost_api_types::WorkspaceView;

pub(super) async fn show(
    session: CurrentSession,
    SignedIn(workspace): SignedIn,
) -> Result<Json<WorkspaceView>, ApiError> {
    Ok(Json(WorkspaceView {
        session: session.view(),
        providers: workspace.providers().await?,
        sources: workspace.sources().await?,
        settings: workspace.settings().await?,
    }))
}
