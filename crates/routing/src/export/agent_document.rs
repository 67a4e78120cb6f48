//! A route as an agent's document whose primary goes the same way.

use super::yaml_text::yaml_text;
use crate::agent::{Agent, AgentModel, Expectation, GatewayOverride, Subagent};
use crate::codes;
use crate::resolution::{Resolution, Route, RouteKind, TraceEntry};
use crate::resolve::split_scope;
use std::collections::BTreeMap;

/// The name of a new agent.
const NAME: &str = "my-agent";

/// Writes the document for a resolution; `None` if no document is equivalent, as for a blank ref.
///
/// `agent` sends the request. Its own document keeps everything that routing reads: the fallback,
/// the subagents, `gateways`, `allow` and `expect`. A subagent becomes an agent.
#[must_use]
pub fn agent_document(resolution: &Resolution, agent: Option<&Agent>) -> Option<String> {
    let route = resolution.route.as_ref()?;
    let sent = &resolution.model_ref;
    let (primary, alias) = match split_scope(sent) {
        Some((model, alias)) => (model, Some(alias)),
        None => (sent.as_str(), None),
    };
    let held = resolution.trace.iter().find(|entry| entry.held)?;
    // The root's own string may look like a scoped one, so the whole string is compared.
    let is_root_string = held.reason == codes::PASSTHROUGH_AGENT;
    let primary = if is_root_string { sent } else { primary };
    if primary.trim().is_empty() {
        return None;
    }
    let alias = alias.filter(|_| !is_root_string);

    let mut lines = Lines::default();
    lines.pair(0, "name", &name(agent, alias));
    let member = agent.and_then(|agent| Member::of(agent, alias));
    let own_primary =
        member.filter(|member| member.model.primary_ref().as_deref() == Some(primary));
    match own_primary {
        Some(member) => lines.model(0, member.model),
        None => {
            lines.key(0, "model");
            lines.pair(1, "primary", primary);
            let fallback = member.and_then(|member| member.model.fallback_ref());
            lines.pair_of(1, "fallback", fallback.as_deref());
            if let Some(model) = agent.and_then(|agent| passed(agent, held, alias)) {
                lines.raw(1, "passthrough: true");
                lines.pair_of(1, "source", model.source.as_deref());
                lines.pair_of(1, "base_url", model.base_url.as_deref());
            }
        }
    }
    let Some(agent) = agent else {
        return Some(lines.0);
    };
    let own = alias.is_none();
    let gateways = agent.gateways.iter();
    let gateways: Vec<_> = gateways
        .filter(|(name, block)| own || is_used(name, block, route))
        .collect();
    lines.gateways(&gateways);
    if own {
        lines.subagents(&agent.subagents);
        lines.allow(agent.allow.entries());
    }
    // Another model string is not what the expectation is about.
    if let Some(member) = own_primary {
        lines.expect(0, member.expect);
    }
    Some(lines.0)
}

/// The agent itself, or one of its subagents.
#[derive(Clone, Copy)]
struct Member<'a> {
    model: &'a AgentModel,
    expect: Option<&'a Expectation>,
}

impl<'a> Member<'a> {
    fn of(agent: &'a Agent, alias: Option<&str>) -> Option<Self> {
        Some(match alias {
            None => Self {
                model: &agent.model,
                expect: agent.expect.as_ref(),
            },
            Some(alias) => {
                let subagent = agent.subagents.get(alias)?;
                Self {
                    model: &subagent.model,
                    expect: subagent.expect.as_ref(),
                }
            }
        })
    }
}

/// The passthrough model that the first rule found.
fn passed<'a>(agent: &'a Agent, held: &TraceEntry, alias: Option<&str>) -> Option<&'a AgentModel> {
    match held.reason.as_str() {
        codes::PASSTHROUGH_AGENT => Some(&agent.model),
        codes::PASSTHROUGH_SUBAGENT => Some(&agent.subagents.get(alias?)?.model),
        _ => None,
    }
}

/// Whether an agent's block overrides the gateway that the request goes to.
fn is_used(name: &str, block: &GatewayOverride, route: &Route) -> bool {
    let to_gateway = matches!(
        route.kind,
        RouteKind::Gateway | RouteKind::GatewayLegacy | RouteKind::Managed
    );
    to_gateway && route.provider.as_deref() == Some(name) && *block != GatewayOverride::default()
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

    /// The model of an agent or subagent, field by field.
    fn model(&mut self, depth: usize, model: &AgentModel) {
        if *model == AgentModel::default() {
            return;
        }
        self.key(depth, "model");
        let depth = depth + 1;
        self.pair_of(depth, "primary", model.primary.as_deref());
        self.pair_of(depth, "fallback", model.fallback.as_deref());
        self.pair_of(depth, "gateway", model.gateway.as_deref());
        if let Some(passthrough) = model.passthrough {
            self.raw(depth, &format!("passthrough: {passthrough}"));
        }
        self.pair_of(depth, "source", model.source.as_deref());
        self.pair_of(depth, "base_url", model.base_url.as_deref());
    }

    fn gateways(&mut self, gateways: &[(&String, &GatewayOverride)]) {
        if gateways.is_empty() {
            return;
        }
        self.key(0, "gateways");
        for (name, block) in gateways {
            if **block == GatewayOverride::default() {
                self.raw(1, &[&yaml_text(name), ": {}"].concat());
                continue;
            }
            self.key(1, &yaml_text(name));
            self.pair_of(2, "url", block.url.as_deref());
            self.pair_of(2, "api_key_env", block.api_key_env.as_deref());
            if !block.default_headers.is_empty() {
                self.key(2, "default_headers");
                for (name, value) in &block.default_headers {
                    self.pair(3, &yaml_text(name), value);
                }
            }
            let policy = block.fallback_policy.map(|policy| policy.name());
            self.pair_of(2, "fallback_policy", policy);
        }
    }

    fn subagents(&mut self, subagents: &BTreeMap<String, Subagent>) {
        if subagents.is_empty() {
            return;
        }
        self.key(0, "subagents");
        for (alias, subagent) in subagents {
            if *subagent == Subagent::default() {
                self.raw(1, &[&yaml_text(alias), ": {}"].concat());
                continue;
            }
            self.key(1, &yaml_text(alias));
            self.model(2, &subagent.model);
            self.expect(2, subagent.expect.as_ref());
        }
    }

    fn allow(&mut self, entries: &[String]) {
        if !entries.is_empty() {
            self.key(0, "allow");
        }
        for entry in entries {
            self.raw(1, &["- ", &yaml_text(entry)].concat());
        }
    }

    fn expect(&mut self, depth: usize, expect: Option<&Expectation>) {
        let Some(expect) = expect else { return };
        if *expect == Expectation::default() {
            return;
        }
        self.key(depth, "expect");
        self.pair_of(depth + 1, "host", expect.host.as_deref());
        self.pair_of(depth + 1, "wire_model", expect.wire_model.as_deref());
        self.pair_of(depth + 1, "credential", expect.credential.as_deref());
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
        let whole = of(None);
        assert!(
            whole.starts_with(
                "name: support-bot\nmodel:\n  primary: customer-alias\n  \
                 fallback: litellm/openai/gpt-4o\n  passthrough: true\n  source: customer\n"
            ),
            "{whole}"
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
    fn the_document_of_an_agent_loses_nothing_that_routing_reads() {
        let more =
            "allow: [ customer-alias, 'openrouter/*' ]\nexpect: { host: customer.example }\n";
        let agent = read_agent(&[AGENT, more].concat()).agent;
        let agent = agent.expect("a valid document");
        let text = round_trip(
            &Request::of_agent(&agent, None, Operation::Chat),
            Some(&agent),
        );
        assert_eq!(read_agent(&text).agent.as_ref(), Some(&agent), "{text}");
        // With another model string the rest stays, but for what is expected of the primary.
        let asked = Request::new("groq/llama", Operation::Chat).sent_by(&agent, None);
        let text = round_trip(&asked, Some(&agent));
        let other = read_agent(&text).agent.expect("a valid document");
        assert_eq!(other.model.primary.as_deref(), Some("groq/llama"));
        assert_eq!(other.model.fallback, agent.model.fallback);
        assert_eq!(other.subagents, agent.subagents);
        assert_eq!(other.expect, None);
    }

    #[test]
    fn what_no_document_can_say_is_not_written() {
        let blank = resolve(&sample::table(), &Request::new(" ", Operation::Chat));
        assert_eq!(agent_document(&blank, None), None);
    }
}
