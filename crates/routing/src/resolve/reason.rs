//! Why a rule holds or does not: a value first, and words only where somebody reads them.

use crate::codes;
use crate::display_text::display_text;
use crate::resolution::{Rule, TraceEntry};

/// What a rule says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason<'w> {
    /// Nobody who could have a passthrough model sends the request.
    NoAgent,
    NoPassthroughModel {
        agent: &'w str,
    },
    NotAPassthroughModel {
        text: &'w str,
        agent: &'w str,
    },
    PassthroughAgent {
        model: &'w str,
        agent: &'w str,
    },
    PassthroughSubagent {
        model: &'w str,
        alias: &'w str,
    },
    MalformedRef,
    SingleSegment,
    NameBlocked {
        name: &'w str,
    },
    UnknownName {
        name: &'w str,
    },
    NamesGateway {
        name: &'w str,
    },
    NamesGatewayLegacy {
        name: &'w str,
    },
    NamesDirectProvider {
        name: &'w str,
    },
    NamesPassthroughSource {
        name: &'w str,
    },
    NamesManagedSource {
        name: &'w str,
    },
    NothingElseHeld {
        gateway: &'w str,
    },
    NoManagedGateway,
    /// There is no model string that a rule could look at.
    NoModelGiven,
    NotReached,
}

impl Reason<'_> {
    /// The entry of the trace.
    pub(super) fn entry(self, rule: Rule, held: bool) -> TraceEntry {
        TraceEntry {
            rule,
            held,
            reason: self.code().to_owned(),
            message: self.message(rule),
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::NoAgent | Self::NoPassthroughModel { .. } => codes::NO_PASSTHROUGH_MODEL,
            Self::NotAPassthroughModel { .. } => codes::NOT_A_PASSTHROUGH_MODEL,
            Self::PassthroughAgent { .. } => codes::PASSTHROUGH_AGENT,
            Self::PassthroughSubagent { .. } => codes::PASSTHROUGH_SUBAGENT,
            Self::MalformedRef => codes::MALFORMED_REF,
            Self::SingleSegment => codes::SINGLE_SEGMENT,
            Self::NameBlocked { .. } => codes::NAME_BLOCKED,
            Self::UnknownName { .. } => codes::UNKNOWN_NAME,
            Self::NamesGateway { .. } => codes::NAMES_GATEWAY,
            Self::NamesGatewayLegacy { .. } => codes::NAMES_GATEWAY_LEGACY,
            Self::NamesDirectProvider { .. } => codes::NAMES_DIRECT_PROVIDER,
            Self::NamesPassthroughSource { .. } => codes::NAMES_PASSTHROUGH_SOURCE,
            Self::NamesManagedSource { .. } => codes::NAMES_MANAGED_SOURCE,
            Self::NothingElseHeld { .. } => codes::NOTHING_ELSE_HELD,
            Self::NoManagedGateway => codes::NO_MANAGED_GATEWAY,
            Self::NoModelGiven => codes::NO_MODEL_GIVEN,
            Self::NotReached => codes::NOT_REACHED,
        }
    }

    /// The reason in one sentence, as the rule says it.
    fn message(self, rule: Rule) -> String {
        match self {
            Self::NoAgent => "No agent is involved, so there is no passthrough model.".into(),
            Self::NoPassthroughModel { agent } => {
                format!("The agent {} has no passthrough model.", shown(agent))
            }
            Self::NotAPassthroughModel { text, agent } => format!(
                "{} is not exactly the string of a passthrough model of the agent {}.",
                shown(text),
                shown(agent)
            ),
            Self::PassthroughAgent { model, agent } => format!(
                "{} is the passthrough model of the agent {}.",
                shown(model),
                shown(agent)
            ),
            Self::PassthroughSubagent { model, alias } => format!(
                "{} is the passthrough model of the subagent {}.",
                shown(model),
                shown(alias)
            ),
            Self::MalformedRef => "The ref is malformed.".into(),
            Self::SingleSegment => format!("The ref has no `/`, so it names no {}.", what(rule)),
            Self::NameBlocked { name } => format!(
                "{} is blocked: its entry in the providers file has an error.",
                shown(name)
            ),
            Self::UnknownName { name } => {
                format!("No {} is called {}.", what(rule), shown(name))
            }
            Self::NamesGateway { name } => format!("{} is a gateway.", shown(name)),
            Self::NamesGatewayLegacy { name } => format!(
                "{} is a gateway. No upstream is named, so what follows is sent as it is.",
                shown(name)
            ),
            Self::NamesDirectProvider { name } if rule == Rule::Gateway => {
                format!("{} is a direct provider, not a gateway.", shown(name))
            }
            Self::NamesDirectProvider { name } => format!("{} is a direct provider.", shown(name)),
            Self::NamesPassthroughSource { name } => {
                format!("{} is a custom source with passthrough on.", shown(name))
            }
            Self::NamesManagedSource { name } => format!(
                "{} is a custom source with passthrough off, so the managed gateway takes the \
                 request.",
                shown(name)
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
