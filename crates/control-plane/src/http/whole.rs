//! What concerns the workspace as a whole: settings, the snapshot, routes and the audit log.

use super::body::ReadJson;
use super::path::Named;
use super::problem::Refusal;
use super::query::Query;
use super::session::Acting;
use super::table::QueryParameter;
use super::version::{Changing, Versioned};
use axum::Json;
use axum::http::Uri;
use waypost_api_types::{
    AuditEvent, Page, Resolution, Restored, RouteRequest, SettingsPatch, SettingsView, Snapshot,
};

/// What a page of the audit log holds at most.
const MOST: u32 = 500;

/// The parameters of the audit log.
pub(super) const AUDIT_PARAMETERS: &[QueryParameter] = &[
    QueryParameter {
        name: "limit",
        description: "How many events a page holds at most, up to 500.",
    },
    QueryParameter {
        name: "cursor",
        description: "The `next_cursor` of the page before.",
    },
];

pub(super) async fn settings(
    Acting(workspace): Acting,
) -> Result<Versioned<SettingsView>, Refusal> {
    Ok(Versioned(workspace.settings().await?))
}

pub(super) async fn edit_settings(
    Changing(workspace): Changing,
    ReadJson(patch): ReadJson<SettingsPatch>,
) -> Result<Versioned<SettingsView>, Refusal> {
    Ok(Versioned(workspace.edit_settings(patch).await?))
}

pub(super) async fn snapshot(Acting(workspace): Acting) -> Result<Json<Snapshot>, Refusal> {
    Ok(Json(workspace.snapshot().await?))
}

pub(super) async fn route(
    Acting(workspace): Acting,
    ReadJson(request): ReadJson<RouteRequest>,
) -> Result<Json<Resolution>, Refusal> {
    Ok(Json(workspace.route(request).await?))
}

pub(super) async fn audit(
    Acting(workspace): Acting,
    uri: Uri,
) -> Result<Json<Page<AuditEvent>>, Refusal> {
    let mut query = Query::read(&uri, AUDIT_PARAMETERS)?;
    let limit = query.count("limit", MOST)?;
    let cursor = query.text("cursor");
    Ok(Json(workspace.audit(cursor.as_deref(), limit).await?))
}

pub(super) async fn undo(
    Acting(workspace): Acting,
    Named(token): Named,
) -> Result<Json<Restored>, Refusal> {
    Ok(Json(workspace.undo(&token).await?))
}
