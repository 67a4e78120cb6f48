//! The effect of a change: which agents and subagents it would send another way.
//!
//! It is asked at every keystroke of a draft, for thousands of agents. So the two states of the
//! world are compared first, which gives the few names that mean something else, and only the
//! agents that refer to one of them are resolved.

mod differences;

use crate::agent::Agent;
use crate::operation::Operation;
use crate::resolution::Resolution;
use crate::resolve::{Request, difference, is_rejected, resolve};
use crate::world::World;
use differences::Differences;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An agent or subagent whose resolution differs between two states of the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// What differs, as far as it matters most.
    pub kind: ChangeKind,
    /// The agent's name.
    pub agent: String,
    /// The subagent's alias; absent for the agent itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subagent: Option<String>,
}

impl Change {
    /// Where the primary goes in one of the two states of the world, with the trace; `None` where
    /// the agent or subagent is not there. The list itself needs no resolution, so that a page
    /// resolves only what it shows.
    #[must_use]
    pub fn resolution(&self, world: &World) -> Option<Resolution> {
        let agent = world
            .agents()
            .iter()
            .find(|agent| agent.name == self.agent)?;
        let request = request(agent, self.subagent.as_deref())?;
        Some(resolve(world, &request))
    }
}

/// The request of an agent or subagent with its own primary; `None` for an alias it does not have.
fn request<'a>(agent: &'a Agent, subagent: Option<&'a str>) -> Option<Request<'a>> {
    let is_there = subagent.is_none_or(|alias| agent.subagents.contains_key(alias));
    is_there.then(|| Request::of_agent(agent, subagent, Operation::Chat))
}

/// What differs between two resolutions, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is refused and was not before.
    Unroutable,
    /// It goes to another origin.
    Origin,
    /// It goes to the same origin with another credential.
    Credential,
    /// Anything else: the wire model, a header, a warning, the fallback, or that it becomes
    /// routable.
    Other,
}

impl ChangeKind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unroutable => "unroutable",
            Self::Origin => "origin",
            Self::Credential => "credential",
            Self::Other => "other",
        }
    }
}

/// The agents and subagents whose primary resolves differently in two states of the world: newly
/// unroutable ones first, then those with another origin, then those with another credential, then
/// the rest, each by name. What only the trace says is no difference.
#[must_use]
pub fn effect(before: &World, after: &World) -> Vec<Change> {
    let differences = Differences::between(before, after);
    let by_name = |world: &'_ World| -> BTreeMap<String, usize> {
        let agents = world.agents().iter().enumerate();
        agents
            .map(|(index, agent)| (agent.name.clone(), index))
            .collect()
    };
    let mut changes = Vec::new();
    if std::ptr::eq(before.agents(), after.agents()) {
        for agent in before.agents() {
            if differences.touch(agent) {
                compare(before, Some(agent), after, Some(agent), &mut changes);
            }
        }
    } else {
        let (olds, news) = (by_name(before), by_name(after));
        let names: BTreeSet<&String> = olds.keys().chain(news.keys()).collect();
        for name in names {
            let old = olds.get(name).map(|index| &before.agents()[*index]);
            let new = news.get(name).map(|index| &after.agents()[*index]);
            let same = old == new && old.is_none_or(|agent| !differences.touch(agent));
            if !same {
                compare(before, old, after, new, &mut changes);
            }
        }
    }
    changes.sort_unstable_by(|left, right| {
        let by_agent = || left.agent.cmp(&right.agent);
        let by_subagent = || left.subagent.cmp(&right.subagent);
        let by_kind = left.kind.cmp(&right.kind);
        by_kind.then_with(by_agent).then_with(by_subagent)
    });
    changes
}

/// Compares every member of an agent and keeps those that differ.
fn compare(
    before: &World,
    old: Option<&Agent>,
    after: &World,
    new: Option<&Agent>,
    changes: &mut Vec<Change>,
) {
    let Some(named) = old.or(new) else {
        return;
    };
    let aliases: BTreeSet<&str> = old
        .iter()
        .chain(&new)
        .flat_map(|agent| agent.subagents.keys())
        .map(String::as_str)
        .collect();
    for member in std::iter::once(None).chain(aliases.into_iter().map(Some)) {
        let was = old.and_then(|agent| request(agent, member));
        let is = new.and_then(|agent| request(agent, member));
        let kind = match (&was, &is) {
            (Some(was), Some(is)) => difference((before, was), (after, is)),
            (None, Some(is)) if is_rejected(after, is) => Some(ChangeKind::Unroutable),
            (None, None) => None,
            _ => Some(ChangeKind::Other),
        };
        changes.extend(kind.map(|kind| Change {
            kind,
            agent: named.name.clone(),
            subagent: member.map(str::to_owned),
        }));
    }
}

#[cfg(test)]
mod tests;
