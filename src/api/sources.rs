//! Custom sources.

use super::transport::Call;
use super::{Api, ApiError, SecretBody};
use crate::paths::Encoded;
use waypost_api_types::{OutcomeReport, Page, RefreshProgress, SourceView};

fn at(slug: &str, rest: &str) -> String {
    format!("/sources/{}{rest}", Encoded(slug))
}

impl Api {
    /// Every custom source.
    ///
    /// # Errors
    /// As for every call.
    pub async fn sources(self) -> Result<Page<SourceView>, ApiError> {
        self.noted(Call::get("/sources").read().await)
    }

    /// One custom source.
    ///
    /// # Errors
    /// A problem where there is none of that slug.
    pub async fn source(self, slug: &str) -> Result<SourceView, ApiError> {
        self.noted(Call::get(at(slug, "")).read().await)
    }

    /// Adds a custom source: a `SourceDraft` with its secrets.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub async fn add_source(self, body: SecretBody) -> Result<SourceView, ApiError> {
        self.noted(Call::post("/sources").secret(body).read().await)
    }

    /// Changes a custom source: a `SourcePatch` with the secrets that change.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub async fn edit_source(self, slug: &str, body: SecretBody) -> Result<SourceView, ApiError> {
        self.noted(Call::patch(at(slug, "")).secret(body).read().await)
    }

    /// Deletes a custom source, its secrets first.
    ///
    /// # Errors
    /// As for every call.
    pub async fn delete_source(self, slug: &str) -> Result<(), ApiError> {
        self.noted(Call::delete(at(slug, "")).done().await)
    }

    /// Tests a draft: a `SourceDraft` with its secrets. With a slug, what the draft leaves out of
    /// the secrets is taken from the store, where the origin is unchanged.
    ///
    /// # Errors
    /// A problem that names the field at fault; that the endpoint refused is an outcome.
    pub async fn test_source_draft(self, body: SecretBody) -> Result<OutcomeReport, ApiError> {
        self.noted(Call::post("/sources/test").secret(body).read().await)
    }

    /// Lists the models of a source without touching the catalog.
    ///
    /// # Errors
    /// As for every call; that the endpoint refused is an outcome, not an error.
    pub async fn test_source(self, slug: &str) -> Result<OutcomeReport, ApiError> {
        self.noted(Call::post(at(slug, "/test")).read().await)
    }

    /// Refreshes the models of a source. Answers when it is done.
    ///
    /// # Errors
    /// As for every call; that the endpoint refused is an outcome, not an error.
    pub async fn refresh_source(self, slug: &str) -> Result<OutcomeReport, ApiError> {
        self.noted(Call::post(at(slug, "/refresh")).read().await)
    }

    /// Where the refresh of a source is.
    ///
    /// # Errors
    /// As for every call.
    pub async fn source_refresh(self, slug: &str) -> Result<RefreshProgress, ApiError> {
        self.noted(Call::get(at(slug, "/refresh")).read().await)
    }
}
