//! Lists that come in pages.

use crate::ModelView;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// What to pass as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// One page of `GET /api/v1/models`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelsPage {
    /// The rows of this page, by owner, then by id.
    pub items: Vec<ModelView>,
    /// What to pass as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
    /// How many models match the filter on all pages together.
    pub total: u64,
    /// How many models other choices of the filter would match; only with `facets=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facets: Option<ModelFacets>,
}

/// How many models match for each choice of one filter, the other filters applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelFacets {
    /// By owner. Owners without a match are left out.
    pub owners: BTreeMap<String, u64>,
    /// By state.
    pub states: ModelStateCounts,
    /// Those that an agent uses.
    pub in_use: u64,
}

/// How many models are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelStateCounts {
    /// Listed and enabled.
    pub enabled: u64,
    /// Listed and disabled.
    pub disabled: u64,
    /// No longer listed.
    pub absent: u64,
}
