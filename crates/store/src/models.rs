//! Models of the catalog, as the store takes and returns them.

use serde::{Deserialize, Serialize};
use waypost_routing::vocabulary::ModelState;

/// Which models are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelsFilter {
    /// Of these owners.
    pub owners: Vec<String>,
    /// With each of these words in ref or name, without regard to case.
    pub words: Vec<String>,
    /// In this state.
    pub state: Option<ModelState>,
    /// Among these refs, or not among them.
    pub among: Option<(bool, Vec<String>)>,
    /// In this order.
    pub sort: ModelsSort,
    /// How many of them to leave out at the beginning.
    pub skip: u64,
}

/// The order of a list of models. Equal ones follow by owner, then by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModelsSort {
    /// By owner, then by id.
    #[default]
    Ref,
    /// The largest context window first, unknown ones last.
    Context,
    /// The cheapest input first, unknown prices last.
    Price,
    /// The most recently listed first.
    Newest,
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

/// A model of the catalog, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredModel {
    /// The provider's name or the source's slug.
    pub owner: String,
    /// The id that the endpoint lists.
    pub id: String,
    /// The metadata that the endpoint lists.
    pub metadata: ModelMetadata,
    /// Whether an administrator lets it be used.
    pub enabled: bool,
    /// Whether the last successful refresh no longer listed it.
    pub absent: bool,
    /// When it was first listed, in Unix seconds.
    pub first_seen: i64,
    /// When it was last listed, in Unix seconds.
    pub last_seen: i64,
}

/// The changes of a merge, each list in the order of the ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Ids that are new.
    pub added: Vec<String>,
    /// Ids that were listed before and are no longer.
    pub removed: Vec<String>,
    /// Ids that were listed before as well, with other metadata.
    pub changed: Vec<String>,
    /// Ids that were absent and are listed again.
    pub listed_again: Vec<String>,
    /// Ids that stayed as they were.
    pub unchanged: Vec<String>,
}
