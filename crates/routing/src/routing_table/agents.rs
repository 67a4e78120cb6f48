//! The agents of a routing table, with what they refer to.

use super::alike::{Numbers, Texts, Whole, is_plain, models, texts};
use super::reference::{Reference, of_model, references};
use crate::agent::Agent;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// The agents of a routing table. A scenario of a change shares them with what it is a scenario of, so that a
/// clone copies nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agents(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    list: Arc<[Agent]>,
    index: OnceLock<Index>,
}

/// The agents by what they send and by what they refer to.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The places of the agents, in the order of their names.
    by_name: Vec<usize>,
    /// In that order every agent, each followed by its subagents.
    pub(crate) members: Vec<Member>,
    /// Every kind of request.
    pub(crate) requests: Vec<Alike>,
    /// Everything that is referred to, with the kinds that do, each once.
    pub(crate) referring: Vec<(Reference<'static>, Vec<usize>)>,
}

/// An agent or one of its subagents.
#[derive(Debug)]
pub(crate) struct Member {
    /// The agent's place.
    agent: usize,
    /// Its own place among the agent and its subagents.
    at: usize,
    /// The kind of request that it sends with its own primary.
    pub(crate) kind: usize,
}

/// Requests that are answered alike, whatever the configuration.
#[derive(Debug)]
pub(crate) struct Alike {
    /// The place of the first member that sends one.
    pub(crate) first: usize,
    /// How many send one.
    pub(crate) count: usize,
}

impl Agents {
    /// The index, made once: when it is first asked for.
    pub(crate) fn index(&self) -> &Index {
        self.0.index.get_or_init(|| Index::of(&self.0.list))
    }

    /// The agent, and the alias of its subagent where it is one.
    pub(crate) fn member(&self, member: &Member) -> (&Agent, Option<&str>) {
        let agent = &self[member.agent];
        (agent, agent.members().nth(member.at).flatten())
    }

    /// The agent of a name.
    pub(crate) fn named(&self, name: &str) -> Option<&Agent> {
        let Some(index) = self.0.index.get() else {
            return self.iter().find(|agent| agent.name == name);
        };
        let by_name = &index.by_name;
        let found = by_name.binary_search_by(|place| self[*place].name.as_str().cmp(name));
        Some(&self[by_name[found.ok()?]])
    }

    /// Whether these are the very same agents, not only equal ones.
    pub(crate) fn is_shared_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.list, &other.0.list)
    }
}

impl Index {
    fn of(agents: &[Agent]) -> Self {
        let mut by_name: Vec<usize> = (0..agents.len()).collect();
        by_name.sort_unstable_by_key(|place| &agents[*place].name);
        let mut members = Vec::with_capacity(agents.len());
        let mut requests: Vec<Alike> = Vec::new();
        let mut of_texts: Numbers<Texts<'_>> =
            Numbers::with_capacity_and_hasher(agents.len(), Default::default());
        let mut of_agents: Numbers<Whole<'_>> = Numbers::default();
        let mut referring: BTreeMap<Reference<'_>, Vec<usize>> = BTreeMap::new();
        for &place in &by_name {
            let agent = &agents[place];
            // The kinds of an agent's requests follow each other.
            let of_agent = (!is_plain(agent))
                .then(|| *of_agents.entry(Whole(agent)).or_insert(requests.len()));
            for (at, model) in models(agent).enumerate() {
                let next = requests.len();
                let kind = match of_agent {
                    Some(first) => first + at,
                    None => *of_texts.entry(texts(model)).or_insert(next),
                };
                if kind < next {
                    requests[kind].count += 1;
                } else {
                    let first = members.len();
                    requests.push(Alike { first, count: 1 });
                    let found = &mut |reference| {
                        let kinds = referring.entry(reference).or_default();
                        if kinds.last() != Some(&kind) {
                            kinds.push(kind);
                        }
                        false
                    };
                    match of_agent.is_some() {
                        true => references(agent, found),
                        false => of_model(model, found),
                    };
                }
                members.push(Member {
                    agent: place,
                    at,
                    kind,
                });
            }
        }
        let referring = referring.into_iter();
        Self {
            by_name,
            members,
            requests,
            referring: referring
                .map(|(reference, kinds)| (reference.into_owned(), kinds))
                .collect(),
        }
    }
}

impl Deref for Agents {
    type Target = [Agent];

    fn deref(&self) -> &[Agent] {
        &self.0.list
    }
}

impl From<Arc<[Agent]>> for Agents {
    fn from(list: Arc<[Agent]>) -> Self {
        Self(Arc::new(Shared {
            list,
            index: OnceLock::new(),
        }))
    }
}
