//! Gateways and direct providers.

use super::transport::Call;
use super::{Answer, Api, SecretBody};
use crate::paths::Encoded;
use waypost_api_types::{
    OutcomeReport, ProviderDraft, ProviderPatch, ProviderView, ProvidersPage, RefreshProgress,
};

fn at(name: &str, rest: &str) -> String {
    format!("/providers/{}{rest}", Encoded(name))
}

impl Api {
    /// Every provider with its effective values, and the problems of the providers file.
    ///
    /// # Errors
    /// As for every call.
    pub fn providers(self) -> Answer<ProvidersPage> {
        Call::get("/providers").read(self)
    }

    /// Adds a workspace gateway or provider, or overrides a lower layer's.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub fn add_provider(self, draft: &ProviderDraft) -> Answer<ProviderView> {
        Call::post("/providers").json(draft).read(self)
    }

    /// Changes a provider.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub fn edit_provider(self, name: &str, patch: &ProviderPatch) -> Answer<ProviderView> {
        Call::patch(at(name, "")).json(patch).read(self)
    }

    /// Deletes a workspace provider, its key first.
    ///
    /// # Errors
    /// As for every call.
    pub fn delete_provider(self, name: &str) -> Answer<()> {
        Call::delete(at(name, "")).done(self)
    }

    /// Stores a key for a provider's effective origin.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub fn set_provider_key(self, name: &str, value: String) -> Answer<ProviderView> {
        let body = SecretBody::new().text("value", value);
        Call::put(at(name, "/key")).secret(body).read(self)
    }

    /// Removes the stored key of a provider.
    ///
    /// # Errors
    /// As for every call.
    pub fn remove_provider_key(self, name: &str) -> Answer<ProviderView> {
        Call::delete(at(name, "/key")).read(self)
    }

    /// Lists the models of a provider without touching the catalog, with a key that is not saved
    /// where one is given.
    ///
    /// # Errors
    /// As for every call; that the provider refused is an outcome, not an error.
    pub fn test_provider(self, name: &str, unsaved: Option<String>) -> Answer<OutcomeReport> {
        let mut call = Call::post(at(name, "/test"));
        if let Some(value) = unsaved {
            call = call.secret(SecretBody::new().text("value", value));
        }
        call.read(self)
    }

    /// Refreshes the models of a provider. Answers when it is done.
    ///
    /// # Errors
    /// As for every call; that the provider refused is an outcome, not an error.
    pub fn refresh_provider(self, name: &str) -> Answer<OutcomeReport> {
        Call::post(at(name, "/refresh")).read(self)
    }

    /// Where the refresh of a provider is.
    ///
    /// # Errors
    /// As for every call.
    pub fn provider_refresh(self, name: &str) -> Answer<RefreshProgress> {
        Call::get(at(name, "/refresh")).read(self)
    }
}
