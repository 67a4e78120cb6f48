//! Reading the parameter of a path.

use super::problem::ApiError;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

/// The one parameter of a path: a provider's name, a source's slug, a token. What is no text names
/// nothing.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(ApiError::no_such_address()),
        }
    }
}

/// The two parameters of a path: an agent's name and a gateway's.
pub(super) struct NamedPair(pub(super) String, pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for NamedPair {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path((first, second))) => Ok(Self(first, second)),
            Err(_) => Err(ApiError::no_such_address()),
        }
    }
}
