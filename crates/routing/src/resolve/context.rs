//! What the rules look at.

use crate::agent::Agent;
use crate::model_ref::{ModelRef, ParseError};
use crate::routing_table::RoutingTable;

/// A part of the model string, in bytes. A plan keeps ranges, since it may own the string itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }
}

/// The input of the rules. The string may belong to the plan, so it has a separate lifetime.
pub(super) struct Context<'t, 'c> {
    pub(super) table: &'t RoutingTable,
    pub(super) agent: Option<&'t Agent>,
    /// Whether keys of the agent's own count.
    pub(super) uses_own_keys: bool,
    /// The model string as it would be sent.
    pub(super) text: &'c str,
    /// The same without the scope of a subagent, which only the first rule looks at.
    pub(super) unscoped: &'c str,
    pub(super) parsed: Result<ModelRef<'c>, ParseError>,
}

impl<'c> Context<'_, 'c> {
    /// The whole unscoped string.
    pub(super) fn whole(&self) -> Span {
        Span {
            start: 0,
            end: self.unscoped.len(),
        }
    }

    /// The ref's name, and where what follows it stands.
    pub(super) fn name_and_rest(&self) -> Option<(&str, Span)> {
        let name = self.parsed.as_ref().ok()?.name()?;
        let start = name.len() + 1;
        Some((
            name,
            Span {
                start,
                ..self.whole()
            },
        ))
    }
}
