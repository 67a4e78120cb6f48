//! `/api/v1/sources`.

use super::body::ReadJson;
use super::path::Named;
use super::problem::Refusal;
use super::session::Acting;
use super::version::{Changing, Versioned};
use crate::secrets::SecretText;
use crate::workspace::{SourceEdit, SourceWrite};
use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use waypost_api_types::{
    Deleted, NewModels, OutcomeReport, Page, RefreshProgress, SourceDraft, SourcePatch, SourceView,
    nullable,
};

/// `POST /api/v1/sources` and `/sources/test`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// The readable label.
    name: String,
    /// The slug; made from the name where absent. For a test: the stored source that is edited.
    #[serde(default)]
    slug: Option<String>,
    /// The base URL as typed.
    #[serde(default)]
    base_url: String,
    /// The header that carries the auth value; blank means `Authorization: Bearer <value>`.
    #[serde(default)]
    auth_header: Option<String>,
    /// The auth value. In the test of a stored source, absent means the stored one.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, write_only)]
    auth_value: Option<Option<SecretText>>,
    /// The static headers. In the test of a stored source, absent means the stored ones.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<BTreeMap<String, String>>, write_only)]
    headers: Option<Option<BTreeMap<String, SecretText>>>,
    /// Whether refs to it go straight there.
    #[serde(default)]
    passthrough: bool,
    /// Grants the origin although it is private or loopback.
    #[serde(default)]
    allow_private: bool,
    /// What becomes of new models.
    #[serde(default)]
    new_models: NewModels,
}

impl From<NewSource> for SourceWrite {
    fn from(new: NewSource) -> Self {
        Self {
            draft: SourceDraft {
                name: new.name,
                slug: new.slug,
                base_url: new.base_url,
                auth_header: new.auth_header,
                passthrough: new.passthrough,
                allow_private: new.allow_private,
                new_models: new.new_models,
            },
            // Null says "none", which differs from absence where a source is already stored.
            auth_value: new
                .auth_value
                .map(|value| value.unwrap_or_else(|| SecretText::new(String::new()))),
            headers: new.headers.map(Option::unwrap_or_default),
        }
    }
}

/// `PATCH /api/v1/sources/{slug}`. An absent field stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedSource {
    /// The readable label.
    #[serde(default)]
    name: Option<String>,
    /// The base URL as typed. Another origin drops the secrets that are not entered again with it.
    #[serde(default)]
    base_url: Option<String>,
    /// The header that carries the auth value; null or blank means `Authorization`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    auth_header: Option<Option<String>>,
    /// The auth value; null or empty clears it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, write_only)]
    auth_value: Option<Option<SecretText>>,
    /// All static headers, replacing those there are; null or empty clears them.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<BTreeMap<String, String>>, write_only)]
    headers: Option<Option<BTreeMap<String, SecretText>>>,
    /// Whether refs to it go straight there.
    #[serde(default)]
    passthrough: Option<bool>,
    /// Grants the origin although it is private or loopback.
    #[serde(default)]
    allow_private: Option<bool>,
    /// What becomes of new models.
    #[serde(default)]
    new_models: Option<NewModels>,
}

impl From<ChangedSource> for SourceEdit {
    fn from(changed: ChangedSource) -> Self {
        Self {
            patch: SourcePatch {
                name: changed.name,
                base_url: changed.base_url,
                auth_header: changed.auth_header.map(Option::unwrap_or_default),
                passthrough: changed.passthrough,
                allow_private: changed.allow_private,
                new_models: changed.new_models,
            },
            auth_value: changed.auth_value,
            headers: changed.headers,
        }
    }
}

pub(super) async fn list(Acting(workspace): Acting) -> Result<Json<Page<SourceView>>, Refusal> {
    Ok(Json(Page {
        items: workspace.sources().await?,
        next_cursor: None,
    }))
}

pub(super) async fn show(
    Acting(workspace): Acting,
    Named(slug): Named,
) -> Result<Versioned<SourceView>, Refusal> {
    Ok(Versioned(workspace.source(&slug).await?))
}

pub(super) async fn add(
    Acting(workspace): Acting,
    ReadJson(new): ReadJson<NewSource>,
) -> Result<(StatusCode, Versioned<SourceView>), Refusal> {
    let view = workspace.add_source(new.into()).await?;
    Ok((StatusCode::CREATED, Versioned(view)))
}

pub(super) async fn edit(
    Changing(workspace): Changing,
    Named(slug): Named,
    ReadJson(changed): ReadJson<ChangedSource>,
) -> Result<Versioned<SourceView>, Refusal> {
    Ok(Versioned(
        workspace.edit_source(&slug, changed.into()).await?,
    ))
}

pub(super) async fn delete(
    Changing(workspace): Changing,
    Named(slug): Named,
) -> Result<Json<Deleted>, Refusal> {
    let undo = workspace.delete_source(&slug).await?;
    Ok(Json(Deleted { undo }))
}

pub(super) async fn test_draft(
    Acting(workspace): Acting,
    ReadJson(new): ReadJson<NewSource>,
) -> Result<Json<OutcomeReport>, Refusal> {
    Ok(Json(workspace.test_source_draft(new.into()).await?))
}

pub(super) async fn test(
    Acting(workspace): Acting,
    Named(slug): Named,
) -> Result<Json<OutcomeReport>, Refusal> {
    Ok(Json(workspace.test_source(&slug).await?))
}

pub(super) async fn refresh(
    Acting(workspace): Acting,
    Named(slug): Named,
) -> Result<Json<OutcomeReport>, Refusal> {
    Ok(Json(workspace.refresh_source(&slug).await?))
}

pub(super) async fn progress(
    Acting(workspace): Acting,
    Named(slug): Named,
) -> Result<Json<RefreshProgress>, Refusal> {
    Ok(Json(workspace.refresh_progress(&slug).await?))
}
