//! Custom sources.

use super::transport::Call;
use super::{Answer, Api, SecretBody};
use crate::paths::Encoded;
use waypost_api_types::{Deleted, OutcomeReport, Page, RefreshProgress, SourceView};

/// The path of a source.
#[must_use]
pub fn source_path(slug: &str) -> String {
    at(slug, "")
}

fn at(slug: &str, rest: &str) -> String {
    format!("/sources/{}{rest}", Encoded(slug))
}

impl Api {
    /// Every custom source.
    pub fn sources(self) -> Answer<Page<SourceView>> {
        Call::get("/sources").read(self)
    }

    /// One custom source.
    ///
    /// # Errors
    /// `not_found`.
    pub fn source(self, slug: &str) -> Answer<SourceView> {
        Call::get(at(slug, "")).read(self)
    }

    /// Adds a custom source: a `SourceInput` with its secrets.
    ///
    /// # Errors
    /// A problem that names the invalid field.
    pub fn add_source(self, body: SecretBody) -> Answer<SourceView> {
        Call::post("/sources").secret(body).read(self)
    }

    /// Changes a custom source, given the version that was read: a `SourcePatch` with the secrets
    /// that change.
    ///
    /// # Errors
    /// A problem that names the invalid field, or `version_conflict` with the stored row.
    pub fn edit_source(self, slug: &str, seen: u64, body: SecretBody) -> Answer<SourceView> {
        Call::patch(at(slug, ""))
            .if_match(seen)
            .secret(body)
            .read(self)
    }

    /// Deletes a custom source and its secrets, given the version that was read.
    ///
    /// # Errors
    /// `version_conflict` with the stored row.
    pub fn delete_source(self, slug: &str, seen: u64) -> Answer<Deleted> {
        Call::delete(at(slug, "")).if_match(seen).read(self)
    }

    /// Tests an unsaved source: a `SourceInput` with its secrets. With a slug, missing secrets are
    /// taken from the store if the origin is unchanged.
    ///
    /// # Errors
    /// A problem that names the invalid field; what the endpoint answers is an outcome.
    pub fn test_unsaved_source(self, body: SecretBody) -> Answer<OutcomeReport> {
        Call::post("/sources/test").secret(body).read(self)
    }

    /// Lists the models of a source without changing the catalog.
    ///
    /// # Errors
    /// Only if the check could not run: what the endpoint answers is an outcome.
    pub fn test_source(self, slug: &str) -> Answer<OutcomeReport> {
        Call::post(at(slug, "/test")).read(self)
    }

    /// Refreshes the models of a source. Answers when it is done.
    ///
    /// # Errors
    /// Only if the check could not run: what the endpoint answers is an outcome.
    pub fn refresh_source(self, slug: &str) -> Answer<OutcomeReport> {
        Call::post(at(slug, "/refresh")).read(self)
    }

    /// The progress of a source's refresh.
    pub fn source_refresh(self, slug: &str) -> Answer<RefreshProgress> {
        Call::get(at(slug, "/refresh")).read(self)
    }
}
