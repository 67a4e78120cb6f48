//! Why a rule takes a request or not: a value, rendered as text only for the trace.

use super::Plan;
use crate::codes;
use crate::display_text::display_text;
use crate::resolution::{Rule, TraceEntry};

/// Why a rule takes a request or not. Names that are part of the model string are read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason<'t> {
    /// No agent sends the request, so that there is no passthrough model.
    NoAgent,
    NoPassthroughModel,
    NotAPassthroughModel,
    PassthroughAgent,
    PassthroughSubagent {
        alias: &'t str,
    },
    MalformedRef,
    SingleSegment,
    NameBlocked,
    UnknownName,
    NamesGateway,
    NamesGatewayLegacy,
    NamesDirectProvider,
    NamesPassthroughSource,
    NamesManagedSource,
    NothingElseHeld {
        gateway: &'t str,
    },
    NoManagedGateway,
    /// There is no model string that a rule could look at.
    NoModelGiven,
    NotReached,
}

impl Reason<'_> {
    /// The entry of the trace.
    pub(super) fn entry(self, rule: Rule, plan: &Plan<'_>) -> TraceEntry {
        TraceEntry {
            rule,
            held: plan.rule() == Some(rule),
            reason: self.code().to_owned(),
            message: self.message(rule, plan),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::NoAgent | Self::NoPassthroughModel => codes::NO_PASSTHROUGH_MODEL,
            Self::NotAPassthroughModel => codes::NOT_A_PASSTHROUGH_MODEL,
            Self::PassthroughAgent => codes::PASSTHROUGH_AGENT,
            Self::PassthroughSubagent { .. } => codes::PASSTHROUGH_SUBAGENT,
            Self::MalformedRef => codes::MALFORMED_REF,
            Self::SingleSegment => codes::SINGLE_SEGMENT,
            Self::NameBlocked => codes::NAME_BLOCKED,
            Self::UnknownName => codes::UNKNOWN_NAME,
            Self::NamesGateway => codes::NAMES_GATEWAY,
            Self::NamesGatewayLegacy => codes::NAMES_GATEWAY_LEGACY,
            Self::NamesDirectProvider => codes::NAMES_DIRECT_PROVIDER,
            Self::NamesPassthroughSource => codes::NAMES_PASSTHROUGH_SOURCE,
            Self::NamesManagedSource => codes::NAMES_MANAGED_SOURCE,
            Self::NothingElseHeld { .. } => codes::NOTHING_ELSE_HELD,
            Self::NoManagedGateway => codes::NO_MANAGED_GATEWAY,
            Self::NoModelGiven => codes::NO_MODEL_GIVEN,
            Self::NotReached => codes::NOT_REACHED,
        }
    }

    /// The reason in one sentence, as the rule says it.
    fn message(self, rule: Rule, plan: &Plan<'_>) -> String {
        let agent = || shown(plan.request.agent().map_or("", |agent| &agent.name));
        let name = || shown(name_of(plan.unscoped()));
        match self {
            Self::NoAgent => "No agent is involved, so there is no passthrough model.".into(),
            Self::NoPassthroughModel => {
                format!("The agent {} has no passthrough model.", agent())
            }
            Self::NotAPassthroughModel => format!(
                "{} is not exactly the string of a passthrough model of the agent {}.",
                shown(&plan.text),
                agent()
            ),
            Self::PassthroughAgent => format!(
                "{} is the passthrough model of the agent {}.",
                shown(plan.passthrough_model(None)),
                agent()
            ),
            Self::PassthroughSubagent { alias } => format!(
                "{} is the passthrough model of the subagent {}.",
                shown(plan.passthrough_model(Some(alias))),
                shown(alias)
            ),
            Self::MalformedRef => "The ref is malformed.".into(),
            Self::SingleSegment => format!("The ref has no `/`, so it names no {}.", what(rule)),
            Self::NameBlocked => format!(
                "{} is blocked: its entry in the providers file has an error.",
                name()
            ),
            Self::UnknownName => {
                format!("No {} is called {}.", what(rule), name())
            }
            Self::NamesGateway => format!("{} is a gateway.", name()),
            Self::NamesGatewayLegacy => format!(
                "{} is a gateway. No upstream is named, so what follows is sent as it is.",
                name()
            ),
            Self::NamesDirectProvider if rule == Rule::Gateway => {
                format!("{} is a direct provider, not a gateway.", name())
            }
            Self::NamesDirectProvider => format!("{} is a direct provider.", name()),
            Self::NamesPassthroughSource => {
                format!("{} is a custom source with passthrough on.", name())
            }
            Self::NamesManagedSource => format!(
                "{} is a custom source with passthrough off, so the managed gateway takes the \
                 request.",
                name()
            ),
            Self::NothingElseHeld { gateway } => format!(
                "No other rule took the request, so it goes to the managed gateway {}.",
                shown(gateway)
            ),
            Self::NoManagedGateway => {
                "No other rule took the request, and the managed gateway cannot take it.".into()
            }
            Self::NoModelGiven => "There is no model to look at.".into(),
            Self::NotReached => "Not reached.".into(),
        }
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
