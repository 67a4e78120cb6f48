//! Which agents the list shows. Pure: no state, no browser.

use crate::api::types::AgentView;
use crate::dom::lower_case;
use crate::paths::{AgentsFilter, AgentsOnly};
use waypost_routing::agent::AgentModel;
use waypost_routing::agent_status::{AgentStatus, Destination};

/// How many agents one page of the list holds.
pub(super) const PAGE: usize = 50;

/// The status of an agent; `None` while there is none, as for a document that cannot be read.
pub(super) fn status_of<'a>(statuses: &'a [AgentStatus], name: &str) -> Option<&'a AgentStatus> {
    let at = statuses.binary_search_by(|status| status.name.as_str().cmp(name));
    at.ok().map(|at| &statuses[at])
}

/// The places of the agents that match the filter.
pub(super) fn matching(
    agents: &[AgentView],
    statuses: &[AgentStatus],
    filter: &AgentsFilter,
) -> Vec<usize> {
    let query = lower_case(&filter.query);
    let words: Vec<&str> = query.split_whitespace().collect();
    let fits = |agent: &AgentView| {
        let status = status_of(statuses, &agent.name);
        fits_state(agent, status, filter.only)
            && (filter.to.is_empty() || status.is_some_and(|status| goes_to(status, filter)))
            && (words.is_empty() || contains_all(agent, status, &words))
    };
    let places = agents.iter().enumerate();
    places
        .filter(|(_, agent)| fits(agent))
        .map(|(at, _)| at)
        .collect()
}

fn fits_state(agent: &AgentView, status: Option<&AgentStatus>, only: AgentsOnly) -> bool {
    let unreadable = agent.agent.is_none();
    match only {
        AgentsOnly::All => true,
        AgentsOnly::Unroutable => unreadable || status.is_some_and(AgentStatus::is_unroutable),
        AgentsOnly::Attention => unreadable || status.is_some_and(AgentStatus::needs_attention),
    }
}

/// Whether the agent's own primary goes to the provider, source or host, by the kind of route.
fn goes_to(status: &AgentStatus, filter: &AgentsFilter) -> bool {
    match &status.own.destination {
        Destination::Sent {
            provider,
            base_url,
            kind,
        } => {
            let host = crate::explain::host(base_url);
            provider.as_deref().unwrap_or(host) == filter.to
                && (filter.kind.is_empty() || filter.kind == *kind)
        }
        Destination::Rejected { .. } => false,
    }
}

/// Whether each word occurs in the agent's name, its models, sources, aliases or host.
fn contains_all(view: &AgentView, status: Option<&AgentStatus>, words: &[&str]) -> bool {
    let mut texts: Vec<&str> = vec![&view.name];
    if let Some(agent) = &view.agent {
        add_model(&agent.model, &mut texts);
        for (alias, subagent) in &agent.subagents {
            texts.push(alias);
            add_model(&subagent.model, &mut texts);
        }
    }
    if let Some(Destination::Sent { base_url, .. }) = status.map(|status| &status.own.destination) {
        texts.push(crate::explain::host(base_url));
    }
    let text = lower_case(&texts.join("\n"));
    words.iter().all(|word| text.contains(word))
}

fn add_model<'a>(model: &'a AgentModel, texts: &mut Vec<&'a str>) {
    let fields = [
        &model.primary,
        &model.fallback,
        &model.source,
        &model.gateway,
    ];
    texts.extend(fields.into_iter().flatten().map(String::as_str));
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::sync::Arc;
    use waypost_routing::agent::read_agent;
    use waypost_routing::agent_status::MemberStatus;

    pub(in super::super) fn view(yaml: &str) -> AgentView {
        let agent = read_agent(yaml).agent;
        AgentView {
            name: agent
                .as_ref()
                .map_or_else(|| "broken".to_owned(), |agent| agent.name.clone()),
            yaml: yaml.to_owned(),
            agent,
            problems: Vec::new(),
            version: 1,
            updated_at: 0,
            updated_by: None,
            allow_private: Vec::new(),
            keys: Vec::new(),
        }
    }

    pub(in super::super) fn sent(name: &str, provider: &str, warnings: usize) -> AgentStatus {
        AgentStatus {
            name: name.to_owned(),
            own: Arc::new(MemberStatus {
                destination: Destination::Sent {
                    kind: "gateway",
                    provider: Some(provider.to_owned()),
                    base_url: format!("https://{provider}.example/v1"),
                },
                lacks_route: false,
                warnings,
            }),
            subagents: 0,
            unroutable_subagents: 0,
            subagent_warnings: 0,
        }
    }

    pub(in super::super) fn rejected(name: &str, provider: &str) -> AgentStatus {
        AgentStatus {
            own: Arc::new(MemberStatus {
                destination: Destination::Rejected {
                    code: "missing_api_key".to_owned(),
                    provider: Some(provider.to_owned()),
                    message: format!("No key for {provider}."),
                },
                lacks_route: true,
                warnings: 0,
            }),
            ..sent(name, provider, 0)
        }
    }

    fn found(filter: &AgentsFilter) -> Vec<usize> {
        let agents = [
            view("name: Support\nmodel: { primary: customer-alias, source: team }"),
            view("name: broken: no"),
            view("name: writer\nsubagents: { critic: { model: { primary: groq/llama } } }"),
        ];
        let statuses = [sent("Support", "team", 1), rejected("writer", "groq")];
        matching(&agents, &statuses, filter)
    }

    fn query(query: &str) -> Vec<usize> {
        found(&AgentsFilter {
            query: query.to_owned(),
            ..AgentsFilter::default()
        })
    }

    #[test]
    fn every_word_must_occur_in_a_name_a_model_a_source_or_a_host() {
        assert_eq!(query(""), [0, 1, 2]);
        assert_eq!(query("support TEAM"), [0]);
        assert_eq!(query("team.example"), [0]);
        assert_eq!(query("critic"), [2]);
        assert_eq!(query("LLAMA"), [2]);
        assert!(query("support llama").is_empty());
    }

    #[test]
    fn states_and_destinations_narrow_the_list() {
        let only = |only| {
            found(&AgentsFilter {
                only,
                ..AgentsFilter::default()
            })
        };
        assert_eq!(only(AgentsOnly::Unroutable), [1, 2]);
        assert_eq!(only(AgentsOnly::Attention), [0, 1, 2]);
        let to = |to: &str| {
            found(&AgentsFilter {
                to: to.to_owned(),
                ..AgentsFilter::default()
            })
        };
        assert_eq!(to("team"), [0]);
        let by = |kind: &str| {
            found(&AgentsFilter {
                to: "team".to_owned(),
                kind: kind.to_owned(),
                ..AgentsFilter::default()
            })
        };
        assert_eq!(by("gateway"), [0]);
        assert!(by("managed").is_empty());
        // It names groq and goes nowhere.
        assert!(to("groq").is_empty());
    }
}
