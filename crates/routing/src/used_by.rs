//! Which agents use a provider, a source or a model.
//!
//! An agent uses what the primary or fallback of the agent or of one of its subagents names, and
//! what its requests go to. So a ref to a source without passthrough uses both the source and the
//! managed gateway.

use crate::agent::Agent;
use crate::operation::Operation;
use crate::resolve::{Plan, Request, plan, split_scope};
use crate::routing_table::{AgentSet, RoutingTable};
use std::collections::BTreeMap;

/// The agents of a routing table by what they use. Made once for a table: requests that resolve
/// alike are planned once, whatever the number of agents that send them.
#[derive(Clone, Debug)]
pub struct UsedBy {
    agents: AgentSet,
    /// Places in the index of the agents, by the name of a provider or the slug of a source.
    owners: BTreeMap<String, Vec<usize>>,
    /// The same by model ref.
    models: BTreeMap<String, Vec<usize>>,
}

/// An agent that uses something, and which of its members do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User<'a> {
    /// The agent's name.
    pub agent: &'a str,
    /// `None` for the agent itself, else the alias of a subagent.
    pub members: Vec<Option<&'a str>>,
}

impl UsedBy {
    /// Indexes the agents of a routing table.
    #[must_use]
    pub fn new(table: &RoutingTable) -> Self {
        let agents = table.agents().clone();
        let index = agents.index();
        let uses: Vec<Uses> = index
            .requests
            .iter()
            .map(|kind| {
                let (agent, subagent) = index.member(&index.members[kind.first]);
                let request = Request::of_agent(agent, subagent, Operation::Chat);
                Uses::of(&plan(table, &request))
            })
            .collect();
        let mut owners = BTreeMap::new();
        let mut models = BTreeMap::new();
        for (place, member) in index.members.iter().enumerate() {
            let Uses {
                owners: of_owners,
                models: of_models,
            } = &uses[member.kind];
            note(&mut owners, of_owners, place);
            note(&mut models, of_models, place);
        }
        Self {
            agents,
            owners,
            models,
        }
    }

    /// How many agents use a provider or source.
    #[must_use]
    pub fn count_of_owner(&self, name: &str) -> usize {
        self.count(self.owners.get(name))
    }

    /// The agents that use a provider or source, by name.
    #[must_use]
    pub fn users_of_owner(&self, name: &str) -> Vec<User<'_>> {
        self.users(self.owners.get(name))
    }

    /// How many agents use a model, by its ref.
    #[must_use]
    pub fn count_of_model(&self, model_ref: &str) -> usize {
        self.count(self.models.get(model_ref))
    }

    /// The agents that use a model, by name.
    #[must_use]
    pub fn users_of_model(&self, model_ref: &str) -> Vec<User<'_>> {
        self.users(self.models.get(model_ref))
    }

    /// The refs of every model that an agent uses, in order.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.models.keys().map(String::as_str)
    }

    fn count(&self, places: Option<&Vec<usize>>) -> usize {
        let mut last = None::<*const Agent>;
        let mut count = 0;
        for (agent, _) in self.members(places) {
            let this = std::ptr::from_ref(agent);
            // The members of an agent follow each other.
            if last != Some(this) {
                count += 1;
                last = Some(this);
            }
        }
        count
    }

    fn users<'a>(&'a self, places: Option<&'a Vec<usize>>) -> Vec<User<'a>> {
        let mut users: Vec<User<'a>> = Vec::new();
        for (agent, subagent) in self.members(places) {
            match users.last_mut() {
                Some(user) if user.agent == agent.name => user.members.push(subagent),
                _ => users.push(User {
                    agent: &agent.name,
                    members: vec![subagent],
                }),
            }
        }
        users
    }

    fn members<'a>(
        &'a self,
        places: Option<&'a Vec<usize>>,
    ) -> impl Iterator<Item = (&'a Agent, Option<&'a str>)> {
        let index = self.agents.index();
        let places = places.map(Vec::as_slice).unwrap_or_default();
        places
            .iter()
            .map(|place| index.member(&index.members[*place]))
    }
}

fn note(all: &mut BTreeMap<String, Vec<usize>>, names: &[String], place: usize) {
    for name in names {
        match all.get_mut(name) {
            Some(places) => places.push(place),
            None => drop(all.insert(name.clone(), vec![place])),
        }
    }
}

/// What a request and its fallback use.
#[derive(Default)]
struct Uses {
    owners: Vec<String>,
    models: Vec<String>,
}

impl Uses {
    fn of(plan: &Plan<'_>) -> Self {
        let mut uses = Self::default();
        uses.add(plan);
        if let Some(fallback) = plan.fallback() {
            uses.add(&fallback);
        }
        for names in [&mut uses.owners, &mut uses.models] {
            names.sort();
            names.dedup();
        }
        uses
    }

    fn add(&mut self, plan: &Plan<'_>) {
        if let Some(text) = plan.text() {
            let text = split_scope(text).map_or(text, |(model, _)| model);
            if let Some((name, _)) = text.split_once('/') {
                self.owners.push(name.to_owned());
                self.models.push(text.to_owned());
            }
        }
        if let Some(provider) = plan.provider() {
            self.owners.push(provider.to_owned());
            if let Some(model) = plan.wire_model() {
                self.models.push(format!("{provider}/{model}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::read_agent;
    use crate::builtin_catalog::builtin;
    use crate::snapshot::Snapshot;
    use crate::source::SourceEntry;

    fn source(slug: &str, passthrough: bool) -> SourceEntry {
        SourceEntry {
            slug: slug.into(),
            name: slug.into(),
            base_url: format!("https://{slug}.example/v1"),
            auth_header: None,
            headers: Vec::new(),
            passthrough,
        }
    }

    fn used_by() -> UsedBy {
        let snapshot = Snapshot {
            managed_gateway: "litellm".into(),
            default_model: Some("openrouter/x/y".into()),
            providers: builtin(),
            sources: vec![source("own", true), source("far", false)],
            ..Snapshot::default()
        };
        let agents = [
            "name: a\nmodel: { primary: openrouter/x/y, fallback: own/m }\n",
            "name: b\nmodel: { primary: alias }\nsubagents: { s: { model: { primary: own/m } }, t: { model: { primary: own/n } } }\n",
            "name: c\nmodel: { primary: far/m }\n",
            "name: d\n",
            "name: e\nmodel: { primary: openrouter/x/y, fallback: own/m }\n",
        ];
        let agents = agents
            .into_iter()
            .map(|text| read_agent(text).agent.unwrap())
            .collect();
        UsedBy::new(&RoutingTable::new(snapshot).with_agents(agents))
    }

    fn names(users: &[User<'_>]) -> Vec<String> {
        users.iter().map(|user| user.agent.to_owned()).collect()
    }

    #[test]
    fn primaries_fallbacks_subagents_and_the_default_model_count() {
        let used_by = used_by();
        let openrouter = used_by.users_of_owner("openrouter");
        assert_eq!(names(&openrouter), ["a", "d", "e"]);
        let own = used_by.users_of_owner("own");
        assert_eq!(names(&own), ["a", "b", "e"]);
        assert_eq!(own[1].members, [Some("s"), Some("t")]);
        assert_eq!(own[0].members, [None]);
        assert_eq!(used_by.count_of_owner("own"), 3);
        assert_eq!(used_by.count_of_owner("groq"), 0);
    }

    #[test]
    fn a_source_behind_the_managed_gateway_uses_both() {
        let used_by = used_by();
        assert_eq!(names(&used_by.users_of_owner("far")), ["c"]);
        assert_eq!(names(&used_by.users_of_owner("litellm")), ["b", "c"]);
    }

    #[test]
    fn models_are_found_by_their_ref() {
        let used_by = used_by();
        assert_eq!(
            names(&used_by.users_of_model("openrouter/x/y")),
            ["a", "d", "e"]
        );
        assert_eq!(used_by.count_of_model("own/m"), 3);
        assert_eq!(used_by.count_of_model("litellm/alias"), 1);
        assert_eq!(used_by.count_of_model("own/none"), 0);
    }
}
