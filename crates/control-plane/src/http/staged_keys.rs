//! `…/key/next`, `…/key/previous`, `…/key/switch` and `…/key/switch-back` of providers and sources.

use super::body::ReadJson;
use super::if_match::{IfMatch, Versioned};
use super::path::Named;
use super::problem::ApiError;
use crate::workspace::Rotation;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use waypost_api_types::{ProviderView, SourceView};
use waypost_secrets::SecretText;

/// `PUT …/key/next`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NextKey {
    /// The key.
    #[schema(value_type = String, write_only)]
    value: SecretText,
    /// Whether to stage it only if the upstream accepts it.
    #[serde(default)]
    check: bool,
    /// Takes the key although it looks like something else, such as a mask or a placeholder.
    #[serde(default)]
    accept_suspicious: bool,
}

/// Which key of a saved provider or source is tested.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TestedKey {
    /// The one in use.
    Current,
    /// The staged one.
    Next,
}

/// Refuses a test of the staged key that says anything else.
pub(super) fn only_next() -> ApiError {
    let detail = "A test of the staged key accepts no other field. Send `key` alone.";
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unexpected_field", detail).at("key")
}

/// The handlers of one kind of owner.
macro_rules! handlers {
    ($module:ident $view:ident $stage:ident $rotate:ident) => {
        pub(super) mod $module {
            use super::*;

            pub(in crate::http) async fn stage(
                IfMatch(workspace): IfMatch,
                Named(name): Named,
                ReadJson(key): ReadJson<NextKey>,
            ) -> Result<Versioned<$view>, ApiError> {
                let workspace = workspace.accepting_suspicious_keys(key.accept_suspicious);
                let view = workspace.$stage(&name, key.value, key.check).await?;
                Ok(Versioned(view))
            }

            pub(in crate::http) async fn discard_next(
                IfMatch(workspace): IfMatch,
                Named(name): Named,
            ) -> Result<Versioned<$view>, ApiError> {
                let view = workspace.$rotate(&name, Rotation::DiscardNext).await?;
                Ok(Versioned(view))
            }

            pub(in crate::http) async fn discard_previous(
                IfMatch(workspace): IfMatch,
                Named(name): Named,
            ) -> Result<Versioned<$view>, ApiError> {
                let view = workspace.$rotate(&name, Rotation::DiscardPrevious).await?;
                Ok(Versioned(view))
            }

            pub(in crate::http) async fn switch(
                IfMatch(workspace): IfMatch,
                Named(name): Named,
            ) -> Result<Versioned<$view>, ApiError> {
                let view = workspace.$rotate(&name, Rotation::Switch).await?;
                Ok(Versioned(view))
            }

            pub(in crate::http) async fn switch_back(
                IfMatch(workspace): IfMatch,
                Named(name): Named,
            ) -> Result<Versioned<$view>, ApiError> {
                let view = workspace.$rotate(&name, Rotation::SwitchBack).await?;
                Ok(Versioned(view))
            }
        }
    };
}

handlers!(providers ProviderView stage_provider_key rotate_provider_key);
handlers!(sources SourceView stage_source_key rotate_source_key);
