//! `/api/v1/sessions`: who is signed in.

use super::app::App;
use super::current_session::CurrentSession;
use super::path::Named;
use super::problem::ApiError;
use crate::domain_error::DomainError;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use waypost_api_types::{Page, Role, SessionItem};

pub(super) async fn list(
    State(app): State<App>,
    session: CurrentSession,
) -> Json<Page<SessionItem>> {
    let mut items = app.sessions().list(&session.0.public_id);
    if session.0.role != Role::Admin {
        items.retain(|item| item.current);
    }
    Json(Page {
        items,
        next_cursor: None,
    })
}

pub(super) async fn end(
    State(app): State<App>,
    session: CurrentSession,
    Named(id): Named,
) -> Result<StatusCode, ApiError> {
    match app.sessions().end_by_id(&id, &session.actor()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => {
            let message = "There is no such session. It may have ended already.";
            Err(DomainError::not_found(message).into())
        }
    }
}
