//! Models of the catalog, as the store takes and returns them.

use serde::{Deserialize, Serialize};
use waypost_api_types::ModelState;

/// Which models are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelsFilter {
    /// Of these owners.
    pub owners: Vec<String>,
    /// With each of these words in ref or name, without regard to case.
    pub words: Vec<String>,
    /// In this state.
    pub state: Option<ModelState>,
}

/// The model that a page ended with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position(
    /// Its owner.
    pub String,
    /// Its id.
    pub String,
);

/// The metadata that an endpoint lists for a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelMetadata {
    /// The readable name.
    pub name: Option<String>,
    /// The context window in tokens.
    pub context: Option<u64>,
    /// US dollars per million input tokens.
    pub input_price: Option<String>,
    /// US dollars per million output tokens.
    pub output_price: Option<String>,
    /// `chat`, `embedding`, …
    pub mode: Option<String>,
    /// The day it retires.
    pub retires_on: Option<String>,
}

/// The changes of a merge, each list in the order of the ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Ids that are new.
    pub added: Vec<String>,
    /// Ids that were listed before and are no longer.
    pub removed: Vec<String>,
    /// Ids whose metadata changed, or that are listed again.
    pub changed: Vec<String>,
    /// Ids that stayed as they were.
    pub unchanged: Vec<String>,
}
