//! The agents of a routing table, and an index of what they send and refer to.

use super::reference::{Reference, of_model, references};
use super::request_key::{RequestKey, is_plain, models};
use crate::agent::Agent;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::BTreeMap;
use std::hash::BuildHasher as _;
use std::sync::{Arc, OnceLock};

/// How many agents a part holds when the set is made. A change copies the pointers of one part and
/// those of all parts, which is least where there are about as many parts as agents in each.
const PART: usize = 128;

/// Agents by name, each name once. Clones and changed sets share all agents that are the same, so
/// that adding, replacing or removing one does not read the others.
#[derive(Clone, Debug, Default)]
pub struct AgentSet(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// In the order of the names, none of them empty.
    parts: Vec<Arc<Part>>,
    index: OnceLock<Index>,
}

/// Agents that follow each other in the order of their names.
#[derive(Debug)]
struct Part {
    agents: Box<[Arc<Agent>]>,
    /// A hash of each one's name. They lie side by side, so that finding one agent of thousands
    /// reads few lines of memory; comparing names reads two for every agent on the way.
    hashes: Box<[u64]>,
}

impl Part {
    /// The agent of a name.
    fn get(&self, name: &str) -> Option<&Agent> {
        let hash = hash(name);
        let hashes = self.hashes.iter().enumerate();
        hashes
            .filter(|(_, other)| **other == hash)
            .map(|(at, _)| &*self.agents[at])
            .find(|agent| agent.name == name)
    }

    /// Where the agent of a name is, or would be.
    fn place_of(&self, name: &str) -> Result<usize, usize> {
        self.agents
            .binary_search_by(|agent| agent.name.as_str().cmp(name))
    }
}

impl From<Vec<Arc<Agent>>> for Part {
    fn from(agents: Vec<Arc<Agent>>) -> Self {
        Self {
            hashes: agents.iter().map(|agent| hash(&agent.name)).collect(),
            agents: agents.into(),
        }
    }
}

fn hash(name: &str) -> u64 {
    FxBuildHasher.hash_one(name)
}

/// The agents by what they send and by what they refer to.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The agents in the order of their names.
    agents: Vec<Arc<Agent>>,
    /// In that order every agent, each followed by its subagents.
    pub(crate) members: Vec<Member>,
    /// Every kind of request.
    pub(crate) requests: Vec<RequestKind>,
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

/// Requests that resolve alike in every routing table.
#[derive(Debug)]
pub(crate) struct RequestKind {
    /// The place of the first member that sends one.
    pub(crate) first: usize,
    /// How many send one.
    pub(crate) count: usize,
}

impl AgentSet {
    /// The number of agents.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.parts.iter().map(|part| part.agents.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.parts.is_empty()
    }

    /// The agents in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Agent> + Clone {
        self.shared().map(|agent| &**agent)
    }

    /// The agent of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Agent> {
        self.0.parts[self.part_of(name)?].get(name)
    }

    /// The same agents with this one added, or in place of the one of its name.
    #[must_use]
    pub fn with(&self, agent: Agent) -> Self {
        let Some(at) = self.part_of(&agent.name) else {
            return Self::from_iter([agent]);
        };
        let mut parts = self.0.parts.clone();
        let place = parts[at].place_of(&agent.name);
        let mut part = parts[at].agents.to_vec();
        match place {
            Ok(place) => part[place] = Arc::new(agent),
            Err(place) => part.insert(place, Arc::new(agent)),
        }
        let upper = (part.len() > 2 * PART).then(|| part.split_off(PART));
        parts[at] = Arc::new(part.into());
        if let Some(upper) = upper {
            parts.insert(at + 1, Arc::new(upper.into()));
        }
        Self::of_parts(parts)
    }

    /// The same agents without the one of this name.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let found = self.part_of(name).and_then(|at| {
            let place = self.0.parts[at].place_of(name).ok()?;
            Some((at, place))
        });
        let Some((at, place)) = found else {
            return self.clone();
        };
        let mut parts = self.0.parts.clone();
        let mut part = parts[at].agents.to_vec();
        part.remove(place);
        match part.is_empty() {
            true => drop(parts.remove(at)),
            false => parts[at] = Arc::new(part.into()),
        }
        Self::of_parts(parts)
    }

    /// The index, made once: when it is first asked for.
    pub(crate) fn index(&self) -> &Index {
        let index = &self.0.index;
        index.get_or_init(|| Index::of(self.shared().cloned().collect()))
    }

    /// The agents with the pointers that sets share them by.
    pub(crate) fn shared(&self) -> impl Iterator<Item = &Arc<Agent>> + Clone {
        self.0.parts.iter().flat_map(|part| part.agents.iter())
    }

    /// Whether these are the very same agents, not only equal ones.
    pub(crate) fn is_shared_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The part that an agent of this name is in, or would be; `None` for an empty set.
    fn part_of(&self, name: &str) -> Option<usize> {
        let parts = &self.0.parts;
        let after = parts.partition_point(|part| part.agents[0].name.as_str() <= name);
        (!parts.is_empty()).then_some(after.saturating_sub(1))
    }

    fn of_parts(parts: Vec<Arc<Part>>) -> Self {
        Self(Arc::new(Shared {
            parts,
            index: OnceLock::new(),
        }))
    }
}

impl FromIterator<Agent> for AgentSet {
    /// Of several agents of one name the last one counts.
    fn from_iter<I: IntoIterator<Item = Agent>>(agents: I) -> Self {
        let mut agents: Vec<Arc<Agent>> = agents.into_iter().map(Arc::new).collect();
        agents.sort_by(|left, right| left.name.cmp(&right.name));
        agents.dedup_by(|later, kept| {
            let is_same = later.name == kept.name;
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
        let parts = agents
            .chunks(PART)
            .map(|part| Arc::new(part.to_vec().into()));
        Self::of_parts(parts.collect())
    }
}

impl From<Vec<Agent>> for AgentSet {
    fn from(agents: Vec<Agent>) -> Self {
        agents.into_iter().collect()
    }
}

impl Index {
    fn of(agents: Vec<Arc<Agent>>) -> Self {
        let mut members = Vec::with_capacity(agents.len());
        let mut requests: Vec<RequestKind> = Vec::new();
        let mut kinds_of: FxHashMap<RequestKey<'_>, usize> =
            FxHashMap::with_capacity_and_hasher(agents.len(), Default::default());
        let mut referring: BTreeMap<Reference<'_>, Vec<usize>> = BTreeMap::new();
        for (place, agent) in agents.iter().enumerate() {
            // The kinds of an agent's requests follow each other.
            let of_agent = (!is_plain(agent)).then(|| {
                let next = requests.len();
                *kinds_of.entry(RequestKey::of_agent(agent)).or_insert(next)
            });
            for (at, model) in models(agent).enumerate() {
                let next = requests.len();
                let kind = match of_agent {
                    Some(first) => first + at,
                    None => *kinds_of.entry(RequestKey::of_model(model)).or_insert(next),
                };
                if kind < next {
                    requests[kind].count += 1;
                } else {
                    let first = members.len();
                    requests.push(RequestKind { first, count: 1 });
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
        let referring = referring
            .map(|(reference, kinds)| (reference.into_owned(), kinds))
            .collect();
        drop(kinds_of);
        Self {
            agents,
            members,
            requests,
            referring,
        }
    }

    /// The agent, and the alias of its subagent where it is one.
    pub(crate) fn member(&self, member: &Member) -> (&Agent, Option<&str>) {
        let agent = &*self.agents[member.agent];
        (agent, agent.members().nth(member.at).flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(name: &str) -> Agent {
        Agent {
            name: name.into(),
            ..Agent::default()
        }
    }

    fn names(set: &AgentSet) -> Vec<&str> {
        set.iter().map(|agent| agent.name.as_str()).collect()
    }

    /// A set that has been changed is the set that would be made anew, at both ends, in the middle
    /// and where parts are split or emptied.
    #[test]
    fn changes_one_by_one_give_the_same_set() {
        let mut expected: BTreeMap<String, Agent> = BTreeMap::new();
        let mut set = AgentSet::default();
        for number in 0..1_000_u32 {
            let name = format!("agent-{:03}", number * 617 % 1_000);
            expected.insert(name.clone(), agent(&name));
            set = set.with(agent(&name));
        }
        assert_eq!(set.len(), 1_000);
        assert!(set.0.parts.len() > 3, "parts are split");
        assert!(set.0.parts.iter().all(|part| part.agents.len() <= 2 * PART));
        let mut renamed = agent("agent-500");
        renamed.model.primary = Some("a/b".into());
        set = set.with(renamed.clone());
        assert_eq!(set.get("agent-500"), Some(&renamed));
        expected.insert(renamed.name.clone(), renamed);
        assert!(set.iter().eq(expected.values()));
        for number in 0..1_000_u32 {
            let name = format!("agent-{:03}", number * 389 % 1_000);
            assert!(set.get(&name).is_some());
            set = set.without(&name);
            assert_eq!(set.get(&name), None);
            expected.remove(&name);
            assert!(set.iter().eq(expected.values()));
        }
        assert!(set.is_empty());
        assert_eq!(set.without("agent-000").len(), 0);
    }

    #[test]
    fn the_last_agent_of_a_name_counts() {
        let mut second = agent("b");
        second.model.primary = Some("x/y".into());
        let set = AgentSet::from(vec![agent("b"), agent("a"), second.clone()]);
        assert_eq!(names(&set), ["a", "b"]);
        assert_eq!(set.get("b"), Some(&second));
    }

    #[test]
    fn a_change_shares_every_other_agent() {
        let before: AgentSet = (0..500)
            .map(|number| agent(&format!("{number:03}")))
            .collect();
        let after = before.with(agent("250"));
        let kept = std::iter::zip(before.shared(), after.shared());
        let copied = kept.filter(|(old, new)| !Arc::ptr_eq(old, new)).count();
        assert_eq!(copied, 1);
    }
}
