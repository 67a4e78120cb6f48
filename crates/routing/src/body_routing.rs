//! Fields of a request's body that a gateway may route by, so that the model of the route is not the
//! model that answers.

/// OpenRouter reads `models` and `provider`, LiteLLM `fallbacks`. Sorted.
pub const BODY_ROUTING_FIELDS: [&str; 3] = ["fallbacks", "models", "provider"];

/// The flag of a request whose body has one of these fields.
pub const BODY_MAY_REROUTE: &str = "body_may_reroute";
