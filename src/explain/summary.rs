//! The outcome of a resolution in one sentence.

use super::host;
use waypost_routing::codes;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::{Outcome, Resolution, Route, RouteKind, Rule};
use waypost_routing::resolve::split_scope;

/// A part of a sentence, so that names can be set apart without markup in text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Running text.
    Text(String),
    /// The name that the sentence is about.
    Name(String),
    /// A ref or a model, in the monospaced face.
    Code(String),
}

/// The word for a kind of route, shown beside the line's colour.
#[must_use]
pub fn kind_word(kind: RouteKind) -> &'static str {
    match kind {
        RouteKind::Gateway => "gateway",
        RouteKind::GatewayLegacy => "gateway, short form",
        RouteKind::Direct => "direct",
        RouteKind::Passthrough => "passthrough",
        RouteKind::Managed => "managed",
    }
}

/// What a rule looks at, in words that no kind of route is called by: the rule for custom sources
/// leads to a passthrough route or to a managed one.
#[must_use]
pub fn rule_word(rule: Rule) -> &'static str {
    match rule {
        Rule::Passthrough => "agent's passthrough model",
        Rule::Gateway => "gateway name",
        Rule::Direct => "direct provider name",
        Rule::Source => "custom source name",
        Rule::Managed => "everything else",
    }
}

/// Where a request goes and why, or why it is not sent.
#[must_use]
pub fn summary(resolution: &Resolution) -> Vec<Part> {
    match (&resolution.route, &resolution.error) {
        (_, Some(refusal)) if resolution.outcome == Outcome::Rejected => {
            vec![text("Not sent. "), text(&refusal.message)]
        }
        (Some(route), _) => routed(resolution, route),
        (None, _) => vec![text("No route.")],
    }
}

/// The sentence without its markup, for an announcement.
#[must_use]
pub fn plain(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) | Part::Name(text) | Part::Code(text) => text.as_str(),
        })
        .collect::<String>()
        // Marks code for the eye; spoken it is noise.
        .replace('`', "")
}

fn routed(resolution: &Resolution, route: &Route) -> Vec<Part> {
    let name = route
        .provider
        .clone()
        .unwrap_or_else(|| "its own base URL".into());
    let mut parts = match route.kind {
        RouteKind::Gateway | RouteKind::GatewayLegacy => vec![text("Through the gateway ")],
        RouteKind::Direct | RouteKind::Passthrough => vec![text("Straight to ")],
        RouteKind::Managed => vec![text("To the managed gateway ")],
    };
    parts.push(Part::Name(name));
    parts.extend(own_address(route));
    match route.kind {
        RouteKind::Gateway => parts.extend([
            text(" to "),
            Part::Name(upstream(&route.wire_model).into()),
            text(", because the ref names both."),
        ]),
        RouteKind::GatewayLegacy => parts.extend([
            text(", which finds the upstream for "),
            Part::Code(route.wire_model.clone()),
            text(" itself, because the ref names no upstream."),
        ]),
        RouteKind::Direct => parts.push(text(", because the ref names this direct provider.")),
        RouteKind::Passthrough => parts.extend(passed_through(resolution)),
        RouteKind::Managed if held_by(resolution, Rule::Source) => {
            parts.push(text(
                ", because the ref names a custom source whose passthrough is off.",
            ));
        }
        RouteKind::Managed => {
            parts.push(text(
                ", because no gateway, provider or custom source matches it.",
            ));
        }
    }
    parts
}

/// Where the agent sends what it overrides the base URL of.
fn own_address(route: &Route) -> Vec<Part> {
    match &route.base_url {
        Some(base) if base.from == Provenance::AgentYaml && route.provider.is_some() => vec![
            text(" at the agent's own address "),
            Part::Code(host(&base.value).to_owned()),
        ],
        Some(base) if base.from == Provenance::AgentYaml => {
            vec![text(", "), Part::Code(host(&base.value).to_owned())]
        }
        _ => Vec::new(),
    }
}

/// Who sends the string that passes through, or that the ref names a source which does.
fn passed_through(resolution: &Resolution) -> Vec<Part> {
    if !held_by(resolution, Rule::Passthrough) {
        return vec![text(
            ", because the ref names this custom source and its passthrough is on.",
        )];
    }
    let subagent = resolution
        .trace
        .iter()
        .any(|entry| entry.held && entry.reason == codes::PASSTHROUGH_SUBAGENT);
    match split_scope(&resolution.model_ref).filter(|_| subagent) {
        Some((model, alias)) => vec![
            text(", because the subagent "),
            Part::Name(alias.to_owned()),
            text(" sends exactly "),
            Part::Code(model.to_owned()),
            text("."),
        ],
        None => vec![
            text(", because the main agent sends exactly "),
            Part::Code(resolution.model_ref.clone()),
            text("."),
        ],
    }
}

fn held_by(resolution: &Resolution, rule: Rule) -> bool {
    resolution
        .trace
        .iter()
        .any(|entry| entry.rule == rule && entry.held)
}

/// The first segment of a wire model of two or more.
pub(super) fn upstream(wire_model: &str) -> &str {
    wire_model.split('/').next().unwrap_or(wire_model)
}

fn text(text: &str) -> Part {
    Part::Text(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::sample::{self, AGENT};
    use waypost_routing::agent::read_agent;
    use waypost_routing::operation::Operation;
    use waypost_routing::resolve::{Request, resolve};

    fn summary_for(subagent: Option<&str>) -> String {
        let agent = read_agent(AGENT).agent.expect("a valid document");
        let table = sample::table();
        let mut resolution = resolve(
            &table,
            &Request::of_agent(&agent, subagent, Operation::Chat),
        );
        // Only the route matters here, whatever keys are set.
        resolution.outcome = Outcome::Routed;
        plain(&summary(&resolution))
    }

    #[test]
    fn no_rule_is_called_as_a_kind_of_route() {
        use waypost_routing::resolution::RouteKind::{
            Direct, Gateway, GatewayLegacy, Managed, Passthrough,
        };
        let kinds = [Direct, Gateway, GatewayLegacy, Managed, Passthrough].map(kind_word);
        for rule in Rule::ALL {
            assert!(!kinds.contains(&rule_word(rule)), "{rule:?}");
        }
    }

    #[test]
    fn the_way_of_an_agents_request_is_shown_by_its_sender() {
        assert_eq!(
            summary_for(None),
            "Straight to customer, because the main agent sends exactly customer-alias."
        );
        assert_eq!(
            summary_for(Some("analyst")),
            "Straight to customer, because the subagent analyst sends exactly customer/child."
        );
        assert_eq!(
            summary_for(Some("writer")),
            "Through the gateway openrouter at the agent's own address eu.example to moonshotai, \
             because the ref names both."
        );
        assert_eq!(
            summary_for(Some("loner")),
            "Straight to its own base URL, own.example, because the subagent loner sends exactly \
             alone."
        );
    }
}
