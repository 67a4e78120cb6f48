//! Which agents send requests that are answered alike, whatever the configuration.

use crate::agent::{Agent, AgentModel, GatewayOverride};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// What is alike, with a number.
pub(super) type Numbers<K> = HashMap<K, usize, BuildHasherDefault<Fold>>;

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

/// All that the answer to a plain agent's request depends on.
pub(super) type Texts<'a> = [Option<&'a str>; 3];

/// The texts of a model.
pub(super) fn texts(model: &AgentModel) -> Texts<'_> {
    [&model.primary, &model.fallback, &model.gateway].map(Option::as_deref)
}

/// An agent by all that the answers to its requests depend on. What it is called is not among that,
/// nor are the values of headers: a header that an agent sets is its own in every routing table.
pub(super) struct Whole<'a>(pub(super) &'a Agent);

impl Whole<'_> {
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

impl PartialEq for Whole<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.model == other.0.model
            && self.0.subagents == other.0.subagents
            && self.0.allow == other.0.allow
            && self.overrides().eq(other.overrides())
            && self.headers().eq(other.headers())
    }
}

impl Eq for Whole<'_> {}

impl Hash for Whole<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        models(self.0).for_each(|model| model.hash(state));
        self.0.subagents.keys().for_each(|alias| alias.hash(state));
        self.0.allow.hash(state);
        self.overrides().for_each(|block| block.hash(state));
        self.headers().for_each(|header| header.hash(state));
    }
}

/// A hasher that is quick with short texts and the same in every run.
#[derive(Default)]
pub(super) struct Fold(u64);

impl Fold {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        let last = rest
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.add(last);
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(byte.into());
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    fn finish(&self) -> u64 {
        // The lower bits of a product know nothing of the upper ones of its factors.
        self.0 ^ (self.0 >> 32)
    }
}
