//! Custom sources.

use super::transport::Call;
use super::{Answer, Api, SecretBody};
use crate::paths::Encoded;
use waypost_api_types::{Deleted, OutcomeReport, Page, RefreshProgress, SourceView};

fn at(slug: &str, rest: &str) -> String {
    format!("/sources/{}{rest}", Encoded(slug))
}

impl Api {
    /// Every custom source.
    ///
    /// # Errors
    /// As for every call.
    pub fn sources(self) -> Answer<Page<SourceView>> {
        Call::get("/sources").read(self)
    }

    /// One custom source.
    ///
    /// # Errors
    /// A problem where there is none of that slug.
    pub fn source(self, slug: &str) -> Answer<SourceView> {
        Call::get(at(slug, "")).read(self)
    }

    /// Adds a custom source: a `SourceDraft` with its secrets.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub fn add_source(self, body: SecretBody) -> Answer<SourceView> {
        Call::post("/sources").secret(body).read(self)
    }

    /// Changes a custom source, in the version that was seen: a `SourcePatch` with the secrets
    /// that change.
    ///
    /// # Errors
    /// A problem that names the field at fault, or shows what is stored now.
    pub fn edit_source(self, slug: &str, seen: u64, body: SecretBody) -> Answer<SourceView> {
        Call::patch(at(slug, ""))
            .if_match(seen)
            .secret(body)
            .read(self)
    }

    /// Deletes a custom source, its secrets first, in the version that was seen.
    ///
    /// # Errors
    /// A problem that shows what is stored now.
    pub fn delete_source(self, slug: &str, seen: u64) -> Answer<Deleted> {
        Call::delete(at(slug, "")).if_match(seen).read(self)
    }

    /// Tests a draft: a `SourceDraft` with its secrets. With a slug, what the draft leaves out of
    /// the secrets is taken from the store, where the origin is unchanged.
    ///
    /// # Errors
    /// A problem that names the field at fault; that the endpoint refused is an outcome.
    pub fn test_source_draft(self, body: SecretBody) -> Answer<OutcomeReport> {
        Call::post("/sources/test").secret(body).read(self)
    }

    /// Lists the models of a source without touching the catalog.
    ///
    /// # Errors
    /// As for every call; that the endpoint refused is an outcome, not an error.
    pub fn test_source(self, slug: &str) -> Answer<OutcomeReport> {
        Call::post(at(slug, "/test")).read(self)
    }

    /// Refreshes the models of a source. Answers when it is done.
    ///
    /// # Errors
    /// As for every call; that the endpoint refused is an outcome, not an error.
    pub fn refresh_source(self, slug: &str) -> Answer<OutcomeReport> {
        Call::post(at(slug, "/refresh")).read(self)
    }

    /// Where the refresh of a source is.
    ///
    /// # Errors
    /// As for every call.
    pub fn source_refresh(self, slug: &str) -> Answer<RefreshProgress> {
        Call::get(at(slug, "/refresh")).read(self)
    }
}
