//! `/api/v1/tokens`.

use super::api_route::QueryParameter;
use super::body::ReadJson;
use super::caller::SignedIn;
use super::path::Named;
use super::problem::ApiError;
use super::query::{Query, invalid};
use crate::tokens::{NewToken, TokenFilter};
use crate::workspace::paging;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa::ToSchema;
use waypost_api_types::{Page, TokenInput, TokenKind, TokenView};
use zeroize::Zeroizing;

/// The parameters of the list.
pub(super) const PARAMETERS: &[QueryParameter] = &[
    QueryParameter {
        name: "agent",
        description: "Only the tokens of this agent.",
    },
    QueryParameter {
        name: "kind",
        description: "Only tokens of this kind: `agent` or `service`.",
    },
    QueryParameter {
        name: "limit",
        description: "The maximum number of tokens on a page, up to 500.",
    },
    QueryParameter {
        name: "cursor",
        description: "The `next_cursor` of the previous page.",
    },
];

/// The answer to `POST /api/v1/tokens`: the token, and its text.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it is the description of what `Created` writes")]
pub(super) struct CreatedToken {
    #[schema(inline)]
    #[serde(flatten)]
    view: TokenView,
    /// The token itself, which is shown only here.
    #[schema(read_only)]
    token: String,
}

/// A new token as an answer, the only one that ever carries its text.
pub(super) struct Created(NewToken);

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let mut view = serde_json::to_value(&self.0.view).expect("a view is JSON");
        if let Value::Object(fields) = &mut view {
            fields.insert("token".to_owned(), self.0.token.expose().into());
        }
        let body = Zeroizing::new(view.to_string());
        let media_type = HeaderValue::from_static("application/json");
        let headers = [(header::CONTENT_TYPE, media_type)];
        (StatusCode::CREATED, headers, body.to_string()).into_response()
    }
}

pub(super) async fn list(
    SignedIn(workspace): SignedIn,
    uri: Uri,
) -> Result<Json<Page<TokenView>>, ApiError> {
    let mut query = Query::read(&uri, PARAMETERS)?;
    let limit = query.count("limit", paging::TOKENS.max)?;
    let cursor = query.text("cursor");
    let kind = match query.text("kind").as_deref() {
        None => None,
        Some("agent") => Some(TokenKind::Agent),
        Some("service") => Some(TokenKind::Service),
        Some(_) => {
            let detail = "The parameter `kind` must be `agent` or `service`.".to_owned();
            return Err(invalid("kind", detail));
        }
    };
    let filter = TokenFilter {
        agent: query.text("agent"),
        kind,
    };
    Ok(Json(workspace.tokens(&filter, cursor.as_deref(), limit)?))
}

pub(super) async fn create(
    SignedIn(workspace): SignedIn,
    ReadJson(input): ReadJson<TokenInput>,
) -> Result<Created, ApiError> {
    Ok(Created(workspace.create_token(input).await?))
}

pub(super) async fn revoke(
    SignedIn(workspace): SignedIn,
    Named(id): Named,
) -> Result<StatusCode, ApiError> {
    workspace.revoke_token(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
