//! The catalog of models, and the default model.

use super::transport::Call;
use super::{Answer, Api};
use crate::paths::{CatalogFilter, Encoded};
use waypost_api_types::{DefaultModel, EnableModelsInput, EnabledModels, ModelsPage};

impl Api {
    /// One page of the models that match a filter, by owner, then by id.
    pub fn models(
        self,
        filter: &CatalogFilter,
        limit: u32,
        cursor: Option<&str>,
    ) -> Answer<ModelsPage> {
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
        Call::get(path).read(self)
    }

    /// Switches models on or off.
    pub fn enable_models(self, change: &EnableModelsInput) -> Answer<EnabledModels> {
        Call::patch("/models").json(change).read(self)
    }

    /// The default model.
    pub fn default_model(self) -> Answer<DefaultModel> {
        Call::get("/default-model").read(self)
    }

    /// Sets or clears the default model, given the version that was read.
    ///
    /// # Errors
    /// A problem if the model cannot be used, or `version_conflict` with the stored value.
    pub fn set_default_model(self, choice: &DefaultModel) -> Answer<DefaultModel> {
        Call::put("/default-model")
            .if_match(choice.version)
            .json(choice)
            .read(self)
    }
}
