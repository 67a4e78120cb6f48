//! Which agents use a provider, a source, a model or a stored secret.
//!
//! An agent uses what the primary or fallback of the agent or of one of its subagents names, and
//! what its requests go to. So a ref to a source without passthrough uses both the source and the
//! managed gateway.

use crate::agent::Agent;
use crate::credential::source_headers_secret;
use crate::operation::Operation;
use crate::provenance::Provenance;
use crate::resolve::{Plan, Request, plan, split_scope};
use crate::routing_table::{AgentSet, RoutingTable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The agents of a routing table by what they use. Made once for a table: requests that resolve
/// alike are planned once, whatever the number of agents that send them.
#[derive(Clone, Debug)]
pub struct UsedBy {
    agents: AgentSet,
    /// Uses by the name of a provider or the slug of a source, in the order of the agents.
    owners: Index,
    /// The same by model ref.
    models: Index,
    /// The same by the name of a stored secret.
    secrets: Index,
}

/// By what is used, the places of the users in the index of the agents.
type Index = BTreeMap<String, Vec<(usize, ModelRole)>>;

/// Something that agents can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used<'a> {
    /// A provider by its name, or a source by its slug.
    Owner(&'a str),
    /// A model, by its ref.
    Model(&'a str),
    /// A stored secret, by its name. Requests that go out with it use it.
    Secret(&'a str),
}

/// Which model of an agent or subagent uses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelRole {
    /// The model that is sent, or the organisation's default model in its place.
    Primary,
    /// The model that follows if the primary fails.
    Fallback,
}

/// A use by an agent or one of its subagents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelUse {
    /// The agent's name.
    pub agent: String,
    /// The subagent's alias; null for the agent itself.
    pub subagent: Option<String>,
    /// Which model.
    #[serde(rename = "as")]
    pub role: ModelRole,
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
        let uses: Vec<[Option<Uses>; 2]> = index
            .requests
            .iter()
            .map(|kind| {
                let (agent, subagent) = index.member(&index.members[kind.first]);
                let request = Request::of_agent(agent, subagent, Operation::Chat);
                uses_of(table, &request.without_own_keys())
            })
            .collect();
        let any_own_keys = table.own_keys().next().is_some();
        let (mut owners, mut models, mut secrets) = Default::default();
        for (place, member) in index.members.iter().enumerate() {
            let own = any_own_keys
                .then(|| index.member(member))
                .filter(|(agent, _)| table.has_own_keys(agent))
                .map(|(agent, subagent)| {
                    uses_of(table, &Request::of_agent(agent, subagent, Operation::Chat))
                });
            let uses = own.as_ref().unwrap_or(&uses[member.kind]);
            let roles = [ModelRole::Primary, ModelRole::Fallback];
            for (role, uses) in roles.into_iter().zip(uses) {
                let Some(uses) = uses else { continue };
                note(&mut owners, &uses.owners, (place, role));
                note(&mut models, &uses.models, (place, role));
                note(&mut secrets, &uses.secrets, (place, role));
            }
        }
        Self {
            agents,
            owners,
            models,
            secrets,
        }
    }

    /// Every use of something, by agent, then by subagent.
    pub fn uses<'a>(&'a self, used: Used<'_>) -> impl ExactSizeIterator<Item = ModelUse> + 'a {
        let places = match used {
            Used::Owner(name) => self.owners.get(name),
            Used::Model(model_ref) => self.models.get(model_ref),
            Used::Secret(name) => self.secrets.get(name),
        };
        let index = self.agents.index();
        let places = places.map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|(place, role)| {
            let (agent, subagent) = index.member(&index.members[*place]);
            ModelUse {
                agent: agent.name.clone(),
                subagent: subagent.map(str::to_owned),
                role: *role,
            }
        })
    }

    /// How many agents use something.
    #[must_use]
    pub fn count(&self, used: Used<'_>) -> usize {
        self.agents_at(match used {
            Used::Owner(name) => self.owners.get(name),
            Used::Model(model_ref) => self.models.get(model_ref),
            Used::Secret(name) => self.secrets.get(name),
        })
    }

    /// How many agents use a provider or source.
    #[must_use]
    pub fn count_of_owner(&self, name: &str) -> usize {
        self.agents_at(self.owners.get(name))
    }

    /// The agents that use a provider or source, by name.
    #[must_use]
    pub fn users_of_owner(&self, name: &str) -> Vec<User<'_>> {
        self.users(self.owners.get(name))
    }

    /// How many agents use a model, by its ref.
    #[must_use]
    pub fn count_of_model(&self, model_ref: &str) -> usize {
        self.agents_at(self.models.get(model_ref))
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

    fn agents_at(&self, places: Option<&Vec<(usize, ModelRole)>>) -> usize {
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

    fn users<'a>(&'a self, places: Option<&'a Vec<(usize, ModelRole)>>) -> Vec<User<'a>> {
        let mut users: Vec<User<'a>> = Vec::new();
        for (agent, subagent) in self.members(places) {
            match users.last_mut() {
                Some(user) if user.agent == agent.name => {
                    // A primary and a fallback of one member follow each other.
                    if user.members.last() != Some(&subagent) {
                        user.members.push(subagent);
                    }
                }
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
        places: Option<&'a Vec<(usize, ModelRole)>>,
    ) -> impl Iterator<Item = (&'a Agent, Option<&'a str>)> {
        let index = self.agents.index();
        let places = places.map(Vec::as_slice).unwrap_or_default();
        places
            .iter()
            .map(|(place, _)| index.member(&index.members[*place]))
    }
}

/// What a request uses by its primary and by its fallback.
fn uses_of(table: &RoutingTable, request: &Request<'_>) -> [Option<Uses>; 2] {
    let plan = plan(table, request);
    let fallback = plan.fallback().map(|fallback| Uses::of(&fallback));
    [Some(Uses::of(&plan)), fallback]
}

fn note(all: &mut Index, names: &[String], user: (usize, ModelRole)) {
    for name in names {
        match all.get_mut(name) {
            Some(users) => users.push(user),
            None => drop(all.insert(name.clone(), vec![user])),
        }
    }
}

/// What a request uses.
#[derive(Default)]
struct Uses {
    owners: Vec<String>,
    models: Vec<String>,
    secrets: Vec<String>,
}

impl Uses {
    fn of(plan: &Plan<'_>) -> Self {
        let mut uses = Self::default();
        if let Some(text) = plan.text() {
            let text = split_scope(text).map_or(text, |(model, _)| model);
            if let Some((name, _)) = text.split_once('/') {
                uses.owners.push(name.to_owned());
                uses.models.push(text.to_owned());
            }
        }
        if let Some(provider) = plan.provider() {
            uses.owners.push(provider.to_owned());
            if let Some(model) = plan.wire_model() {
                uses.models.push(format!("{provider}/{model}"));
            }
        }
        if let Some(endpoint) = plan.endpoint() {
            let key = endpoint.auth.as_ref().map(|auth| &auth.from);
            let key = key.and_then(|from| from.secret_name());
            uses.secrets.extend(key.map(str::to_owned));
            for header in &endpoint.headers {
                if let Provenance::Source(slug) = &header.from {
                    uses.secrets.push(source_headers_secret(slug));
                }
            }
        }
        for names in [&mut uses.owners, &mut uses.models, &mut uses.secrets] {
            names.sort();
            names.dedup();
        }
        uses
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
            limits: Default::default(),
            pass_headers: Vec::new(),
        }
    }

    fn used_by_snapshot() -> Snapshot {
        Snapshot {
            managed_gateway: "litellm".into(),
            default_model: Some("openrouter/x/y".into()),
            providers: builtin(),
            sources: vec![source("own", true), source("far", false)],
            ..Snapshot::default()
        }
    }

    fn used_by() -> UsedBy {
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
        UsedBy::new(&RoutingTable::new(used_by_snapshot()).with_agents(agents))
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

    #[test]
    fn uses_say_which_model_and_which_secret() {
        let mut snapshot = used_by_snapshot();
        let bound = "https://openrouter.ai".to_owned();
        let key = "openrouter/api-key".to_owned();
        snapshot.secrets.stored.insert(key, bound);
        let text = "name: a\nmodel: { primary: own/m, fallback: openrouter/x/y }\n";
        let agent = read_agent(text).agent.unwrap();
        let table = RoutingTable::new(snapshot).with_agents(vec![agent].into());
        let used_by = UsedBy::new(&table);
        let fallback = ModelUse {
            agent: "a".into(),
            subagent: None,
            role: ModelRole::Fallback,
        };
        for used in [
            Used::Owner("openrouter"),
            Used::Model("openrouter/x/y"),
            Used::Secret("openrouter/api-key"),
        ] {
            assert!(used_by.uses(used).eq([fallback.clone()]), "{used:?}");
            assert_eq!(used_by.count(used), 1);
        }
        assert_eq!(used_by.count(Used::Secret("groq/api-key")), 0);
    }
}
