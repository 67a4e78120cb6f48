//! The effect of a change: which agents and subagents it would send another way.
//!
//! It is asked at every keystroke of a draft, for thousands of agents. So the two states of the
//! world are compared first, which gives the few names that mean something else, and only the
//! agents that refer to one of them are resolved.

mod differences;

use crate::agent::Agent;
use crate::base_url::BaseUrl;
use crate::operation::Operation;
use crate::resolution::{Outcome, Resolution};
use crate::resolve::{Request, resolve};
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
    /// Where its primary went before, without the trace; absent where it was not there.
    pub before: Option<Resolution>,
    /// Where its primary goes after, without the trace; absent where it is no longer there.
    pub after: Option<Resolution>,
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

/// Resolves every member of an agent in both worlds and keeps those that differ.
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
        let resolution = |world: &World, agent: Option<&Agent>| {
            let agent = agent
                .filter(|agent| member.is_none_or(|alias| agent.subagents.contains_key(alias)))?;
            Some(resolve(
                world,
                &Request::of_agent(agent, member, Operation::Chat).without_trace(),
            ))
        };
        let (was, is) = (resolution(before, old), resolution(after, new));
        if let Some(kind) = kind_of(was.as_ref(), is.as_ref()) {
            changes.push(Change {
                kind,
                agent: named.name.clone(),
                subagent: member.map(str::to_owned),
                before: was,
                after: is,
            });
        }
    }
}

/// What differs between two resolutions, if anything does.
fn kind_of(before: Option<&Resolution>, after: Option<&Resolution>) -> Option<ChangeKind> {
    let rejected = |resolution: Option<&Resolution>| {
        resolution.is_some_and(|resolution| resolution.outcome == Outcome::Rejected)
    };
    match (before, after) {
        (None, None) => return None,
        (Some(before), Some(after)) if same(before, after) => return None,
        _ => {}
    }
    if rejected(after) && !rejected(before) {
        return Some(ChangeKind::Unroutable);
    }
    // One that becomes routable gets an origin and a credential, which is no change of them.
    let (Some(before), Some(after), false) = (before, after, rejected(before)) else {
        return Some(ChangeKind::Other);
    };
    if let (Some(was), Some(is)) = (origin(before), origin(after))
        && was != is
    {
        return Some(ChangeKind::Origin);
    }
    if credential(before) != credential(after) {
        return Some(ChangeKind::Credential);
    }
    Some(ChangeKind::Other)
}

fn same(before: &Resolution, after: &Resolution) -> bool {
    let same_fallback = match (&before.fallback, &after.fallback) {
        (Some(before), Some(after)) => same(before, after),
        (before, after) => before.is_none() && after.is_none(),
    };
    same_fallback
        && before.model_ref == after.model_ref
        && before.error == after.error
        && before.route == after.route
        && before.warnings == after.warnings
}

fn origin(resolution: &Resolution) -> Option<String> {
    let base_url = resolution.route.as_ref()?.base_url.as_ref()?;
    BaseUrl::parse(&base_url.value).ok().map(|url| url.origin())
}

/// The credential that is sent, if one is.
fn credential(resolution: &Resolution) -> Option<&str> {
    let credential = resolution.route.as_ref()?.credential.as_ref()?;
    let chosen = credential
        .candidates
        .iter()
        .find(|candidate| candidate.chosen)?;
    Some(&chosen.from)
}

#[cfg(test)]
mod tests;
