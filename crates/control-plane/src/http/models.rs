//! `/api/v1/models` and `/api/v1/default-model`.

use super::api_route::QueryParameter;
use super::body::ReadJson;
use super::caller::SignedIn;
use super::if_match::{IfMatch, Versioned};
use super::problem::ApiError;
use super::query::{Query, invalid};
use crate::store::ModelsSort;
use crate::workspace::{ModelsQuery, paging};
use axum::Json;
use axum::http::Uri;
use waypost_api_types::{DefaultModel, EnableModelsInput, EnabledModels, ModelState, ModelsPage};

/// The parameters of the list.
pub(super) const PARAMETERS: &[QueryParameter] = &[
    QueryParameter {
        name: "owner",
        description: "Only models of this provider or source.",
    },
    QueryParameter {
        name: "q",
        description: "Only models with each of these words in their ref or name, without regard to case.",
    },
    QueryParameter {
        name: "state",
        description: "Only models that are `enabled`, `disabled` or `absent`.",
    },
    QueryParameter {
        name: "limit",
        description: "The maximum number of models on a page, up to 1000.",
    },
    QueryParameter {
        name: "cursor",
        description: "The `next_cursor` of the previous page.",
    },
    QueryParameter {
        name: "in_use",
        description: "Only models that an agent uses (`true`) or that none uses (`false`).",
    },
    QueryParameter {
        name: "sort",
        description: "`ref` (the default: by owner, then by id), `context` (largest first), `price` (cheapest input first) or `newest`.",
    },
    QueryParameter {
        name: "offset",
        description: "The number of models to skip, instead of a cursor.",
    },
    QueryParameter {
        name: "facets",
        description: "`true` adds how many models each owner, each state and use by agents would match.",
    },
];

/// How many models may be left out at the beginning.
const LAST_OFFSET: u32 = 10_000_000;

/// A parameter that is `true` or `false`.
fn flag(query: &mut Query, name: &str) -> Result<Option<bool>, ApiError> {
    match query.text(name).as_deref() {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => {
            let detail = format!("The parameter `{name}` must be `true` or `false`.");
            Err(invalid(name, detail))
        }
    }
}

pub(super) async fn list(
    SignedIn(workspace): SignedIn,
    uri: Uri,
) -> Result<Json<ModelsPage>, ApiError> {
    let mut query = Query::read(&uri, PARAMETERS)?;
    let state = match query.text("state").as_deref() {
        None => None,
        Some("enabled") => Some(ModelState::Enabled),
        Some("disabled") => Some(ModelState::Disabled),
        Some("absent") => Some(ModelState::Absent),
        Some(_) => {
            let detail = "The parameter `state` must be `enabled`, `disabled` or `absent`.";
            return Err(invalid("state", detail.to_owned()));
        }
    };
    let sort = match query.text("sort").as_deref() {
        None | Some("ref") => ModelsSort::Ref,
        Some("context") => ModelsSort::Context,
        Some("price") => ModelsSort::Price,
        Some("newest") => ModelsSort::Newest,
        Some(_) => {
            let detail = "The parameter `sort` must be `ref`, `context`, `price` or `newest`.";
            return Err(invalid("sort", detail.to_owned()));
        }
    };
    let query = ModelsQuery {
        sort,
        in_use: flag(&mut query, "in_use")?,
        offset: query.count("offset", LAST_OFFSET)?,
        facets: flag(&mut query, "facets")?.unwrap_or_default(),
        owner: query.text("owner"),
        q: query.text("q"),
        state,
        limit: query.count("limit", paging::MODELS.max)?,
        cursor: query.text("cursor"),
    };
    Ok(Json(workspace.models(query).await?))
}

pub(super) async fn enable(
    SignedIn(workspace): SignedIn,
    ReadJson(change): ReadJson<EnableModelsInput>,
) -> Result<Json<EnabledModels>, ApiError> {
    Ok(Json(workspace.enable_models(change).await?))
}

pub(super) async fn default_model(
    SignedIn(workspace): SignedIn,
) -> Result<Versioned<DefaultModel>, ApiError> {
    Ok(Versioned(workspace.default_model().await?))
}

pub(super) async fn set_default_model(
    IfMatch(workspace): IfMatch,
    ReadJson(wanted): ReadJson<DefaultModel>,
) -> Result<Versioned<DefaultModel>, ApiError> {
    Ok(Versioned(workspace.set_default_model(wanted).await?))
}
