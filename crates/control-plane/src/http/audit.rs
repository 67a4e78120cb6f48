//! The audit log.

use super::api_route::QueryParameter;
use super::caller::SignedIn;
use super::problem::ApiError;
use super::query::Query;
use axum::Json;
use axum::http::Uri;
use waypost_api_types::{AuditEvent, Page};

/// The most events on one page.
const MOST: u32 = 500;

pub(super) const PARAMETERS: &[QueryParameter] = &[
    QueryParameter {
        name: "limit",
        description: "How many events a page holds at most, up to 500.",
    },
    QueryParameter {
        name: "cursor",
        description: "The `next_cursor` of the page before.",
    },
];

pub(super) async fn list(
    SignedIn(workspace): SignedIn,
    uri: Uri,
) -> Result<Json<Page<AuditEvent>>, ApiError> {
    let mut query = Query::read(&uri, PARAMETERS)?;
    let limit = query.count("limit", MOST)?;
    let cursor = query.text("cursor");
    Ok(Json(workspace.audit(cursor.as_deref(), limit).await?))
}
