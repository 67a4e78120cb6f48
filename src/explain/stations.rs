//! A route as a line with stations, from the ref to the wire model.

use super::summary::{rule_word, upstream};
use super::{Sender, host};
use crate::format::{code_label, origin_word};
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::{
    Credential, CredentialState, Outcome, Resolution, Route, RouteKind, Rule, TraceEntry,
};
use waypost_routing::resolve::split_scope;

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

/// The stations of a resolution. A rejected one ends at a stop with the error's code.
#[must_use]
pub fn stations(resolution: &Resolution) -> Vec<Station> {
    let asked = passed("ref", &resolution.model_ref, "as requested");
    onward(vec![asked], resolution)
}

/// The stations of an agent's request, which start at the agent.
#[must_use]
pub fn stations_of(resolution: &Resolution, sender: &Sender) -> Vec<Station> {
    let mut line = vec![passed("agent", &sender.agent, sender.member())];
    if !resolution.model_ref.is_empty() {
        line.push(passed("sends", &resolution.model_ref, sender.from));
    }
    onward(line, resolution)
}

/// The stations after those of the sender.
fn onward(mut line: Vec<Station>, resolution: &Resolution) -> Vec<Station> {
    line.extend(rule(&resolution.trace));
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
            let note = wire_note(&resolution.model_ref, route);
            line.push(passed("wire model", &route.wire_model, note));
        }
    }
    let end = line.last_mut();
    match (&resolution.error, end) {
        (Some(refusal), _) if resolution.outcome == Outcome::Rejected => line.push(Station {
            what: "not sent",
            value: code_label(&refusal.code),
            note: String::new(),
            shape: StationShape::Stop,
        }),
        (_, Some(end)) => end.shape = StationShape::Arrival,
        (_, None) => {}
    }
    line
}

/// How the model string changes on its way to the upstream.
fn wire_note(sent: &str, route: &Route) -> &'static str {
    let (unscoped, scope) = match split_scope(sent) {
        Some((model, _)) => (model, true),
        None => (sent, false),
    };
    match (route.wire_model == unscoped, scope) {
        (true, false) => "unchanged",
        (true, true) => "without the scope",
        (false, false) => "the ref without its first part",
        (false, true) => "without its first part and the scope",
    }
}

fn rule(trace: &[TraceEntry]) -> Option<Station> {
    let held = trace.iter().position(|entry| entry.held)?;
    Some(passed(
        "rule",
        rule_word(trace[held].rule),
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
    let address = match &route.base_url {
        // What is built in, and a source's own base URL, need no second mention of whose they are.
        Some(base) if matches!(base.from, Provenance::Builtin | Provenance::Source(_)) => {
            host(&base.value).to_owned()
        }
        Some(base) => format!("{} · {}", host(&base.value), origin_word(&base.from)),
        None => "no base URL".into(),
    };
    let note = match route.base_url {
        Some(_) => format!("{address} · {}", key_word(route.credential.as_ref())),
        None => address,
    };
    let name = route
        .provider
        .as_deref()
        .or(route.base_url.as_ref().map(|base| host(&base.value)))?;
    Some(passed(what, name, &note))
}

/// The state of the key in two words; details are below the line.
fn key_word(credential: Option<&Credential>) -> &'static str {
    match credential.map(|credential| credential.state) {
        None => "no key needed",
        Some(CredentialState::Present) => "key configured",
        Some(CredentialState::Absent) => "no key",
        Some(CredentialState::Unknown) => "key unknown",
        Some(CredentialState::OtherOrigin) => "key not sent here",
    }
}

fn passed(what: &'static str, value: &str, note: &str) -> Station {
    Station {
        what,
        value: value.to_owned(),
        note: note.to_owned(),
        shape: StationShape::Passed,
    }
}
