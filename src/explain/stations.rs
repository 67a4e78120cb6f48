//! A route as a line with stations, from the ref to the wire model.

use super::host;
use super::summary::upstream;
use crate::format::origin_word;
use waypost_routing::resolution::{Outcome, Resolution, Route, RouteKind, Rule, TraceEntry};

/// A stop on the way of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// What kind of stop it is: `ref`, `rule`, `gateway`, ….
    pub what: &'static str,
    /// Its value.
    pub value: String,
    /// Where the value comes from, or what is remarkable about it.
    pub note: String,
    /// How it is drawn.
    pub shape: StationShape,
}

/// How a station is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StationShape {
    /// A ring: the request passes through.
    Passed,
    /// A disc: the request arrives.
    Arrival,
    /// A square: the request stops here.
    Stop,
}

impl StationShape {
    /// The value of the `data-shape` attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Arrival => "arrival",
            Self::Stop => "stop",
        }
    }
}

/// Lays a resolution out as stations. A rejected one ends at a stop that names the error's code.
#[must_use]
pub fn stations(resolution: &Resolution) -> Vec<Station> {
    let mut line = vec![passed("ref", &resolution.model_ref, "as asked")];
    if let Some(station) = rule(&resolution.trace) {
        line.push(station);
    }
    if let Some(route) = &resolution.route {
        line.extend(owner(route));
        if route.kind == RouteKind::Gateway && route.wire_model.contains('/') {
            line.push(passed(
                "upstream",
                upstream(&route.wire_model),
                "named by the ref",
            ));
        }
        if !route.wire_model.is_empty() {
            let note = if route.wire_model == resolution.model_ref {
                "unchanged"
            } else {
                "the ref without its first part"
            };
            line.push(passed("wire model", &route.wire_model, note));
        }
    }
    let end = line.last_mut();
    match (&resolution.error, end) {
        (Some(refusal), _) if resolution.outcome == Outcome::Rejected => line.push(Station {
            what: "not sent",
            value: refusal.code.clone(),
            note: String::new(),
            shape: StationShape::Stop,
        }),
        (_, Some(end)) => end.shape = StationShape::Arrival,
        (_, None) => {}
    }
    line
}

fn rule(trace: &[TraceEntry]) -> Option<Station> {
    let held = trace.iter().position(|entry| entry.held)?;
    Some(passed(
        "rule",
        trace[held].rule.name(),
        &format!("{} of {}", held + 1, Rule::ALL.len()),
    ))
}

fn owner(route: &Route) -> Option<Station> {
    let what = match route.kind {
        RouteKind::Gateway | RouteKind::GatewayLegacy => "gateway",
        RouteKind::Direct => "provider",
        RouteKind::Passthrough => "source",
        RouteKind::Managed => "managed gateway",
    };
    let note = match &route.base_url {
        // A source's own base URL needs no second mention of the source.
        Some(base) if base.from.starts_with("source:") => host(&base.value).to_owned(),
        Some(base) => format!("{} · {}", host(&base.value), origin_word(&base.from)),
        None => "no base URL".into(),
    };
    let name = route
        .provider
        .as_deref()
        .or(route.base_url.as_ref().map(|base| host(&base.value)))?;
    Some(passed(what, name, &note))
}

fn passed(what: &'static str, value: &str, note: &str) -> Station {
    Station {
        what,
        value: value.to_owned(),
        note: note.to_owned(),
        shape: StationShape::Passed,
    }
}
