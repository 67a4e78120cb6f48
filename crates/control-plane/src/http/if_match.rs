//! Versions on the wire: an `ETag` with what is shown, an `If-Match` with what is changed.

use super::caller::SignedIn;
use super::problem::ApiError;
use crate::http::app::App;
use crate::workspace::{Expected, Workspace};
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use waypost_api_types::{
    AgentKeyRemoved, AgentView, DefaultModel, KeyRemoved, ProviderView, SettingsView, SourceView,
};

/// What has a version.
pub(super) trait HasVersion: Serialize {
    /// Which one.
    fn version(&self) -> u64;
}

macro_rules! has_version {
    ($($view:ty: $field:ident),*) => {
        $(impl HasVersion for $view {
            fn version(&self) -> u64 {
                self.$field
            }
        })*
    };
}

has_version!(
    AgentView: version,
    DefaultModel: version,
    ProviderView: version,
    SettingsView: revision,
    SourceView: version
);

impl HasVersion for KeyRemoved {
    fn version(&self) -> u64 {
        self.provider.version
    }
}

impl HasVersion for AgentKeyRemoved {
    fn version(&self) -> u64 {
        self.agent.version
    }
}

/// JSON with its version as the `ETag`.
pub(super) struct Versioned<T>(pub(super) T);

impl<T: HasVersion> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let tag = format!("\"{}\"", self.0.version());
        let tag = HeaderValue::from_str(&tag).expect("digits between quotes are visible ASCII");
        ([(header::ETAG, tag)], Json(self.0)).into_response()
    }
}

/// The workspace, for a change of the one thing that the address names: made only in the version
/// that `If-Match` says, where it says one.
pub(super) struct IfMatch(pub(super) Workspace);

impl FromRequestParts<App> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let SignedIn(workspace) = SignedIn::from_request_parts(parts, app).await?;
        let expected = expected(&parts.headers)?;
        Ok(Self(workspace.expecting(expected)))
    }
}

/// Reads `If-Match`. A tag that a proxy has weakened still names its version: it says nothing of
/// the bytes, which is what would be weak about it.
fn expected(headers: &HeaderMap) -> Result<Expected, ApiError> {
    let mut versions = Vec::new();
    for value in headers.get_all(header::IF_MATCH) {
        let text = value.to_str().map_err(|_| invalid())?;
        for tag in text.split(',').map(str::trim) {
            if tag == "*" {
                return Ok(Expected::Any);
            }
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            let version = tag
                .strip_prefix('"')
                .and_then(|tag| tag.strip_suffix('"'))
                .ok_or_else(invalid)?;
            // A tag that none of our answers carried is the tag of no version.
            versions.extend(version.parse::<u64>());
        }
    }
    match headers.contains_key(header::IF_MATCH) {
        true => Ok(Expected::OneOf(versions)),
        false => Ok(Expected::Any),
    }
}

fn invalid() -> ApiError {
    let detail = "The header `If-Match` must be `*` or the `ETag` of an earlier answer, quotes \
                  included.";
    ApiError::new(StatusCode::BAD_REQUEST, "invalid_if_match", detail).at("if-match")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Option<Expected> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, HeaderValue::from_static(value));
        }
        expected(&headers).ok()
    }

    #[test]
    fn tags_are_read_and_what_is_no_tag_is_refused() {
        let one_of = |versions: &[u64]| Some(Expected::OneOf(versions.to_vec()));
        assert_eq!(read(&[]), Some(Expected::Any));
        assert_eq!(read(&["*"]), Some(Expected::Any));
        assert_eq!(read(&["\"7\""]), one_of(&[7]));
        assert_eq!(read(&["W/\"7\", \"8\"", "\"9\""]), one_of(&[7, 8, 9]));
        assert_eq!(read(&["\"of-another-server\""]), one_of(&[]));
        for text in ["7", "\"7", "", "\"7\","] {
            assert_eq!(read(&[text]), None, "{text}");
        }
    }
}
