//! What is asked of the resolver, and the model string that it comes down to.

use crate::agent::{Agent, AgentModel};
use crate::display_text::display_text;
use crate::operation::Operation;
use std::borrow::Cow;

/// What stands between a subagent's model and its alias in the string that it sends.
pub(super) const SCOPE: &str = "::subagent::";

/// What is asked of the resolver: an agent or none, an operation, and a model string.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    model_ref: Option<&'a str>,
    operation: Operation,
    agent: Option<&'a Agent>,
    subagent: Option<&'a str>,
    without_trace: bool,
    without_own_keys: bool,
}

/// The model string of a request.
pub(super) struct Sent<'a> {
    pub(super) text: Cow<'a, str>,
    /// The string that is sent where this one fails: it is a primary, and its sender has a
    /// fallback.
    pub(super) fallback: Option<Cow<'a, str>>,
}

impl<'a> Request<'a> {
    /// A request that sends this model string.
    #[must_use]
    pub fn new(model_ref: &'a str, operation: Operation) -> Self {
        Self {
            model_ref: Some(model_ref),
            operation,
            agent: None,
            subagent: None,
            without_trace: false,
            without_own_keys: false,
        }
    }

    /// A request that names no model, so that the organisation's default model is used.
    #[must_use]
    pub fn of_default_model(operation: Operation) -> Self {
        Self {
            model_ref: None,
            operation,
            agent: None,
            subagent: None,
            without_trace: false,
            without_own_keys: false,
        }
    }

    /// A request by parts that may be absent: without a model string, the sender's own primary or
    /// the organisation's default model is used; a subagent without an agent is only a scope.
    #[must_use]
    pub fn with(
        model_ref: Option<&'a str>,
        operation: Operation,
        agent: Option<&'a Agent>,
        subagent: Option<&'a str>,
    ) -> Self {
        Self {
            model_ref,
            operation,
            agent,
            subagent,
            without_trace: false,
            without_own_keys: false,
        }
    }

    /// A request that an agent, or one of its subagents, sends with its own primary model.
    #[must_use]
    pub fn of_agent(agent: &'a Agent, subagent: Option<&'a str>, operation: Operation) -> Self {
        Self::of_default_model(operation).sent_by(agent, subagent)
    }

    /// The same request, sent by an agent or one of its subagents.
    #[must_use]
    pub fn sent_by(self, agent: &'a Agent, subagent: Option<&'a str>) -> Self {
        Self {
            agent: Some(agent),
            subagent,
            ..self
        }
    }

    /// The same request with a subagent's scope, where no agent is known: the scope is cut off
    /// with a warning.
    #[must_use]
    pub fn scoped(self, subagent: &'a str) -> Self {
        Self {
            subagent: Some(subagent),
            ..self
        }
    }

    /// The same request, answered without a trace, for resolving many at once.
    #[must_use]
    pub fn without_trace(self) -> Self {
        Self {
            without_trace: true,
            ..self
        }
    }

    /// The same request as of any agent that sends the same and has no own stored key.
    pub(crate) fn without_own_keys(self) -> Self {
        Self {
            without_own_keys: true,
            ..self
        }
    }

    pub(super) fn uses_own_keys(&self) -> bool {
        !self.without_own_keys
    }

    pub(super) fn wants_trace(&self) -> bool {
        !self.without_trace
    }

    pub(super) fn operation(&self) -> Operation {
        self.operation
    }

    pub(super) fn agent(&self) -> Option<&'a Agent> {
        self.agent
    }

    /// The string that is sent: the one that was given, else the sender's primary, else the
    /// organisation's default model. A subagent adds its scope.
    pub(super) fn sent<'s>(&self, default_model: Option<&'s str>) -> Option<Sent<'s>>
    where
        'a: 's,
    {
        let text = match self.model_ref {
            Some(given) => self.in_scope(given.into()),
            None => self.in_scope(self.own_primary(default_model)?),
        };
        let fallback = self
            .agent
            .and_then(|agent| fallback_of(agent, &text, default_model));
        Some(Sent { text, fallback })
    }

    /// The primary of the sender. Without a known subagent, the sender is the agent.
    fn own_primary<'s>(&self, default_model: Option<&'s str>) -> Option<Cow<'s, str>>
    where
        'a: 's,
    {
        match self.agent {
            None => default_model.map(Cow::Borrowed),
            Some(agent) => {
                let model = model_of(agent, self.subagent).unwrap_or(&agent.model);
                primary(model, default_model)
            }
        }
    }

    /// The string with the subagent's scope, unless it already has that.
    fn in_scope<'s>(&self, model: Cow<'s, str>) -> Cow<'s, str> {
        match self.subagent {
            Some(alias) if split_scope(&model).is_none_or(|(_, scope)| scope != alias) => {
                scoped(&model, alias).into()
            }
            _ => model,
        }
    }

    /// The message where there is no model string.
    pub(super) fn without_model(&self) -> String {
        let who = match (self.agent, self.subagent) {
            (Some(agent), Some(alias)) => format!(
                "The subagent `{}` of the agent `{}` names no primary model",
                display_text(alias, 80),
                display_text(&agent.name, 80)
            ),
            (Some(agent), None) => format!(
                "The agent `{}` names no primary model",
                display_text(&agent.name, 80)
            ),
            (None, _) => "No model is given".to_owned(),
        };
        format!(
            "{who} and the organisation has no default model. Name a model, or choose a default \
             model."
        )
    }
}

/// The model of an agent, or of one of its subagents.
fn model_of<'a>(agent: &'a Agent, subagent: Option<&str>) -> Option<&'a AgentModel> {
    match subagent {
        None => Some(&agent.model),
        Some(alias) => agent.subagents.get(alias).map(|subagent| &subagent.model),
    }
}

/// The string that a model sends: its primary, else the organisation's default model.
pub(super) fn primary<'a>(
    model: &'a AgentModel,
    default_model: Option<&'a str>,
) -> Option<Cow<'a, str>> {
    let own = model.primary_ref();
    own.or_else(|| default_model.map(Cow::Borrowed))
}

/// The string that follows, without a scope, where `text` is the primary of the agent or of one of
/// its subagents and that one has a fallback.
fn fallback_of<'a>(
    agent: &'a Agent,
    text: &str,
    default_model: Option<&str>,
) -> Option<Cow<'a, str>> {
    let (model, alias) = match split_scope(text) {
        Some((model, alias)) => (model, Some(alias)),
        None => (text, None),
    };
    let sender = model_of(agent, alias)?;
    let fallback = sender.fallback_ref()?;
    // The scope tells passthrough models apart, and a fallback is none.
    (primary(sender, default_model)? == model).then_some(fallback)
}

/// The string that a subagent sends.
pub(super) fn scoped(model: &str, alias: &str) -> String {
    [model, SCOPE, alias].concat()
}

/// Whether a string is what a subagent sends with this model.
pub(super) fn is_scoped(text: &str, model: &str, alias: &str) -> bool {
    let rest = text.strip_prefix(model);
    rest.and_then(|rest| rest.strip_prefix(SCOPE)) == Some(alias)
}

/// The model and the alias of the string that a subagent sends, `<model>::subagent::<alias>`;
/// `None` for a string without such a scope.
#[must_use]
pub fn split_scope(text: &str) -> Option<(&str, &str)> {
    // Preparing the search costs more than the rest of most requests, which have no scope.
    if !text.as_bytes().contains(&b':') {
        return None;
    }
    text.rsplit_once(SCOPE)
}
