//! The catalog of models, and the default model.

use super::transport::Call;
use super::{Api, ApiError};
use crate::paths::{CatalogFilter, Encoded};
use waypost_api_types::{DefaultModel, EnableModels, EnabledModels, ModelsPage};

impl Api {
    /// One page of the models that a filter leaves, by owner, then by id.
    ///
    /// # Errors
    /// As for every call.
    pub async fn models(
        self,
        filter: &CatalogFilter,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<ModelsPage, ApiError> {
        let mut path = format!("/models?limit={limit}");
        let pairs = [
            ("owner", filter.owner.as_str()),
            ("q", &filter.query),
            ("state", &filter.state),
            ("cursor", cursor.unwrap_or_default()),
        ];
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            path.push_str(&format!("&{name}={}", Encoded(value)));
        }
        self.noted(Call::get(path).read().await)
    }

    /// Switches models on or off.
    ///
    /// # Errors
    /// As for every call.
    pub async fn enable_models(self, change: &EnableModels) -> Result<EnabledModels, ApiError> {
        self.noted(Call::patch("/models").json(change).read().await)
    }

    /// The default model.
    ///
    /// # Errors
    /// As for every call.
    pub async fn default_model(self) -> Result<DefaultModel, ApiError> {
        self.noted(Call::get("/default-model").read().await)
    }

    /// Chooses the default model, or none.
    ///
    /// # Errors
    /// A problem where the model cannot be used.
    pub async fn set_default_model(self, choice: &DefaultModel) -> Result<DefaultModel, ApiError> {
        self.noted(Call::put("/default-model").json(choice).read().await)
    }
}
