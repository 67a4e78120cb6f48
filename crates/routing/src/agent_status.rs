//! Where every agent goes, in short: for a list of thousands.

use crate::operation::Operation;
use crate::resolution::{Outcome, Resolution, RouteKind};
use crate::resolve::{Request, resolve};
use crate::routing_table::RoutingTable;
use std::sync::Arc;

/// An agent's routes in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentStatus {
    /// The agent's name.
    pub name: String,
    /// Its own route. Agents that send the same share it.
    pub own: Arc<MemberStatus>,
    /// How many subagents it has.
    pub subagents: usize,
    /// How many of them lack a route of their primary or fallback.
    pub unroutable_subagents: usize,
    /// How many warnings the routes of its subagents have.
    pub subagent_warnings: usize,
}

impl AgentStatus {
    /// Whether the agent or a subagent lacks a route.
    #[must_use]
    pub fn is_unroutable(&self) -> bool {
        self.own.lacks_route || self.unroutable_subagents > 0
    }

    /// Whether the agent or a subagent lacks a route or has a warning.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        self.is_unroutable() || self.own.warnings > 0 || self.subagent_warnings > 0
    }
}

/// The route of an agent's or subagent's primary in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberStatus {
    /// Where it goes.
    pub destination: Destination,
    /// Whether the primary or the fallback is rejected.
    pub lacks_route: bool,
    /// How many warnings the primary and the fallback have.
    pub warnings: usize,
}

/// Where a request goes, or why it does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// It is rejected.
    Rejected {
        /// The code of the reason.
        code: String,
        /// The provider or source that it names, if that is known.
        provider: Option<String>,
        /// The reason, for a person.
        message: String,
    },
    /// It is sent.
    Sent {
        /// `gateway`, `direct`, `passthrough` or `managed`.
        kind: &'static str,
        /// The provider's name or the source's slug; `None` for an agent's own base URL.
        provider: Option<String>,
        /// The base URL.
        base_url: String,
    },
}

impl Destination {
    fn of(resolution: &Resolution) -> Self {
        let route = resolution.route.as_ref();
        let provider = route.and_then(|route| route.provider.clone());
        match (route, resolution.outcome) {
            (Some(route), Outcome::Routed) => Self::Sent {
                kind: match route.kind {
                    RouteKind::GatewayLegacy => RouteKind::Gateway.name(),
                    kind => kind.name(),
                },
                provider,
                base_url: route
                    .base_url
                    .as_ref()
                    .map(|base| base.value.clone())
                    .unwrap_or_default(),
            },
            _ => {
                let error = resolution.error.as_ref();
                Self::Rejected {
                    code: error.map(|error| error.code.clone()).unwrap_or_default(),
                    provider,
                    message: error.map(|error| error.message.clone()).unwrap_or_default(),
                }
            }
        }
    }
}

impl MemberStatus {
    fn of(resolution: &Resolution) -> Self {
        let fallback = resolution.fallback.as_deref();
        let both = std::iter::once(resolution).chain(fallback);
        Self {
            destination: Destination::of(resolution),
            lacks_route: both
                .clone()
                .any(|resolution| resolution.outcome == Outcome::Rejected),
            warnings: both.map(|resolution| resolution.warnings.len()).sum(),
        }
    }
}

fn status(table: &RoutingTable, request: Request<'_>) -> Arc<MemberStatus> {
    Arc::new(MemberStatus::of(&resolve(table, &request.without_trace())))
}

/// The status of every agent, by name. Requests that resolve alike are resolved once.
#[must_use]
pub fn agent_statuses(table: &RoutingTable) -> Vec<AgentStatus> {
    let index = table.agents().index();
    let kinds: Vec<Arc<MemberStatus>> = index
        .requests
        .iter()
        .map(|kind| {
            let (agent, subagent) = index.member(&index.members[kind.first]);
            let request = Request::of_agent(agent, subagent, Operation::Chat);
            status(table, request.without_own_keys())
        })
        .collect();
    let mut statuses: Vec<AgentStatus> = Vec::with_capacity(table.agents().len());
    for member in &index.members {
        let (agent, subagent) = index.member(member);
        let own = table
            .has_own_keys(agent)
            .then(|| status(table, Request::of_agent(agent, subagent, Operation::Chat)));
        let status = own.as_ref().unwrap_or(&kinds[member.kind]);
        match (subagent, statuses.last_mut()) {
            (Some(_), Some(of_agent)) => {
                of_agent.subagents += 1;
                of_agent.unroutable_subagents += usize::from(status.lacks_route);
                of_agent.subagent_warnings += status.warnings;
            }
            _ => statuses.push(AgentStatus {
                name: agent.name.clone(),
                own: Arc::clone(status),
                subagents: 0,
                unroutable_subagents: 0,
                subagent_warnings: 0,
            }),
        }
    }
    statuses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::read_agent;
    use crate::builtin_catalog::builtin;
    use crate::snapshot::Snapshot;

    fn statuses(documents: &[&str]) -> Vec<AgentStatus> {
        let mut snapshot = Snapshot {
            managed_gateway: "litellm".into(),
            providers: builtin(),
            ..Snapshot::default()
        };
        let variable = "LITELLM_MASTER_KEY".to_owned();
        snapshot.environment.set.insert(variable);
        let agents = documents.iter().map(|text| read_agent(text).agent.unwrap());
        let table = RoutingTable::new(snapshot).with_agents(agents.collect());
        agent_statuses(&table)
    }

    #[test]
    fn each_agent_says_where_it_goes_and_what_its_subagents_lack() {
        let all = statuses(&[
            "name: b\nmodel: { primary: litellm/gpt, fallback: groq/llama }\n",
            "name: a\nmodel: { primary: litellm/gpt }\nsubagents:\n  x: { model: { primary: groq/llama } }\n  y: { model: { primary: litellm/gpt } }\n",
            "name: c\nmodel: { primary: groq/llama }\n",
        ]);
        let names: Vec<&str> = all.iter().map(|status| status.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        let [a, b, c] = &all[..] else { panic!() };
        assert_eq!((a.subagents, a.unroutable_subagents), (2, 1));
        assert!(a.is_unroutable() && !a.own.lacks_route);
        assert!(
            matches!(&a.own.destination, Destination::Sent { kind: "gateway", provider: Some(name), base_url } if name == "litellm" && base_url == "http://localhost:4000")
        );
        // Its fallback lacks a route, which does not move it to another destination.
        assert!(b.own.lacks_route);
        assert_eq!(a.own.destination, b.own.destination);
        assert!(
            matches!(&c.own.destination, Destination::Rejected { code, provider: Some(name), .. } if code == "missing_api_key" && name == "groq")
        );
    }

    /// The operator has granted no variable.
    #[test]
    fn a_variable_that_stops_only_a_fallback_or_a_subagent_needs_attention() {
        let block = "gateways: { openrouter: { api_key_env: TEAM_KEY } }\n";
        let fallback = format!(
            "name: a\nmodel: {{ primary: litellm/gpt, fallback: openrouter/x/y }}\n{block}"
        );
        let subagent = format!(
            "name: b\nmodel: {{ primary: litellm/gpt }}\n{block}subagents: {{ s: {{ model: {{ primary: litellm/gpt, fallback: openrouter/x/y }} }} }}\n"
        );
        let all = statuses(&[&fallback, &subagent]);
        let [a, b] = &all[..] else { panic!() };
        assert!(a.own.lacks_route && a.needs_attention());
        assert!(matches!(a.own.destination, Destination::Sent { .. }));
        assert!(!b.own.lacks_route && b.needs_attention());
        assert_eq!(b.unroutable_subagents, 1);
    }

    #[test]
    fn a_subagents_warning_is_counted() {
        let all = statuses(&[
            "name: a\nmodel: { primary: litellm/gpt }\nsubagents: { x: { model: { primary: litelm/gpt } } }\n",
        ]);
        assert!(all[0].subagent_warnings > 0);
        assert!(all[0].needs_attention() && !all[0].is_unroutable());
    }

    #[test]
    fn agents_that_send_the_same_share_their_status() {
        let texts: Vec<String> = (0..100)
            .map(|at| format!("name: a{at:02}\nmodel: {{ primary: litellm/gpt }}\n"))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let all = statuses(&texts);
        assert_eq!(all.len(), 100);
        assert!(
            all.iter()
                .all(|status| Arc::ptr_eq(&status.own, &all[0].own))
        );
    }
}
