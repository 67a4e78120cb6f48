//! Gateways and direct providers.

use super::transport::Call;
use super::{Api, ApiError, SecretBody};
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
    pub async fn providers(self) -> Result<ProvidersPage, ApiError> {
        self.noted(Call::get("/providers").read().await)
    }

    /// Adds a workspace gateway or provider, or overrides a lower layer's.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub async fn add_provider(self, draft: &ProviderDraft) -> Result<ProviderView, ApiError> {
        self.noted(Call::post("/providers").json(draft).read().await)
    }

    /// Changes a provider.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub async fn edit_provider(
        self,
        name: &str,
        patch: &ProviderPatch,
    ) -> Result<ProviderView, ApiError> {
        self.noted(Call::patch(at(name, "")).json(patch).read().await)
    }

    /// Deletes a workspace provider, its key first.
    ///
    /// # Errors
    /// As for every call.
    pub async fn delete_provider(self, name: &str) -> Result<(), ApiError> {
        self.noted(Call::delete(at(name, "")).done().await)
    }

    /// Stores a key for a provider's effective origin.
    ///
    /// # Errors
    /// A problem that names the field at fault.
    pub async fn set_provider_key(
        self,
        name: &str,
        value: String,
    ) -> Result<ProviderView, ApiError> {
        let body = SecretBody::new().text("value", value);
        self.noted(Call::put(at(name, "/key")).secret(body).read().await)
    }

    /// Removes the stored key of a provider.
    ///
    /// # Errors
    /// As for every call.
    pub async fn remove_provider_key(self, name: &str) -> Result<ProviderView, ApiError> {
        self.noted(Call::delete(at(name, "/key")).read().await)
    }

    /// Lists the models of a provider without touching the catalog, with a key that is not saved
    /// where one is given.
    ///
    /// # Errors
    /// As for every call; that the provider refused is an outcome, not an error.
    pub async fn test_provider(
        self,
        name: &str,
        unsaved: Option<String>,
    ) -> Result<OutcomeReport, ApiError> {
        let mut call = Call::post(at(name, "/test"));
        if let Some(value) = unsaved {
            call = call.secret(SecretBody::new().text("value", value));
        }
        self.noted(call.read().await)
    }

    /// Refreshes the models of a provider. Answers when it is done.
    ///
    /// # Errors
    /// As for every call; that the provider refused is an outcome, not an error.
    pub async fn refresh_provider(self, name: &str) -> Result<OutcomeReport, ApiError> {
        self.noted(Call::post(at(name, "/refresh")).read().await)
    }

    /// Where the refresh of a provider is.
    ///
    /// # Errors
    /// As for every call.
    pub async fn provider_refresh(self, name: &str) -> Result<RefreshProgress, ApiError> {
        self.noted(Call::get(at(name, "/refresh")).read().await)
    }
}
