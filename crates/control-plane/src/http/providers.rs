//! `/api/v1/providers`.

use super::body::{ReadJson, ReadOptionalJson};
use super::caller::SignedIn;
use super::if_match::{IfMatch, Versioned};
use super::path::Named;
use super::problem::ApiError;
use super::staged_keys::{TestedKey, only_next};
use crate::workspace::UnsavedProvider;
use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use waypost_api_types::{
    Deleted, KeyRemoved, OutcomeReport, ProviderInput, ProviderPatch, ProviderView, ProvidersPage,
    RefreshProgress,
};
use waypost_routing::catalog::ProviderKind;
use waypost_secrets::SecretText;

/// `PUT …/key`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// The key.
    #[schema(value_type = String, write_only)]
    value: SecretText,
    /// Whether to save it only if the upstream accepts it, and to refresh the models then.
    #[serde(default)]
    check: bool,
    /// Takes the key although it looks like something else, such as a mask or a placeholder.
    #[serde(default)]
    accept_suspicious: bool,
}

/// Body of `POST …/test`. Fields override the stored ones; an empty body tests the saved provider.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderTestInput {
    /// Which stored key to test. `next` takes no other field.
    #[serde(default)]
    key: Option<TestedKey>,
    /// A key that is not saved; null or blank means the stored one.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    value: Option<SecretText>,
    /// Takes the key although it looks like something else, such as a mask or a placeholder.
    #[serde(default)]
    accept_suspicious: bool,
    /// Gateway or direct provider.
    #[serde(default)]
    kind: Option<ProviderKind>,
    /// The base URL as typed. The stored key is not sent to another origin.
    #[serde(default)]
    base_url: Option<String>,
    /// The environment variable its key may come from; empty for none.
    #[serde(default)]
    api_key_env: Option<String>,
    /// All default headers, in the place of those there are.
    #[serde(default)]
    default_headers: Option<BTreeMap<String, String>>,
    /// Grants the origin for this test although it is private or loopback.
    #[serde(default)]
    allow_private: Option<bool>,
}

impl From<ProviderTestInput> for UnsavedProvider {
    fn from(test: ProviderTestInput) -> Self {
        Self {
            patch: ProviderPatch {
                kind: test.kind,
                base_url: test.base_url,
                api_key_env: test.api_key_env,
                default_headers: test.default_headers,
                allow_private: test.allow_private,
                ..ProviderPatch::default()
            },
            value: test.value,
        }
    }
}

pub(super) async fn list(SignedIn(workspace): SignedIn) -> Result<Json<ProvidersPage>, ApiError> {
    Ok(Json(workspace.providers().await?))
}

pub(super) async fn show(
    SignedIn(workspace): SignedIn,
    Named(name): Named,
) -> Result<Versioned<ProviderView>, ApiError> {
    Ok(Versioned(workspace.provider(&name).await?))
}

pub(super) async fn add(
    SignedIn(workspace): SignedIn,
    ReadJson(input): ReadJson<ProviderInput>,
) -> Result<(StatusCode, Versioned<ProviderView>), ApiError> {
    let view = workspace.add_provider(input).await?;
    Ok((StatusCode::CREATED, Versioned(view)))
}

pub(super) async fn edit(
    IfMatch(workspace): IfMatch,
    Named(name): Named,
    ReadJson(patch): ReadJson<ProviderPatch>,
) -> Result<Versioned<ProviderView>, ApiError> {
    Ok(Versioned(workspace.edit_provider(&name, patch).await?))
}

pub(super) async fn delete(
    IfMatch(workspace): IfMatch,
    Named(name): Named,
) -> Result<Json<Deleted>, ApiError> {
    let undo = workspace.delete_provider(&name).await?;
    Ok(Json(Deleted { undo }))
}

pub(super) async fn set_key(
    IfMatch(workspace): IfMatch,
    Named(name): Named,
    ReadJson(key): ReadJson<Key>,
) -> Result<Versioned<ProviderView>, ApiError> {
    let workspace = workspace.accepting_suspicious_keys(key.accept_suspicious);
    let view = match key.check {
        true => workspace.set_checked_provider_key(&name, key.value).await?,
        false => workspace.set_provider_key(&name, key.value).await?,
    };
    Ok(Versioned(view))
}

pub(super) async fn remove_key(
    IfMatch(workspace): IfMatch,
    Named(name): Named,
) -> Result<Versioned<KeyRemoved>, ApiError> {
    Ok(Versioned(workspace.remove_provider_key(&name).await?))
}

pub(super) async fn test(
    SignedIn(workspace): SignedIn,
    Named(name): Named,
    ReadOptionalJson(test): ReadOptionalJson<ProviderTestInput>,
) -> Result<Json<OutcomeReport>, ApiError> {
    let test = test.unwrap_or_default();
    let workspace = workspace.accepting_suspicious_keys(test.accept_suspicious);
    let tests_next = test.key == Some(TestedKey::Next);
    let trial = UnsavedProvider::from(test);
    let report = match tests_next {
        true if trial.is_unsaved() => return Err(only_next()),
        true => workspace.test_next_provider_key(&name).await?,
        false => workspace.test_provider(&name, trial).await?,
    };
    Ok(Json(report))
}

pub(super) async fn refresh(
    SignedIn(workspace): SignedIn,
    Named(name): Named,
) -> Result<Json<OutcomeReport>, ApiError> {
    Ok(Json(workspace.refresh_provider(&name).await?))
}

pub(super) async fn progress(
    SignedIn(workspace): SignedIn,
    Named(name): Named,
) -> Result<Json<RefreshProgress>, ApiError> {
    Ok(Json(workspace.refresh_progress(&name).await?))
}
