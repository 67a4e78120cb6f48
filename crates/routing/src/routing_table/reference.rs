//! What an agent's routes can depend on, apart from the agent itself.

use crate::agent::{Agent, AgentModel};
use std::borrow::Cow;

/// One thing outside an agent that its routes depend on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reference<'a> {
    /// The name that a primary or fallback begins with.
    Name(Cow<'a, str>),
    /// A primary or fallback without a provider or source, which goes to the managed gateway.
    Nameless,
    /// The organisation's default model, in the place of a primary.
    DefaultModel,
    /// The source whose address and credential a model uses.
    Source(Cow<'a, str>),
    /// The environment variable that the key of a gateway is taken from.
    Variable(Cow<'a, str>),
}

impl Reference<'_> {
    /// The name or its lack at the beginning of a ref.
    pub(crate) fn of_text(text: Cow<'_, str>) -> Reference<'_> {
        match text {
            Cow::Borrowed(text) => match text.split_once('/') {
                Some((name, _)) => Reference::Name(name.into()),
                None => Reference::Nameless,
            },
            Cow::Owned(text) => Reference::of_text((&*text).into()).into_owned(),
        }
    }

    pub(crate) fn into_owned(self) -> Reference<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Name(name) => Reference::Name(owned(name)),
            Self::Nameless => Reference::Nameless,
            Self::DefaultModel => Reference::DefaultModel,
            Self::Source(slug) => Reference::Source(owned(slug)),
            Self::Variable(variable) => Reference::Variable(owned(variable)),
        }
    }
}

/// Names everything that an agent and its subagents refer to, until `found` says that it has heard
/// enough; whether it did.
pub(crate) fn references<'a>(
    agent: &'a Agent,
    found: &mut dyn FnMut(Reference<'a>) -> bool,
) -> bool {
    let subagents = agent.subagents.values().map(|subagent| &subagent.model);
    let mut models = std::iter::once(&agent.model).chain(subagents);
    let mut variables = agent
        .gateways
        .values()
        .filter_map(|block| block.api_key_env.as_deref());
    variables.any(|variable| found(Reference::Variable(variable.into())))
        || models.any(|model| of_model(model, found))
}

/// Names everything that a model refers to, in the same way.
pub(super) fn of_model<'a>(
    model: &'a AgentModel,
    found: &mut dyn FnMut(Reference<'a>) -> bool,
) -> bool {
    let source = model.source.as_deref();
    let primary = model.primary_ref();
    let primary = primary.map_or(Reference::DefaultModel, Reference::of_text);
    let fallback = model.fallback_ref().map(Reference::of_text);
    source.is_some_and(|slug| found(Reference::Source(slug.into())))
        || found(primary)
        || fallback.is_some_and(found)
}
