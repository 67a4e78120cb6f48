//! Fields of a request's body that a gateway may route by, so that the model of the route is not the
//! model that answers.

/// OpenRouter reads `models`, `preset`, `provider` and `route`, LiteLLM the others. Sorted.
pub const BODY_ROUTING_FIELDS: [&str; 10] = [
    "api_base",
    "base_url",
    "content_policy_fallbacks",
    "context_window_fallbacks",
    "fallbacks",
    "models",
    "preset",
    "provider",
    "route",
    "user_config",
];

/// The flag of a request whose body has one of these fields.
pub const BODY_MAY_REROUTE: &str = "body_may_reroute";
