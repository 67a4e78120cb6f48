//! Who sends a request, and where its model string comes from.

use waypost_routing::agent::{Agent, AgentModel, Expectation};

/// The agent, or the subagent of one, that sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The agent's name.
    pub agent: String,
    /// The alias of the subagent; none for the agent itself.
    pub subagent: Option<String>,
    /// Where its model string comes from: `model.primary`, `default model`, ….
    pub from: &'static str,
}

/// The provenance of a model string that was entered in the preview.
const AS_REQUESTED: &str = "as requested";

impl Sender {
    /// The sender of its primary, or of an entered model string.
    #[must_use]
    pub fn new(agent: &Agent, subagent: Option<&str>, asked: Option<&str>) -> Self {
        let model = model_of(agent, subagent);
        let is =
            |own: Option<std::borrow::Cow<'_, str>>| asked.is_some() && own.as_deref() == asked;
        let from = match asked {
            None if model.primary.is_some() => "model.primary",
            None => "default model",
            Some(_) if is(model.primary_ref()) => "model.primary",
            Some(_) if is(model.fallback_ref()) => "model.fallback",
            Some(_) => AS_REQUESTED,
        };
        Self {
            agent: agent.name.clone(),
            subagent: subagent.map(str::to_owned),
            from,
        }
    }

    /// The same sender with its fallback.
    #[must_use]
    pub fn with_fallback(&self) -> Self {
        Self {
            from: "model.fallback",
            ..self.clone()
        }
    }

    /// The member of the agent that it is: `main agent`, or the alias of a subagent.
    #[must_use]
    pub fn member(&self) -> &str {
        self.subagent.as_deref().unwrap_or(ROOT)
    }
}

/// What the agent itself is called among its subagents.
pub use crate::format::MAIN_AGENT as ROOT;

/// The model of the agent or of its subagent. As in the resolver, an unknown alias means the agent
/// itself.
#[must_use]
pub fn model_of<'a>(agent: &'a Agent, subagent: Option<&str>) -> &'a AgentModel {
    subagent
        .and_then(|alias| agent.subagents.get(alias))
        .map_or(&agent.model, |subagent| &subagent.model)
}

/// What the route of the agent's or subagent's primary must be.
#[must_use]
pub fn expectation_of<'a>(agent: &'a Agent, subagent: Option<&str>) -> Option<&'a Expectation> {
    match subagent {
        None => agent.expect.as_ref(),
        Some(alias) => agent.subagents.get(alias)?.expect.as_ref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::agent::read_agent;

    #[test]
    fn a_model_string_says_where_it_comes_from() {
        let text = "name: bot\nmodel: { gateway: litellm, primary: a, fallback: b }\n\
                    subagents: { writer: {} }\n";
        let agent = read_agent(text).agent.expect("a valid document");
        let from = |subagent, asked| Sender::new(&agent, subagent, asked).from;
        assert_eq!(from(None, None), "model.primary");
        assert_eq!(from(None, Some("litellm/a")), "model.primary");
        assert_eq!(from(None, Some("litellm/b")), "model.fallback");
        assert_eq!(from(None, Some("a")), "as requested");
        assert_eq!(from(Some("writer"), None), "default model");
        assert_eq!(Sender::new(&agent, Some("writer"), None).member(), "writer");
    }
}
