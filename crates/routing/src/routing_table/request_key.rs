//! Which agents send requests that resolve alike in every routing table.

use crate::agent::{Agent, AgentModel, GatewayOverride};
use std::hash::{Hash, Hasher};

/// The models of an agent and of its subagents, in the order of [`Agent::members`].
pub(super) fn models(agent: &Agent) -> impl Iterator<Item = &AgentModel> + Clone {
    let subagents = agent.subagents.values().map(|subagent| &subagent.model);
    std::iter::once(&agent.model).chain(subagents)
}

/// Whether nothing of an agent counts but the texts that it and its subagents send. Where a model
/// may pass through, each of them may send its text; an override holds for all of them; and a
/// scope, or the organisation's default model that has one, names another subagent.
pub(super) fn is_plain(agent: &Agent) -> bool {
    let is_plain = |model: &AgentModel| {
        let may_pass_through = model.passthrough.unwrap_or(model.source.is_some());
        model.primary.is_some()
            && !may_pass_through
            && !texts(model).into_iter().flatten().any(has_scope)
    };
    agent.gateways.is_empty()
        && agent.allow.is_unrestricted()
        && models(agent).all(is_plain)
        && !agent.subagents.keys().any(|alias| has_scope(alias))
}

/// Whether a text may have a scope in it, whatever follows.
fn has_scope(text: &str) -> bool {
    let text = text.as_bytes();
    text.contains(&b':') && text.windows(2).any(|pair| pair == b"::")
}

/// The texts that a model sends: primary, fallback and the older form's gateway.
type Texts<'a> = [Option<&'a str>; 3];

fn texts(model: &AgentModel) -> Texts<'_> {
    [&model.primary, &model.fallback, &model.gateway].map(Option::as_deref)
}

/// All that the resolution of a request depends on, apart from the routing table.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct RequestKey<'a>(Sender<'a>);

#[derive(PartialEq, Eq, Hash)]
enum Sender<'a> {
    /// A model of a plain agent.
    Model(Texts<'a>),
    /// Any other agent, with its subagents.
    Agent(AgentKey<'a>),
}

impl<'a> RequestKey<'a> {
    /// The key of what a plain agent sends with one of its models.
    pub(super) fn of_model(model: &'a AgentModel) -> Self {
        Self(Sender::Model(texts(model)))
    }

    /// The key of what an agent and its subagents send.
    pub(super) fn of_agent(agent: &'a Agent) -> Self {
        Self(Sender::Agent(AgentKey(agent)))
    }
}

/// An agent by all that the resolutions of its requests depend on. Its name is not among that, nor
/// are the values of headers: a header that an agent sets is its own in every routing table.
struct AgentKey<'a>(&'a Agent);

impl AgentKey<'_> {
    /// What is overridden of gateways, apart from headers.
    fn overrides(&self) -> impl Iterator<Item = impl Eq + Hash> {
        let blocks = self.0.gateways.iter();
        blocks.map(|(name, block)| {
            let GatewayOverride {
                url,
                api_key_env,
                default_headers: _,
                fallback_policy,
            } = block;
            (name, url, api_key_env, fallback_policy)
        })
    }

    /// The names of the headers that are set, each with its gateway's.
    fn headers(&self) -> impl Iterator<Item = (&String, &String)> {
        let blocks = self.0.gateways.iter();
        blocks.flat_map(|(name, block)| {
            let headers = block.default_headers.keys();
            headers.map(move |header| (name, header))
        })
    }
}

impl PartialEq for AgentKey<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.model == other.0.model
            && self.0.subagents == other.0.subagents
            && self.0.allow == other.0.allow
            && self.0.allow_private == other.0.allow_private
            && self.overrides().eq(other.overrides())
            && self.headers().eq(other.headers())
    }
}

impl Eq for AgentKey<'_> {}

impl Hash for AgentKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        models(self.0).for_each(|model| model.hash(state));
        self.0.subagents.keys().for_each(|alias| alias.hash(state));
        self.0.allow.hash(state);
        self.0.allow_private.hash(state);
        self.overrides().for_each(|block| block.hash(state));
        self.headers().for_each(|header| header.hash(state));
    }
}
