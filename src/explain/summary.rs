//! The outcome of a resolution in one sentence.

use waypost_routing::resolution::{Outcome, Resolution, Route, RouteKind, Rule};

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

/// The word for a kind of route, as it stands beside the line's colour.
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

/// Says where a request goes and why, or why it goes nowhere.
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
    let name = Part::Name(name);
    match route.kind {
        RouteKind::Gateway => vec![
            text("Through the gateway "),
            name,
            text(" to "),
            Part::Name(upstream(&route.wire_model).into()),
            text(", because the ref names both."),
        ],
        RouteKind::GatewayLegacy => vec![
            text("Through the gateway "),
            name,
            text(", which finds the upstream for "),
            Part::Code(route.wire_model.clone()),
            text(" itself, because the ref names no upstream."),
        ],
        RouteKind::Direct => vec![
            text("Straight to "),
            name,
            text(", because the ref names this direct provider."),
        ],
        RouteKind::Passthrough => vec![
            text("Straight to "),
            name,
            text(", because the ref names this custom source and its passthrough is on."),
        ],
        RouteKind::Managed => {
            let because = if held_by(resolution, Rule::Source) {
                ", because the ref names a custom source whose passthrough is off."
            } else {
                ", because no gateway, provider or custom source takes it."
            };
            vec![text("To the managed gateway "), name, text(because)]
        }
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
