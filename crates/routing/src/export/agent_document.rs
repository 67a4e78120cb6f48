//! A route as an agent's document: the smallest one whose primary goes the same way.

use super::yaml_text::yaml_text;
use crate::agent::{Agent, AgentModel, GatewayOverride};
use crate::codes;
use crate::resolution::{Resolution, Route, RouteKind, TraceEntry};
use crate::resolve::split_scope;
use std::collections::BTreeMap;

/// The name of a new agent.
const NAME: &str = "my-agent";

/// Writes the document for a resolution; `None` if no document is equivalent, as for a blank ref.
/// `agent` sends the request.
#[must_use]
pub fn agent_document(resolution: &Resolution, agent: Option<&Agent>) -> Option<String> {
    let route = resolution.route.as_ref()?;
    let sent = &resolution.model_ref;
    let (primary, alias) = match split_scope(sent) {
        Some((model, alias)) => (model, Some(alias)),
        None => (sent.as_str(), None),
    };
    let held = resolution.trace.iter().find(|entry| entry.held)?;
    let model = agent.and_then(|agent| passed(agent, held, alias));
    // The root's own string may look like a scoped one, so the whole string is compared.
    let primary = match held.reason == codes::PASSTHROUGH_AGENT {
        true => sent.as_str(),
        false => primary,
    };
    if primary.trim().is_empty() {
        return None;
    }

    let mut lines = Lines::default();
    lines.pair(0, "name", &name(agent, alias));
    lines.key(0, "model");
    lines.pair(1, "primary", primary);
    if let Some(model) = model {
        lines.raw(1, "passthrough: true");
        lines.pair_of(1, "source", model.source.as_deref());
        lines.pair_of(1, "base_url", model.base_url.as_deref());
    }
    if let Some((name, block)) = agent.and_then(|agent| overridden(&agent.gateways, route)) {
        lines.key(0, "gateways");
        lines.key(1, &yaml_text(name));
        lines.pair_of(2, "url", block.url.as_deref());
        lines.pair_of(2, "api_key_env", block.api_key_env.as_deref());
        if !block.default_headers.is_empty() {
            lines.key(2, "default_headers");
            for (name, value) in &block.default_headers {
                lines.pair(3, &yaml_text(name), value);
            }
        }
        lines.pair_of(
            2,
            "fallback_policy",
            block.fallback_policy.map(|policy| policy.name()),
        );
    }
    Some(lines.0)
}

/// The passthrough model that the first rule found.
fn passed<'a>(agent: &'a Agent, held: &TraceEntry, alias: Option<&str>) -> Option<&'a AgentModel> {
    match held.reason.as_str() {
        codes::PASSTHROUGH_AGENT => Some(&agent.model),
        codes::PASSTHROUGH_SUBAGENT => Some(&agent.subagents.get(alias?)?.model),
        _ => None,
    }
}

/// What the agent overrides of the gateway that the request goes to.
fn overridden<'a>(
    gateways: &'a BTreeMap<String, GatewayOverride>,
    route: &Route,
) -> Option<(&'a String, &'a GatewayOverride)> {
    let to_gateway = matches!(
        route.kind,
        RouteKind::Gateway | RouteKind::GatewayLegacy | RouteKind::Managed
    );
    let (name, block) = gateways.get_key_value(route.provider.as_deref()?)?;
    (to_gateway && *block != GatewayOverride::default()).then_some((name, block))
}

fn name(agent: Option<&Agent>, alias: Option<&str>) -> String {
    match (agent, alias) {
        (None, _) => NAME.to_owned(),
        (Some(agent), Some(alias)) if agent.name.chars().count() < 100 => {
            format!("{}-{}", agent.name, alias.replace('/', "-"))
        }
        (Some(agent), _) => agent.name.clone(),
    }
}

/// The lines of a document, each at its depth.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn raw(&mut self, depth: usize, line: &str) {
        for _ in 0..depth {
            self.0.push_str("  ");
        }
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn key(&mut self, depth: usize, key: &str) {
        self.raw(depth, &[key, ":"].concat());
    }

    fn pair(&mut self, depth: usize, key: &str, value: &str) {
        self.raw(depth, &[key, ": ", &yaml_text(value)].concat());
    }

    fn pair_of(&mut self, depth: usize, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.pair(depth, key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::read_agent;
    use crate::export::sample::{self, AGENT};
    use crate::operation::Operation;
    use crate::resolve::{Request, resolve};

    /// The document that is written for a request, which is read without an error and whose primary
    /// goes the same way.
    fn round_trip(request: &Request<'_>, agent: Option<&Agent>) -> String {
        let table = sample::table();
        let resolution = resolve(&table, request);
        let text = agent_document(&resolution, agent).expect("there is a route");
        let reading = read_agent(&text);
        let copy = reading
            .agent
            .unwrap_or_else(|| panic!("{:?}", reading.problems));
        let again = resolve(&table, &Request::of_agent(&copy, None, Operation::Chat));
        assert_eq!(again.route, resolution.route, "{text}");
        assert_eq!(
            again.error.map(|e| e.code),
            resolution.error.map(|e| e.code),
            "{text}"
        );
        text
    }

    #[test]
    fn a_ref_becomes_the_primary_of_a_new_agent() {
        let of = |model_ref| round_trip(&Request::new(model_ref, Operation::Chat), None);
        assert_eq!(
            of("openrouter/moonshotai/kimi-k2"),
            "name: my-agent\nmodel:\n  primary: openrouter/moonshotai/kimi-k2\n"
        );
        for model_ref in [
            "litellm/gpt-4o",
            "groq/llama",
            "customer/gpt",
            "4711",
            "a \"b\"",
            "on",
        ] {
            of(model_ref);
        }
    }

    #[test]
    fn every_member_of_an_agent_becomes_an_agent_that_goes_the_same_way() {
        let agent = read_agent(AGENT).agent.expect("a valid document");
        let of = |alias| {
            let request = Request::of_agent(&agent, alias, Operation::Chat);
            round_trip(&request, Some(&agent))
        };
        assert_eq!(
            of(None),
            "name: support-bot\nmodel:\n  primary: customer-alias\n  passthrough: true\n  \
             source: customer\n"
        );
        assert_eq!(
            of(Some("writer")),
            "name: support-bot-writer\nmodel:\n  primary: openrouter/moonshotai/kimi-k2\n\
             gateways:\n  openrouter:\n    url: https://eu.example/v1\n    \
             api_key_env: EU_KEY\n    default_headers:\n      X-Team: \"a: b\"\n    \
             fallback_policy: fastest\n"
        );
        of(Some("analyst"));
        of(Some("loner"));
    }

    #[test]
    fn what_no_document_can_say_is_not_written() {
        let blank = resolve(&sample::table(), &Request::new(" ", Operation::Chat));
        assert_eq!(agent_document(&blank, None), None);
    }
}
