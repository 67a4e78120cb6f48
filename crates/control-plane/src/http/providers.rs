//! `/api/v1/providers`.

use super::body::{ReadJson, ReadOptionalJson};
use super::path::Named;
use super::problem::Refusal;
use super::session::Acting;
use super::version::{Changing, Versioned};
use crate::secrets::SecretText;
use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use waypost_api_types::{
    Deleted, KeyRemoved, OutcomeReport, ProviderDraft, ProviderPatch, ProviderView, ProvidersPage,
    RefreshProgress,
};

/// `PUT …/key`, and `POST …/test` with a key that is not saved yet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// The key.
    #[schema(value_type = String, write_only)]
    value: SecretText,
}

pub(super) async fn list(Acting(workspace): Acting) -> Result<Json<ProvidersPage>, Refusal> {
    Ok(Json(workspace.providers().await?))
}

pub(super) async fn show(
    Acting(workspace): Acting,
    Named(name): Named,
) -> Result<Versioned<ProviderView>, Refusal> {
    Ok(Versioned(workspace.provider(&name).await?))
}

pub(super) async fn add(
    Acting(workspace): Acting,
    ReadJson(draft): ReadJson<ProviderDraft>,
) -> Result<(StatusCode, Versioned<ProviderView>), Refusal> {
    let view = workspace.add_provider(draft).await?;
    Ok((StatusCode::CREATED, Versioned(view)))
}

pub(super) async fn edit(
    Changing(workspace): Changing,
    Named(name): Named,
    ReadJson(patch): ReadJson<ProviderPatch>,
) -> Result<Versioned<ProviderView>, Refusal> {
    Ok(Versioned(workspace.edit_provider(&name, patch).await?))
}

pub(super) async fn delete(
    Changing(workspace): Changing,
    Named(name): Named,
) -> Result<Json<Deleted>, Refusal> {
    let undo = workspace.delete_provider(&name).await?;
    Ok(Json(Deleted { undo }))
}

pub(super) async fn set_key(
    Changing(workspace): Changing,
    Named(name): Named,
    ReadJson(key): ReadJson<Key>,
) -> Result<Versioned<ProviderView>, Refusal> {
    Ok(Versioned(
        workspace.set_provider_key(&name, key.value).await?,
    ))
}

pub(super) async fn remove_key(
    Changing(workspace): Changing,
    Named(name): Named,
) -> Result<Versioned<KeyRemoved>, Refusal> {
    Ok(Versioned(workspace.remove_provider_key(&name).await?))
}

pub(super) async fn test(
    Acting(workspace): Acting,
    Named(name): Named,
    ReadOptionalJson(key): ReadOptionalJson<Key>,
) -> Result<Json<OutcomeReport>, Refusal> {
    let typed = key.map(|key| key.value);
    Ok(Json(workspace.test_provider(&name, typed).await?))
}

pub(super) async fn refresh(
    Acting(workspace): Acting,
    Named(name): Named,
) -> Result<Json<OutcomeReport>, Refusal> {
    Ok(Json(workspace.refresh_provider(&name).await?))
}

pub(super) async fn progress(
    Acting(workspace): Acting,
    Named(name): Named,
) -> Result<Json<RefreshProgress>, Refusal> {
    Ok(Json(workspace.refresh_progress(&name).await?))
}
