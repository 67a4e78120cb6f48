//! The catalog of models, and the default model.

use super::transport::Call;
use super::{Answer, Api};
use crate::paths::{CatalogFilter, Encoded};
use waypost_api_types::{
    DefaultModel, EnableModelsInput, EnabledModels, ModelsPage, ReplaceModelInput, ReplacedModel,
};

/// The address of the models that match a filter.
fn address(filter: &CatalogFilter, limit: String) -> String {
    let mut path = format!("/models?limit={limit}");
    let pairs = [
        ("owner", filter.owner.as_str()),
        ("q", &filter.query),
        ("state", &filter.state),
        ("in_use", &filter.in_use),
        ("sort", &filter.sort),
    ];
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        path.push_str(&format!("&{name}={}", Encoded(value)));
    }
    path
}

impl Api {
    /// One page of the models that match a filter, by owner, then by id.
    pub fn models(
        self,
        filter: &CatalogFilter,
        limit: u32,
        cursor: Option<&str>,
    ) -> Answer<ModelsPage> {
        let path = address(filter, limit.to_string());
        let cursor = cursor.map(|cursor| format!("&cursor={}", Encoded(cursor)));
        Call::get(path + &cursor.unwrap_or_default()).read(self)
    }

    /// The models that match a filter from a place in their order on, and with `facets` how many
    /// other choices of the filter would match.
    pub fn models_from(
        self,
        filter: &CatalogFilter,
        place: usize,
        limit: usize,
        facets: bool,
    ) -> Answer<ModelsPage> {
        let mut path = address(filter, limit.to_string());
        if place > 0 {
            path.push_str(&format!("&offset={place}"));
        }
        if facets {
            path.push_str("&facets=true");
        }
        Call::get(path).read(self)
    }

    /// Switches models on or off.
    pub fn enable_models(self, change: &EnableModelsInput) -> Answer<EnabledModels> {
        Call::patch("/models").json(change).read(self)
    }

    /// Replaces a model in the documents of agents: in all of them or in none.
    ///
    /// # Errors
    /// A problem that names the agent that changed or that cannot be edited.
    pub fn replace_model(self, input: &ReplaceModelInput) -> Answer<ReplacedModel> {
        Call::post("/models/replace").json(input).read(self)
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
