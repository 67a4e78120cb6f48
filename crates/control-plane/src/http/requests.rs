//! `/api/v1/requests` and `/api/v1/traffic`.

use super::api_route::QueryParameter;
use super::caller::SignedIn;
use super::path::Named;
use super::problem::ApiError;
use super::query::{Query, invalid};
use crate::http::app::App;
use crate::request_log::RequestsQuery;
use crate::workspace::paging;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use waypost_api_types::{
    DeletedRequests, RequestDetail, RequestOutcome, RequestsPage, Traffic, TrafficBy, TrafficWindow,
};
use waypost_routing::resolution::RouteKind;

/// The parameters of the list.
pub(super) const PARAMETERS: &[QueryParameter] = &[
    QueryParameter {
        name: "limit",
        description: "The maximum number of records on a page, up to 500.",
    },
    QueryParameter {
        name: "cursor",
        description: "The `next_cursor` of the previous page.",
    },
    QueryParameter {
        name: "agent",
        description: "Only requests of the agent that had this name.",
    },
    QueryParameter {
        name: "provider",
        description: "Only requests that were sent to this provider or source last.",
    },
    QueryParameter {
        name: "kind",
        description: "Only requests with a route of this kind: `gateway`, `gateway_legacy`, `direct`, `passthrough` or `managed`.",
    },
    QueryParameter {
        name: "outcome",
        description: "Only requests that ended so: `ok`, `upstream_error`, `refused`, `failed` or `cancelled`.",
    },
    QueryParameter {
        name: "since",
        description: "Only requests that ended at or after this time, in Unix seconds.",
    },
    QueryParameter {
        name: "q",
        description: "Only requests with each of these words in their agent, subagent, model, provider, origin, wire model, code or reason of the fallback, or at the beginning of their id.",
    },
];

/// The parameter of a deletion.
pub(super) const DELETE_PARAMETERS: &[QueryParameter] = &[QueryParameter {
    name: "before",
    description: "Deletes the records of requests that ended before this time, in Unix seconds.",
}];

/// The parameters of the traffic.
pub(super) const TRAFFIC_PARAMETERS: &[QueryParameter] = &[
    QueryParameter {
        name: "window",
        description: "The last hour (`1h`, the default) or the last day (`24h`).",
    },
    QueryParameter {
        name: "by",
        description: "What it is counted by: `agent` (the default), `provider`, `source`, `model` or `kind`.",
    },
];

pub(super) async fn list(State(app): State<App>, uri: Uri) -> Result<Json<RequestsPage>, ApiError> {
    let mut query = Query::read(&uri, PARAMETERS)?;
    let limit = query.count("limit", paging::REQUESTS.max)?;
    let cursor = query.text("cursor");
    let filter = RequestsQuery {
        agent: query.text("agent"),
        provider: query.text("provider"),
        kind: word(&mut query, "kind", PARAMETERS, RouteKind::from_name)?,
        outcome: word(&mut query, "outcome", PARAMETERS, RequestOutcome::from_name)?,
        since: query.time("since")?,
        text: query.text("q"),
    };
    let page = app.request_log().page(filter, cursor.as_deref(), limit);
    Ok(Json(page.await?))
}

pub(super) async fn show(
    State(app): State<App>,
    SignedIn(workspace): SignedIn,
    Named(id): Named,
) -> Result<Json<RequestDetail>, ApiError> {
    Ok(Json(app.request_log().show(&id, &workspace).await?))
}

pub(super) async fn delete(
    State(app): State<App>,
    SignedIn(workspace): SignedIn,
    uri: Uri,
) -> Result<Json<DeletedRequests>, ApiError> {
    let mut query = Query::read(&uri, DELETE_PARAMETERS)?;
    let Some(before) = query.time("before")? else {
        let detail = "Set `before`: the time up to which records are deleted, in Unix seconds.";
        return Err(invalid("before", detail.to_owned()));
    };
    let deleted = app.request_log().delete(before, &workspace).await?;
    Ok(Json(DeletedRequests { deleted }))
}

pub(super) async fn traffic(State(app): State<App>, uri: Uri) -> Result<Json<Traffic>, ApiError> {
    let mut query = Query::read(&uri, TRAFFIC_PARAMETERS)?;
    let window = word(
        &mut query,
        "window",
        TRAFFIC_PARAMETERS,
        TrafficWindow::from_name,
    )?;
    let by = word(&mut query, "by", TRAFFIC_PARAMETERS, TrafficBy::from_name)?;
    let traffic = app.request_log().traffic(
        by.unwrap_or(TrafficBy::Agent),
        window.unwrap_or(TrafficWindow::Hour),
    );
    Ok(Json(traffic.await?))
}

/// One of the words that a parameter may have.
fn word<T>(
    query: &mut Query,
    name: &'static str,
    parameters: &[QueryParameter],
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, ApiError> {
    let Some(text) = query.text(name) else {
        return Ok(None);
    };
    read(&text).map(Some).ok_or_else(|| {
        let parameter = parameters.iter().find(|known| known.name == name);
        let description = parameter.map_or("", |parameter| parameter.description);
        invalid(name, format!("Invalid `{name}`. {description}"))
    })
}
