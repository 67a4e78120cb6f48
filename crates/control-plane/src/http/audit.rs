//! The audit log.

use super::api_route::QueryParameter;
use super::caller::SignedIn;
use super::problem::ApiError;
use super::query::Query;
use crate::store::{AuditFilter, AuditWord};
use crate::workspace::paging;
use axum::Json;
use axum::http::{Uri, header};
use axum::response::IntoResponse;
use waypost_api_types::audit_words::searched_words;
use waypost_api_types::{AuditEvent, Page};

/// The parameters of the list: those of a page, then the filters.
pub(super) const PARAMETERS: &[QueryParameter] = &[
    QueryParameter {
        name: "limit",
        description: "The maximum number of events on a page, up to 500.",
    },
    QueryParameter {
        name: "cursor",
        description: "The `next_cursor` of the previous page.",
    },
    QueryParameter {
        name: "since",
        description: "Only events at or after this time, in Unix seconds.",
    },
    QueryParameter {
        name: "until",
        description: "Only events before this time, in Unix seconds.",
    },
    QueryParameter {
        name: "action",
        description: "Only this action and those below it: `provider` includes `provider.key.set`.",
    },
    QueryParameter {
        name: "target",
        description: "Only this target, such as `provider:openrouter`, or every one of a kind, such as `provider`.",
    },
    QueryParameter {
        name: "actor",
        description: "Only this actor, such as `session:1f3a`, or every one of a kind, such as `token`.",
    },
    QueryParameter {
        name: "q",
        description: "Only events with each of these words in their actor, action, target, fields or values, or in the words that the dashboard shows for them.",
    },
];

/// The parameters of the file, which has no pages.
pub(super) const FILTERS: &[QueryParameter] = PARAMETERS.split_at(2).1;

pub(super) async fn list(
    SignedIn(workspace): SignedIn,
    uri: Uri,
) -> Result<Json<Page<AuditEvent>>, ApiError> {
    let mut query = Query::read(&uri, PARAMETERS)?;
    let limit = query.count("limit", paging::AUDIT.max)?;
    let cursor = query.text("cursor");
    let filter = filter(&mut query)?;
    let page = workspace.audit(filter, cursor.as_deref(), limit).await?;
    Ok(Json(page))
}

pub(super) async fn csv(
    SignedIn(workspace): SignedIn,
    uri: Uri,
) -> Result<impl IntoResponse, ApiError> {
    let mut query = Query::read(&uri, FILTERS)?;
    let filter = filter(&mut query)?;
    let text = workspace.audit_csv(filter).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"waypost-activity.csv\"",
        ),
    ];
    Ok((headers, text))
}

fn filter(query: &mut Query) -> Result<AuditFilter, ApiError> {
    Ok(AuditFilter {
        before: None,
        since: query.time("since")?,
        until: query.time("until")?,
        action: query.text("action"),
        target: query.text("target"),
        actor: query.text("actor"),
        words: words(query.text("q").as_deref().unwrap_or_default()),
    })
}

/// The words of a search, with what each stands for on the page.
fn words(text: &str) -> Vec<AuditWord> {
    let owned = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect();
    searched_words(text)
        .into_iter()
        .map(|word| AuditWord {
            text: word.text,
            actions: owned(word.actions),
            actors: owned(word.actors),
            targets: owned(word.targets),
            fields: owned(word.fields),
        })
        .collect()
}
