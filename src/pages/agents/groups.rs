//! Agents by where they go. Pure: no state, no browser.

use super::filter::status_of;
use crate::api::types::AgentView;
use crate::explain::host;
use crate::features::remedy::Failure;
use std::collections::BTreeMap;
use waypost_routing::agent_status::{AgentStatus, Destination};

/// What the agents of a group have in common. Ordered as the groups are: what needs attention first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GroupKey {
    /// Their documents cannot be read.
    Unreadable,
    /// Their primaries are rejected for the same reason.
    Unroutable {
        /// The code of the reason.
        code: String,
        /// The provider or source that they name.
        provider: Option<String>,
        /// The reason of the first, for a person.
        message: String,
    },
    /// They go to the same place.
    Sent {
        /// The kind of route.
        kind: Kind,
        /// The provider's name, the source's slug, or the host.
        name: String,
        /// The host.
        host: String,
    },
    /// The routing table is not loaded yet.
    Unknown,
}

/// The kinds of route in the order of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Gateway,
    Direct,
    Passthrough,
    Managed,
}

impl Kind {
    /// The name in the address, which is also the word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Direct => "direct",
            Self::Passthrough => "passthrough",
            Self::Managed => "managed",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "direct" => Self::Direct,
            "passthrough" => Self::Passthrough,
            "managed" => Self::Managed,
            _ => Self::Gateway,
        }
    }
}

impl GroupKey {
    fn of(agent: &AgentView, status: Option<&AgentStatus>) -> Self {
        if agent.agent.is_none() {
            return Self::Unreadable;
        }
        match status.map(|status| &status.own.destination) {
            None => Self::Unknown,
            Some(Destination::Rejected {
                code,
                provider,
                message,
            }) => Self::Unroutable {
                code: code.clone(),
                provider: provider.clone(),
                message: message.clone(),
            },
            Some(Destination::Sent {
                kind,
                provider,
                base_url,
            }) => {
                let host = host(base_url).to_owned();
                Self::Sent {
                    kind: Kind::from_name(kind),
                    name: provider.clone().unwrap_or_else(|| host.clone()),
                    host,
                }
            }
        }
    }

    /// What leaves the reason alone: agents that lack the same key are one group, although their
    /// messages name different models.
    fn without_message(&self) -> Self {
        match self {
            Self::Unroutable { code, provider, .. } => Self::Unroutable {
                code: code.clone(),
                provider: provider.clone(),
                message: String::new(),
            },
            key => key.clone(),
        }
    }

    /// Whether an agent belongs to the group.
    pub(super) fn has(&self, agent: &AgentView, statuses: &[AgentStatus]) -> bool {
        let key = Self::of(agent, status_of(statuses, &agent.name));
        key.without_message() == self.without_message()
    }

    /// What the agents have in common, if they have no route.
    pub(super) fn failure(&self) -> Option<Failure> {
        match self {
            Self::Unroutable { code, provider, .. } => Some(Failure {
                code: code.clone(),
                owner: provider.clone(),
                ..Failure::default()
            }),
            _ => None,
        }
    }
}

/// Agents that go to the same place, or nowhere for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) key: GroupKey,
    /// Their places in the list of agents.
    pub(super) members: Vec<usize>,
}

/// The groups of the agents at these places.
pub(super) fn groups(
    agents: &[AgentView],
    statuses: &[AgentStatus],
    places: &[usize],
) -> Vec<Group> {
    let mut groups: BTreeMap<GroupKey, Group> = BTreeMap::new();
    for place in places {
        let agent = &agents[*place];
        let key = GroupKey::of(agent, status_of(statuses, &agent.name));
        let group = groups
            .entry(key.without_message())
            .or_insert_with(|| Group {
                key,
                members: Vec::new(),
            });
        group.members.push(*place);
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::super::filter::tests::{rejected, sent, view};
    use super::*;

    #[test]
    fn what_needs_attention_comes_first_and_reasons_are_shared() {
        let agents = ["a", "b", "c", "d"].map(|name| view(&format!("name: {name}\n")));
        let statuses = [
            sent("a", "openrouter", 0),
            rejected("b", "groq"),
            rejected("c", "groq"),
            sent("d", "litellm", 0),
        ];
        let found = groups(&agents, &statuses, &[0, 1, 2, 3]);
        let members: Vec<&[usize]> = found.iter().map(|group| &group.members[..]).collect();
        assert_eq!(members, [&[1, 2][..], &[3], &[0]]);
        let failure = found[0].key.failure().expect("no route");
        assert_eq!(failure.owner.as_deref(), Some("groq"));
        assert_eq!(failure.code, "missing_api_key");
        assert_eq!(found[1].key.failure(), None);
    }

    #[test]
    fn a_document_that_cannot_be_read_is_a_group() {
        let agents = [view("name: [")];
        let found = groups(&agents, &[], &[0]);
        assert_eq!(found[0].key, GroupKey::Unreadable);
    }
}
