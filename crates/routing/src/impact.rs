//! The impact of a change: which agents and subagents it would send another way.
//!
//! It is computed at every keystroke of a scenario, for thousands of agents. So the two routing
//! tables are compared first, which gives the few names that mean something else, and only requests
//! that refer to one of them are planned: one for all agents whose requests resolve alike.

mod differences;

pub use crate::resolve::ChangeKind;

use crate::agent::Agent;
use crate::operation::Operation;
use crate::resolution::Resolution;
use crate::resolve::{Request, difference, plan, resolve};
use crate::routing_table::{AgentSet, RoutingTable};
use differences::Differences;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An agent or subagent whose resolution differs between two configurations.
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
    fn new(kind: ChangeKind, agent: &Agent, subagent: Option<&str>) -> Self {
        Self {
            kind,
            agent: agent.name.clone(),
            subagent: subagent.map(str::to_owned),
        }
    }

    /// Where the primary goes in one of the two configurations, with the trace; `None` where
    /// the agent or subagent is not there. The list itself needs no resolution, so that a page
    /// resolves only what it shows.
    #[must_use]
    pub fn resolution(&self, table: &RoutingTable) -> Option<Resolution> {
        let agent = table.agent(&self.agent)?;
        let request = request(agent, self.subagent.as_deref())?;
        Some(resolve(table, &request))
    }
}

/// The request of an agent or subagent with its own primary; `None` for an alias it does not have.
fn request<'a>(agent: &'a Agent, subagent: Option<&'a str>) -> Option<Request<'a>> {
    let is_there = subagent.is_none_or(|alias| agent.subagents.contains_key(alias));
    is_there.then(|| Request::of_agent(agent, subagent, Operation::Chat))
}

/// The agents and subagents whose primary resolves differently in two configurations: newly
/// unroutable ones first, then those with another origin, then those with another credential, then
/// the rest, each by name. What only the trace says is no difference.
#[must_use]
pub fn impact(before: &RoutingTable, after: &RoutingTable) -> Vec<Change> {
    let differences = Differences::between(before, after);
    let agents = before.agents();
    match agents.is_shared_with(after.agents()) {
        true => of_the_same(agents, (before, after), &differences),
        false => of_others((before, after), &differences),
    }
}

/// The impact on agents that are in both states. Those that send the same are asked about once.
fn of_the_same(
    agents: &AgentSet,
    tables: (&RoutingTable, &RoutingTable),
    differences: &Differences<'_>,
) -> Vec<Change> {
    let index = agents.index();
    let mut room = [0; 4];
    let kinds: Vec<Option<ChangeKind>> =
        std::iter::zip(&index.requests, differences.touched(index))
            .map(|(alike, touched)| {
                let first = touched.then(|| &index.members[alike.first])?;
                let (agent, subagent) = index.member(first);
                let request = Request::of_agent(agent, subagent, Operation::Chat);
                let request = request.without_own_keys();
                let kind = difference(&plan(tables.0, &request), &plan(tables.1, &request))?;
                room[kind as usize] += alike.count;
                Some(kind)
            })
            .collect();
    // There may be many, so that each is written once to where it stays. They are sorted by name.
    let total = room.iter().sum();
    room[0] = total;
    let mut changes = room.map(Vec::with_capacity);
    let (before, after) = tables;
    let any_own_keys = before.own_keys().chain(after.own_keys()).next().is_some();
    if total > 0 || any_own_keys {
        for member in &index.members {
            let with_own_keys = any_own_keys
                .then(|| index.member(member))
                .filter(|(agent, _)| before.has_own_keys(agent) || after.has_own_keys(agent));
            let kind = match with_own_keys {
                None => kinds[member.kind],
                Some((agent, _)) if !differences.touch(agent) => None,
                Some((agent, subagent)) => {
                    let request = Request::of_agent(agent, subagent, Operation::Chat);
                    difference(&plan(before, &request), &plan(after, &request))
                }
            };
            if let Some(kind) = kind {
                let (agent, subagent) = index.member(member);
                changes[kind as usize].push(Change::new(kind, agent, subagent));
            }
        }
    }
    in_one(changes)
}

/// The impact where agents come, go or are edited.
fn of_others(
    (before, after): (&RoutingTable, &RoutingTable),
    differences: &Differences<'_>,
) -> Vec<Change> {
    let mut changes = [const { Vec::new() }; 4];
    for (old, new) in pairs(before.agents(), after.agents()) {
        let is_equal = match (old, new) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new) || old == new,
            _ => false,
        };
        let (old, new) = (old.map(|agent| &**agent), new.map(|agent| &**agent));
        let same = is_equal && old.is_none_or(|agent| !differences.touch(agent));
        let Some(agent) = old.or(new).filter(|_| !same) else {
            continue;
        };
        for (kind, subagent) in compare(before, old, after, new) {
            changes[kind as usize].push(Change::new(kind, agent, subagent));
        }
    }
    in_one(changes)
}

/// The changes of every kind, the gravest first.
fn in_one([mut changes, origin, credential, other]: [Vec<Change>; 4]) -> Vec<Change> {
    for mut kind in [origin, credential, other] {
        changes.append(&mut kind);
    }
    changes
}

/// The agents of two sets side by side, in the order of their names.
fn pairs<'a>(
    before: &'a AgentSet,
    after: &'a AgentSet,
) -> impl Iterator<Item = (Option<&'a Arc<Agent>>, Option<&'a Arc<Agent>>)> {
    let mut olds = before.shared().peekable();
    let mut news = after.shared().peekable();
    std::iter::from_fn(move || {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.name.cmp(&new.name),
        };
        Some(match order {
            Ordering::Less => (olds.next(), None),
            Ordering::Greater => (None, news.next()),
            Ordering::Equal => (olds.next(), news.next()),
        })
    })
}

/// An agent itself or the alias of one of its subagents, with what differs for it.
type Member<'a> = (ChangeKind, Option<&'a str>);

/// Compares every member of an agent and keeps those that differ.
fn compare<'a>(
    before: &RoutingTable,
    old: Option<&'a Agent>,
    after: &RoutingTable,
    new: Option<&'a Agent>,
) -> Vec<Member<'a>> {
    let both = old.into_iter().chain(new);
    let names: BTreeSet<Option<&str>> = both.flat_map(Agent::members).collect();
    let mut members = Vec::new();
    for member in names {
        let was = old.and_then(|agent| request(agent, member));
        let is = new.and_then(|agent| request(agent, member));
        let kind = match (&was, &is) {
            (Some(was), Some(is)) => difference(&plan(before, was), &plan(after, is)),
            (None, Some(is)) if plan(after, is).is_rejected() => Some(ChangeKind::Unroutable),
            (None, None) => None,
            _ => Some(ChangeKind::Other),
        };
        members.extend(kind.map(|kind| (kind, member)));
    }
    members
}

#[cfg(test)]
mod tests;
