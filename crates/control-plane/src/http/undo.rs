//! Undoing a deletion.

use super::caller::SignedIn;
use super::path::Named;
use super::problem::ApiError;
use axum::Json;
use waypost_api_types::Restored;

pub(super) async fn undo(
    SignedIn(workspace): SignedIn,
    Named(token): Named,
) -> Result<Json<Restored>, ApiError> {
    Ok(Json(workspace.undo(&token).await?))
}
