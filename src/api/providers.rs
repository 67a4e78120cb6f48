//! Gateways and direct providers.

use super::transport::Call;
use super::{Answer, Api, SecretBody};
use crate::paths::Encoded;
use waypost_api_types::{
    Deleted, KeyRemoved, OutcomeReport, ProviderInput, ProviderPatch, ProviderView, ProvidersPage,
    RefreshProgress,
};

/// The path of a provider.
#[must_use]
pub fn provider_path(name: &str) -> String {
    at(name, "")
}

fn at(name: &str, rest: &str) -> String {
    format!("/providers/{}{rest}", Encoded(name))
}

impl Api {
    /// Every provider with its effective values, and the problems of the providers file.
    pub fn providers(self) -> Answer<ProvidersPage> {
        Call::get("/providers").read(self)
    }

    /// Adds a workspace gateway or provider, or overrides a lower layer's.
    ///
    /// # Errors
    /// A problem that names the invalid field.
    pub fn add_provider(self, input: &ProviderInput) -> Answer<ProviderView> {
        Call::post("/providers").json(input).read(self)
    }

    /// Changes a provider, given the version that was read.
    ///
    /// # Errors
    /// A problem that names the invalid field, or `version_conflict` with the stored row.
    pub fn edit_provider(
        self,
        name: &str,
        seen: u64,
        patch: &ProviderPatch,
    ) -> Answer<ProviderView> {
        Call::patch(at(name, ""))
            .if_match(seen)
            .json(patch)
            .read(self)
    }

    /// Deletes a workspace provider and its key, given the version that was read.
    ///
    /// # Errors
    /// `version_conflict` with the stored row.
    pub fn delete_provider(self, name: &str, seen: u64) -> Answer<Deleted> {
        Call::delete(at(name, "")).if_match(seen).read(self)
    }

    /// Stores a key for a provider's effective origin, given the version that was read. With `check`
    /// only if the upstream accepts it; then a refresh follows.
    ///
    /// # Errors
    /// A problem that names the invalid field, `version_conflict` with the stored row, or
    /// `key_refused` and `key_not_checked` with the outcome of the check.
    pub fn set_provider_key(
        self,
        name: &str,
        seen: u64,
        value: String,
        check: bool,
        accept_suspicious: bool,
    ) -> Answer<ProviderView> {
        let body = SecretBody::new()
            .text("value", value)
            .flag("check", check)
            .flag("accept_suspicious", accept_suspicious);
        Call::put(at(name, "/key"))
            .if_match(seen)
            .secret(body)
            .read(self)
    }

    /// Removes the stored key of a provider, given the version that was read.
    ///
    /// # Errors
    /// `version_conflict` with the stored row.
    pub fn remove_provider_key(self, name: &str, seen: u64) -> Answer<KeyRemoved> {
        Call::delete(at(name, "/key")).if_match(seen).read(self)
    }

    /// Lists the models of a provider without changing the catalog, with unsaved fields of a
    /// `ProviderPatch` and an unsaved key if they are given.
    ///
    /// # Errors
    /// Only if the check could not run: what the provider answers is an outcome.
    pub fn test_provider(self, name: &str, unsaved: Option<SecretBody>) -> Answer<OutcomeReport> {
        let call = Call::post(at(name, "/test"));
        match unsaved {
            Some(body) => call.secret(body).read(self),
            None => call.read(self),
        }
    }

    /// Refreshes the models of a provider. Answers when it is done.
    ///
    /// # Errors
    /// Only if the check could not run: what the provider answers is an outcome.
    pub fn refresh_provider(self, name: &str) -> Answer<OutcomeReport> {
        Call::post(at(name, "/refresh")).read(self)
    }

    /// The progress of a provider's refresh.
    pub fn provider_refresh(self, name: &str) -> Answer<RefreshProgress> {
        Call::get(at(name, "/refresh")).read(self)
    }
}
