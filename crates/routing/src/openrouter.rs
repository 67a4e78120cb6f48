//! What is particular to OpenRouter's model names.

/// The catalog entry that stands for OpenRouter.
pub(crate) const NAME: &str = "openrouter";

/// Models that OpenRouter itself provides. On its wire they are called `openrouter/…`, so that a
/// ref to one has the name twice.
const ROUTERS: [&str; 3] = ["auto", "bodybuilder", "free"];

/// Suffixes that choose how OpenRouter picks among a model's hosts. Its list does not have them;
/// other suffixes, such as `:free` and `:thinking`, are models of their own.
const ROUTING_VARIANTS: [&str; 4] = [":exacto", ":floor", ":nitro", ":online"];

/// Whether the rest of a ref is the bare name of one of OpenRouter's own models.
pub(crate) fn is_bare_router(rest: &str) -> bool {
    ROUTERS.contains(&rest)
}

/// The id under which OpenRouter lists a model: the wire model without a routing variant.
#[must_use]
pub fn listed_id(wire_model: &str) -> &str {
    ROUTING_VARIANTS
        .into_iter()
        .find_map(|variant| wire_model.strip_suffix(variant))
        .unwrap_or(wire_model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routing_variants_are_listed_under_their_model() {
        for (wire_model, listed) in [
            ("openai/gpt-5.2", "openai/gpt-5.2"),
            ("openai/gpt-5.2:nitro", "openai/gpt-5.2"),
            ("openai/gpt-5.2:floor", "openai/gpt-5.2"),
            ("openai/gpt-5.2:exacto", "openai/gpt-5.2"),
            ("x/y:thinking", "x/y:thinking"),
            ("x/y:free", "x/y:free"),
        ] {
            assert_eq!(listed_id(wire_model), listed);
        }
    }
}
