//! `/api/v1/sources`.

use super::body::{ReadJson, ReadOptionalJson};
use super::caller::SignedIn;
use super::if_match::{IfMatch, Versioned};
use super::path::Named;
use super::problem::ApiError;
use super::staged_keys::{TestedKey, only_next};
use crate::workspace::{NewSource, SourceEdit};
use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use waypost_api_types::{
    Deleted, NewModels, OutcomeReport, Page, RefreshProgress, SourceInput, SourcePatch, SourceView,
    nullable,
};
use waypost_routing::time_limits::TimeLimits;
use waypost_secrets::SecretText;

// The three inputs repeat their common fields: serde cannot flatten a shared type into one that
// refuses unknown fields, and each field says in the API's document what it means there.

/// `POST /api/v1/sources`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSourceInput {
    /// The readable label.
    name: String,
    /// The slug; made from the name where absent.
    #[serde(default)]
    slug: Option<String>,
    /// The base URL as typed.
    #[serde(default)]
    base_url: String,
    /// The header that carries the auth value; blank means `Authorization: Bearer <value>`.
    #[serde(default)]
    auth_header: Option<String>,
    /// The auth value.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    auth_value: Option<SecretText>,
    /// Takes the key and the static headers although one of them looks like something else, such as
    /// a mask or a placeholder.
    #[serde(default)]
    accept_suspicious: bool,
    /// The static headers.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, String>>, write_only)]
    headers: Option<BTreeMap<String, SecretText>>,
    /// Headers of the caller that are passed on, beside those that always are.
    #[serde(default)]
    pass_headers: Vec<String>,
    /// How long its requests may take, in place of the limits of every other.
    #[serde(default)]
    limits: TimeLimits,
    /// Whether refs to it go straight there.
    #[serde(default)]
    passthrough: bool,
    /// Grants the origin although it is private or loopback.
    #[serde(default)]
    allow_private: bool,
    /// What becomes of new models.
    #[serde(default)]
    new_models: NewModels,
    /// Whether to save it only if the upstream accepts it, and to refresh the models then.
    #[serde(default)]
    check: bool,
}

impl From<NewSourceInput> for NewSource {
    fn from(new: NewSourceInput) -> Self {
        Self {
            input: SourceInput {
                name: new.name,
                slug: new.slug,
                base_url: new.base_url,
                auth_header: new.auth_header,
                limits: new.limits,
                pass_headers: new.pass_headers,
                passthrough: new.passthrough,
                allow_private: new.allow_private,
                new_models: new.new_models,
            },
            auth_value: new.auth_value,
            headers: new.headers,
        }
    }
}

/// `PATCH /api/v1/sources/{slug}`, where an absent field stays as it is, and
/// `POST /api/v1/sources/{slug}/test`, where it is as stored.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceEditInput {
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
    /// Takes the key and the static headers although one of them looks like something else, such as
    /// a mask or a placeholder.
    #[serde(default)]
    accept_suspicious: bool,
    /// All static headers, replacing those there are; null or empty clears them.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<BTreeMap<String, String>>, write_only)]
    headers: Option<Option<BTreeMap<String, SecretText>>>,
    /// All headers of the caller that are passed on beside those that always are, replacing the
    /// present ones.
    #[serde(default)]
    pass_headers: Option<Vec<String>>,
    /// All limits, replacing the present ones.
    #[serde(default)]
    limits: Option<TimeLimits>,
    /// Whether refs to it go straight there.
    #[serde(default)]
    passthrough: Option<bool>,
    /// Grants the origin although it is private or loopback.
    #[serde(default)]
    allow_private: Option<bool>,
    /// What becomes of new models.
    #[serde(default)]
    new_models: Option<NewModels>,
    /// Whether to save a changed request only if the upstream accepts it, and to refresh the models
    /// then. It plays no part in a test.
    #[serde(default)]
    check: bool,
    /// Which stored key a test uses. `next` takes no other field, and an edit takes no `key`.
    #[serde(default)]
    key: Option<TestedKey>,
}

impl From<SourceEditInput> for SourceEdit {
    fn from(changed: SourceEditInput) -> Self {
        Self {
            patch: SourcePatch {
                name: changed.name,
                base_url: changed.base_url,
                auth_header: changed.auth_header.map(Option::unwrap_or_default),
                limits: changed.limits,
                pass_headers: changed.pass_headers,
                passthrough: changed.passthrough,
                allow_private: changed.allow_private,
                new_models: changed.new_models,
            },
            auth_value: changed.auth_value,
            headers: changed.headers,
        }
    }
}

/// Body of `POST /api/v1/sources/test`: unsaved input for a new source, or for a stored one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceTestInput {
    /// The stored source to test with this input; absent fields keep its values.
    #[serde(default)]
    slug: Option<String>,
    /// The readable label. It plays no part in a test.
    #[serde(default)]
    name: Option<String>,
    /// The base URL as typed. The stored secrets are not sent to another origin.
    #[serde(default)]
    base_url: Option<String>,
    /// The header that carries the auth value; null or blank means `Authorization`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    auth_header: Option<Option<String>>,
    /// The auth value; null or empty sends none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, write_only)]
    auth_value: Option<Option<SecretText>>,
    /// Takes the key and the static headers although one of them looks like something else, such as
    /// a mask or a placeholder.
    #[serde(default)]
    accept_suspicious: bool,
    /// All static headers; null or empty sends none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<BTreeMap<String, String>>, write_only)]
    headers: Option<Option<BTreeMap<String, SecretText>>>,
    /// Headers of the caller that are passed on. They play no part in a test.
    #[serde(default)]
    pass_headers: Option<Vec<String>>,
    /// Whether refs to it go straight there. It plays no part in a test.
    #[serde(default)]
    passthrough: Option<bool>,
    /// Grants the origin for this test although it is private or loopback.
    #[serde(default)]
    allow_private: Option<bool>,
    /// What becomes of new models. It plays no part in a test.
    #[serde(default)]
    new_models: Option<NewModels>,
}

impl From<SourceTestInput> for SourceEdit {
    fn from(test: SourceTestInput) -> Self {
        SourceEditInput {
            name: test.name,
            base_url: test.base_url,
            auth_header: test.auth_header,
            auth_value: test.auth_value,
            accept_suspicious: test.accept_suspicious,
            headers: test.headers,
            limits: None,
            pass_headers: test.pass_headers,
            passthrough: test.passthrough,
            allow_private: test.allow_private,
            new_models: test.new_models,
            check: false,
            key: None,
        }
        .into()
    }
}

pub(super) async fn list(
    SignedIn(workspace): SignedIn,
) -> Result<Json<Page<SourceView>>, ApiError> {
    Ok(Json(Page {
        items: workspace.sources().await?,
        next_cursor: None,
    }))
}

pub(super) async fn show(
    SignedIn(workspace): SignedIn,
    Named(slug): Named,
) -> Result<Versioned<SourceView>, ApiError> {
    Ok(Versioned(workspace.source(&slug).await?))
}

pub(super) async fn add(
    SignedIn(workspace): SignedIn,
    ReadJson(new): ReadJson<NewSourceInput>,
) -> Result<(StatusCode, Versioned<SourceView>), ApiError> {
    let workspace = workspace.accepting_suspicious_keys(new.accept_suspicious);
    let view = match new.check {
        true => workspace.add_checked_source(new.into()).await?,
        false => workspace.add_source(new.into()).await?,
    };
    Ok((StatusCode::CREATED, Versioned(view)))
}

pub(super) async fn edit(
    IfMatch(workspace): IfMatch,
    Named(slug): Named,
    ReadJson(changed): ReadJson<SourceEditInput>,
) -> Result<Versioned<SourceView>, ApiError> {
    if changed.key.is_some() {
        let detail = "An edit does not accept `key`. Stage a key with `PUT …/key/next`.";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(ApiError::new(status, "unknown_field", detail).at("key"));
    }
    let workspace = workspace.accepting_suspicious_keys(changed.accept_suspicious);
    let view = match changed.check {
        true => workspace.edit_checked_source(&slug, changed.into()).await?,
        false => workspace.edit_source(&slug, changed.into()).await?,
    };
    Ok(Versioned(view))
}

pub(super) async fn delete(
    IfMatch(workspace): IfMatch,
    Named(slug): Named,
) -> Result<Json<Deleted>, ApiError> {
    let undo = workspace.delete_source(&slug).await?;
    Ok(Json(Deleted { undo }))
}

pub(super) async fn test_unsaved(
    SignedIn(workspace): SignedIn,
    ReadJson(test): ReadJson<SourceTestInput>,
) -> Result<Json<OutcomeReport>, ApiError> {
    let slug = test.slug.clone();
    let workspace = workspace.accepting_suspicious_keys(test.accept_suspicious);
    let report = workspace.test_unsaved_source(slug.as_deref(), test.into());
    Ok(Json(report.await?))
}

pub(super) async fn test(
    SignedIn(workspace): SignedIn,
    Named(slug): Named,
    ReadOptionalJson(input): ReadOptionalJson<SourceEditInput>,
) -> Result<Json<OutcomeReport>, ApiError> {
    let input = input.unwrap_or_default();
    let workspace = workspace.accepting_suspicious_keys(input.accept_suspicious);
    let tests_next = input.key == Some(TestedKey::Next);
    let edit = SourceEdit::from(input);
    let report = match tests_next {
        true if !edit.is_empty() => return Err(only_next()),
        true => workspace.test_next_source_key(&slug).await?,
        false => workspace.test_source(&slug, edit).await?,
    };
    Ok(Json(report))
}

pub(super) async fn refresh(
    SignedIn(workspace): SignedIn,
    Named(slug): Named,
) -> Result<Json<OutcomeReport>, ApiError> {
    Ok(Json(workspace.refresh_source(&slug).await?))
}

pub(super) async fn progress(
    SignedIn(workspace): SignedIn,
    Named(slug): Named,
) -> Result<Json<RefreshProgress>, ApiError> {
    Ok(Json(workspace.refresh_progress(&slug).await?))
}
