//! What the rules decide, before it is written out as a resolution.

use super::reason::Reason;
use super::request::{split_scope, unknown_subagent};
use super::route::Outline;
use super::rules::{Parsed, RULES, Refused, Verdict};
use super::{Context, Request};
use crate::model_ref::ModelRef;
use crate::resolution::{Rule, Warning};
use crate::routing_table::RoutingTable;

/// What became of a request: where it goes, or why no rule may take it.
pub(super) enum Decision<'w> {
    Sent(Outline<'w>),
    Refused(Box<Refused>),
}

/// A decision with what is said of the string itself.
pub(super) struct Decided<'w> {
    pub(super) decision: Decision<'w>,
    /// The scope of the string names no subagent.
    pub(super) unknown_subagent: Option<Warning>,
}

impl Decided<'_> {
    /// Whether something stands against sending the request.
    pub(super) fn is_rejected(&self) -> bool {
        match &self.decision {
            Decision::Sent(outline) => outline.is_rejected(),
            Decision::Refused(_) => true,
        }
    }
}

/// Decides about one model string and hands the decision on, which borrows from the string.
/// `on_rule` receives what each rule says, in order.
pub(super) fn decide<R>(
    table: &RoutingTable,
    request: &Request<'_>,
    text: &str,
    on_rule: &mut dyn FnMut(Rule, bool, Reason<'_>),
    then: impl FnOnce(Decided<'_>) -> R,
) -> R {
    let scope = split_scope(text);
    let context = Context {
        table,
        operation: request.operation(),
        agent: request.agent(),
        text,
        unscoped: scope.map_or(text, |(model, _)| model),
    };
    let parsed = ModelRef::parse(context.unscoped);
    then(Decided {
        decision: by_rules(&context, &parsed, on_rule),
        unknown_subagent: scope.and_then(|(_, alias)| unknown_subagent(context.agent, alias)),
    })
}

/// Tries the rules in their order. The last one takes or refuses everything.
fn by_rules<'w>(
    context: &'w Context<'w>,
    parsed: &'w Parsed<'w>,
    on_rule: &mut dyn FnMut(Rule, bool, Reason<'_>),
) -> Decision<'w> {
    let mut decision = None;
    for (rule, try_rule) in RULES {
        if decision.is_some() {
            on_rule(rule, false, Reason::NotReached);
            continue;
        }
        let (verdict, reason) = try_rule(context, parsed);
        on_rule(rule, matches!(verdict, Verdict::Holds(_)), reason);
        decision = match verdict {
            Verdict::DoesNotHold => None,
            Verdict::Holds(destination) => Some(Decision::Sent(Outline::of(context, destination))),
            Verdict::Refuses(refused) => Some(Decision::Refused(refused)),
        };
    }
    decision.expect("the last rule leaves nothing to a next one")
}
