//! Which agents the list shows. Pure: no state, no browser.

use crate::api::types::AgentView;
use crate::state::SharedTable;
use waypost_routing::agent::{Agent, AgentModel};
use waypost_routing::resolution::{Outcome, Resolution};

/// How many agents one page of the list holds.
pub(super) const PAGE: usize = 50;

/// What the list is filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// What is searched for.
    pub(super) query: String,
    /// Whether to show only unroutable ones.
    pub(super) only_broken: bool,
}

/// The indices of the agents that match the filter. `broken` says for each agent whether it has an
/// unroutable part.
pub(super) fn matching(agents: &[AgentView], broken: &[bool], filter: &Filter) -> Vec<usize> {
    let query = filter.query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    agents
        .iter()
        .enumerate()
        .filter(|(at, agent)| {
            let kept = !filter.only_broken || broken.get(*at).copied().unwrap_or_default();
            kept && (words.is_empty() || says_all(agent, &words))
        })
        .map(|(at, _)| at)
        .collect()
}

/// Whether each word occurs in the agent's name, its models, sources or aliases.
fn says_all(view: &AgentView, words: &[&str]) -> bool {
    let mut texts: Vec<&str> = vec![&view.name];
    if let Some(agent) = &view.agent {
        said_by(&agent.model, &mut texts);
        for (alias, subagent) in &agent.subagents {
            texts.push(alias);
            said_by(&subagent.model, &mut texts);
        }
    }
    let text = texts.join("\n").to_lowercase();
    words.iter().all(|word| text.contains(word))
}

fn said_by<'a>(model: &'a AgentModel, texts: &mut Vec<&'a str>) {
    let said = [
        &model.primary,
        &model.fallback,
        &model.source,
        &model.gateway,
    ];
    texts.extend(said.into_iter().flatten().map(String::as_str));
}

/// How many routes of an agent and its subagents are missing.
pub(super) fn unroutable(table: &SharedTable, agent: &Agent) -> usize {
    let aliases = agent.subagents.keys().map(|alias| Some(alias.as_str()));
    std::iter::once(None)
        .chain(aliases)
        .filter(|alias| fails(&table.resolve_untraced(agent, *alias)))
        .count()
}

/// Whether a primary or its fallback has no route.
pub(super) fn fails(resolution: &Resolution) -> bool {
    let rejected = |resolution: &Resolution| resolution.outcome == Outcome::Rejected;
    rejected(resolution) || resolution.fallback.as_deref().is_some_and(rejected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::agent::read_agent;

    fn view(yaml: &str) -> AgentView {
        let agent = read_agent(yaml).agent;
        AgentView {
            name: agent
                .as_ref()
                .map(|agent| agent.name.clone())
                .unwrap_or_default(),
            yaml: yaml.to_owned(),
            agent,
            problems: Vec::new(),
            version: 1,
            updated_at: 0,
            updated_by: None,
        }
    }

    #[test]
    fn every_word_must_stand_in_a_name_a_model_or_a_source() {
        let agents = [
            view("name: Support\nmodel: { primary: customer-alias, source: team }"),
            view("name: writer\nsubagents: { critic: { model: { primary: groq/llama } } }"),
        ];
        let found = |query: &str| {
            let filter = Filter {
                query: query.to_owned(),
                only_broken: false,
            };
            matching(&agents, &[false, true], &filter)
        };
        assert_eq!(found(""), [0, 1]);
        assert_eq!(found("support TEAM"), [0]);
        assert_eq!(found("critic"), [1]);
        assert_eq!(found("LLAMA"), [1]);
        assert!(found("support llama").is_empty());
        let broken = Filter {
            query: String::new(),
            only_broken: true,
        };
        assert_eq!(matching(&agents, &[false, true], &broken), [1]);
    }
}
