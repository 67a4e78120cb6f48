//! What cannot be sent because the operator has not granted its environment variable.

use super::Workspace;
use waypost_routing::codes;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Rejection;
use waypost_routing::resolve::{Request, plan};
use waypost_routing::routing_table::{RoutingTable, effective_provider};

impl Workspace {
    /// Logs each provider and agent whose key is in a variable that may not be sent to its origin.
    pub fn log_variables_not_allowed(&self) {
        for (what, rejection) in not_allowed(&self.routing_table()) {
            tracing::warn!(%what, reason = %rejection.message, "environment variable not allowed");
        }
    }
}

/// The providers, and the agents and subagents with their own primaries and fallbacks, that this stops.
fn not_allowed(table: &RoutingTable) -> Vec<(String, Rejection)> {
    let of_variable = |rejection: &Rejection| rejection.code == codes::ENV_NOT_ALLOWED;
    let providers = table.catalog().listed().filter_map(|entry| {
        let problem = effective_provider(table, &entry.name)?
            .endpoint
            .credential_problem?;
        of_variable(&problem).then(|| (format!("provider {}", entry.name), problem))
    });
    let members = table.agents().iter().flat_map(|agent| {
        // Only what an agent overrides can differ from its provider.
        let subagents = agent.subagents.keys().map(|alias| Some(alias.as_str()));
        let members = std::iter::once(None).chain(subagents);
        let members = members.filter(move |_| !agent.gateways.is_empty());
        members.flat_map(move |subagent| {
            let what = match subagent {
                None => format!("agent {}", agent.name),
                Some(alias) => format!("agent {} subagent {alias}", agent.name),
            };
            let request = Request::of_agent(agent, subagent, Operation::Chat);
            let primary = plan(table, &request);
            let fallback = primary.fallback().and_then(|plan| plan.rejection());
            let fallback = fallback.map(|rejection| (format!("{what}, its fallback"), rejection));
            let primary = primary.rejection().map(|rejection| (what, rejection));
            let both = [primary, fallback].into_iter().flatten();
            both.filter(|(_, rejection)| of_variable(rejection))
                .collect::<Vec<_>>()
        })
    });
    providers.chain(members).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::agent::read_agent;
    use waypost_routing::builtin_catalog::builtin;
    use waypost_routing::catalog::Layer;
    use waypost_routing::snapshot::Snapshot;

    #[test]
    fn providers_agents_and_subagents_are_named() {
        let mut snapshot = Snapshot {
            managed_gateway: "litellm".into(),
            providers: builtin(),
            ..Snapshot::default()
        };
        let mut own = snapshot.providers[0].clone();
        own.layer = Layer::Workspace;
        own.base_url = "https://elsewhere.example/v1".into();
        let name = own.name.clone();
        snapshot.providers.push(own);
        let agents = [
            "name: bot\nmodel: { primary: litellm/a }\ngateways: { litellm: { api_key_env: TEAM_KEY } }\nsubagents: { aide: { model: { primary: litellm/b } }, other: { model: { primary: groq/c } } }\n",
            "name: plain\nmodel: { primary: litellm/a }\n",
            "name: spare\nmodel: { primary: groq/c, fallback: litellm/a }\ngateways: { litellm: { api_key_env: TEAM_KEY } }\n",
        ];
        snapshot.agents = agents.map(|text| read_agent(text).agent.unwrap()).into();
        let found = not_allowed(&RoutingTable::new(snapshot));
        let names: Vec<&str> = found.iter().map(|(what, _)| what.as_str()).collect();
        assert_eq!(
            names,
            [
                format!("provider {name}").as_str(),
                "agent bot",
                "agent bot subagent aide",
                "agent spare, its fallback"
            ]
        );
    }
}
