//! The trace in words: what each rule says about a request.

use super::plan::Plan;
use super::reason::Reason;
use crate::display_text::display_text;
use crate::resolution::{Rule, TraceEntry};

/// What one rule says about the request of a plan.
pub(super) fn entry(plan: &Plan<'_>, rule: Rule, reason: Reason<'_>) -> TraceEntry {
    TraceEntry {
        rule,
        held: plan.rule() == Some(rule),
        reason: reason.code().to_owned(),
        message: message(plan, rule, reason),
    }
}

/// The reason in one sentence, as the rule says it.
fn message(plan: &Plan<'_>, rule: Rule, reason: Reason<'_>) -> String {
    let agent = || shown(plan.request.agent().map_or("", |agent| &agent.name));
    let name = || shown(name_of(plan.unscoped()));
    match reason {
        Reason::NoAgent => "No agent is involved, so there is no passthrough model.".into(),
        Reason::NoPassthroughModel => {
            format!("The agent {} has no passthrough model.", agent())
        }
        Reason::NotAPassthroughModel => format!(
            "{} is not exactly the string of a passthrough model of the agent {}.",
            shown(&plan.text),
            agent()
        ),
        Reason::PassthroughAgent => format!(
            "{} is the passthrough model of the agent {}.",
            shown(plan.passthrough_model(None)),
            agent()
        ),
        Reason::PassthroughSubagent { alias } => format!(
            "{} is the passthrough model of the subagent {}.",
            shown(plan.passthrough_model(Some(alias))),
            shown(alias)
        ),
        Reason::MalformedRef => "The ref is malformed.".into(),
        Reason::SingleSegment => format!("The ref has no `/`, so it names no {}.", what(rule)),
        Reason::NameBlocked => format!(
            "{} is blocked: its entry in the providers file has an error.",
            name()
        ),
        Reason::UnknownName => {
            format!("No {} is called {}.", what(rule), name())
        }
        Reason::NamesGateway => format!("{} is a gateway.", name()),
        Reason::NamesGatewayLegacy => format!(
            "{} is a gateway. No upstream is named, so what follows is sent as it is.",
            name()
        ),
        Reason::NamesDirectProvider if rule == Rule::Gateway => {
            format!("{} is a direct provider, not a gateway.", name())
        }
        Reason::NamesDirectProvider => format!("{} is a direct provider.", name()),
        Reason::NamesPassthroughSource => {
            format!("{} is a custom source with passthrough on.", name())
        }
        Reason::NamesManagedSource => format!(
            "{} is a custom source with passthrough off, so the managed gateway takes the \
             request.",
            name()
        ),
        Reason::NothingElseHeld { gateway } => format!(
            "No other rule matched, so it goes to the managed gateway {}.",
            shown(gateway)
        ),
        Reason::NoManagedGateway => {
            "No other rule matched, and the managed gateway cannot take it.".into()
        }
        Reason::NoModelGiven => "No model is given.".into(),
        Reason::NotReached => "Not reached.".into(),
    }
}

/// What a rule looks for under a name.
fn what(rule: Rule) -> &'static str {
    match rule {
        Rule::Passthrough => "passthrough model",
        Rule::Gateway => "gateway",
        Rule::Direct => "direct provider",
        Rule::Source => "custom source",
        Rule::Managed => "managed gateway",
    }
}

/// A name from a ref or a document, as a sentence shows it.
pub(super) fn shown(name: &str) -> String {
    format!("`{}`", display_text(name, 80))
}

/// What stands before the first slash of a ref.
pub(super) fn name_of(unscoped: &str) -> &str {
    unscoped.split_once('/').map_or(unscoped, |(name, _)| name)
}
