//! `/api/v1/used-by`, `/api/v1/impact` and `/api/v1/models/replace`.

use super::api_route::QueryParameter;
use super::body::ReadJson;
use super::caller::SignedIn;
use super::problem::ApiError;
use super::query::{Query, invalid};
use crate::workspace::paging;
use axum::Json;
use axum::http::Uri;
use waypost_api_types::{ImpactInput, ImpactReport, ReplaceModelInput, ReplacedModel, UsedBy};
use waypost_routing::used_by::Used;

/// The parameters of `used-by`.
pub(super) const PARAMETERS: &[QueryParameter] = &[
    QueryParameter {
        name: "provider",
        description: "Only uses of this provider. Exactly one of these four parameters is required.",
    },
    QueryParameter {
        name: "source",
        description: "Only uses of the source with this slug.",
    },
    QueryParameter {
        name: "model",
        description: "Only uses of the model with this ref.",
    },
    QueryParameter {
        name: "secret",
        description: "Only uses of this stored secret, such as `litellm/api-key`.",
    },
    QueryParameter {
        name: "limit",
        description: "The maximum number of uses to list, up to 10,000. The default is 200.",
    },
];

pub(super) async fn used_by(
    SignedIn(workspace): SignedIn,
    uri: Uri,
) -> Result<Json<UsedBy>, ApiError> {
    let mut query = Query::read(&uri, PARAMETERS)?;
    let limit = query
        .count("limit", paging::USES.max)?
        .unwrap_or(paging::USES.default);
    let [provider, source, model, secret] =
        ["provider", "source", "model", "secret"].map(|name| query.text(name));
    let mut asked = [
        provider.as_deref().map(Used::Owner),
        source.as_deref().map(Used::Owner),
        model.as_deref().map(Used::Model),
        secret.as_deref().map(Used::Secret),
    ]
    .into_iter()
    .flatten();
    let (Some(used), None) = (asked.next(), asked.next()) else {
        let detail = "Give exactly one of `provider`, `source`, `model` and `secret`.";
        return Err(invalid("provider", detail.to_owned()));
    };
    Ok(Json(workspace.users_of(used, limit as usize)))
}

pub(super) async fn impact(
    SignedIn(workspace): SignedIn,
    ReadJson(input): ReadJson<ImpactInput>,
) -> Result<Json<ImpactReport>, ApiError> {
    Ok(Json(workspace.impact(input).await?))
}

pub(super) async fn replace_model(
    SignedIn(workspace): SignedIn,
    ReadJson(input): ReadJson<ReplaceModelInput>,
) -> Result<Json<ReplacedModel>, ApiError> {
    Ok(Json(workspace.replace_model(input).await?))
}
