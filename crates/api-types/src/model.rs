//! Models of the organisation's catalog.

use serde::{Deserialize, Serialize};
use waypost_routing::vocabulary::ModelState;

/// A model of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelView {
    /// The ready-made ref: `<owner>/<id>`.
    #[serde(rename = "ref")]
    pub model_ref: String,
    /// The provider's name or the source's slug.
    pub owner: String,
    /// The id that the upstream lists.
    pub id: String,
    /// Whether the id is a pattern, such as `openai/*`, which stands for many models and cannot be
    /// requested itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pattern: bool,
    /// The readable name, where the upstream gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it may be used, and whether it is still listed.
    pub state: ModelState,
    /// Whether an administrator enabled it. An absent model keeps its value.
    pub enabled: bool,
    /// The context window in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// US dollars per million input tokens, as a decimal; absent is unknown, not free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_price: Option<String>,
    /// US dollars per million output tokens, as a decimal; absent is unknown, not free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_price: Option<String>,
    /// `chat`, `embedding`, …, where the upstream says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The day it retires, `YYYY-MM-DD`, where the upstream says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retires_on: Option<String>,
    /// When it was first listed, in Unix seconds.
    pub first_seen: i64,
    /// When it was last listed, in Unix seconds.
    pub last_seen: i64,
}

/// Body of `PATCH /api/v1/models`, which enables or disables models. It takes no version: the state
/// that it names is the one the models have afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EnableModelsInput {
    /// The refs; at most 50,000.
    pub refs: Vec<String>,
    /// Whether to enable or disable them.
    pub enabled: bool,
}

/// The answer to [`EnableModelsInput`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnabledModels {
    /// How many models changed; those already in the requested state do not count.
    pub switched: u64,
}

/// `GET` and `PUT /api/v1/default-model`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DefaultModel {
    /// The ref; null if there is no default model.
    #[serde(rename = "ref")]
    pub model_ref: Option<String>,
    /// The version, raised by every edit. A `PUT` checks `If-Match` and ignores this field.
    #[serde(default)]
    pub version: u64,
}
