//! The resolver: from a model ref to the request that it becomes, and why.
//!
//! Five rules are tried in order and the first that holds decides. Each rule is a function of the
//! request alone, so that their order is a table and nothing else. Resolving is total: whatever
//! the ref and whatever the routing table, there is an answer, and a refused ref keeps as much of its
//! route as is known.

mod allow;
mod compare;
mod decision;
mod down;
mod passthrough;
mod reason;
mod request;
mod route;
mod rules;

pub(crate) use compare::{difference, is_rejected};
pub use passthrough::{PassthroughModel, passthrough_models};
pub use request::{Request, split_scope};

use crate::agent::Agent;
use crate::codes;
use crate::operation::Operation;
use crate::resolution::{Outcome, Rejection, Resolution, Rule};
use crate::routing_table::RoutingTable;
use decision::{Decision, decide};
use reason::Reason;

/// What the rules look at.
struct Context<'a> {
    table: &'a RoutingTable,
    operation: Operation,
    agent: Option<&'a Agent>,
    /// The model string as it would be sent.
    text: &'a str,
    /// The same without the scope of a subagent, which only the first rule looks at.
    unscoped: &'a str,
}

/// Says where a request would go.
#[must_use]
pub fn resolve(table: &RoutingTable, request: &Request<'_>) -> Resolution {
    let default_model = table.snapshot().default_model.as_deref();
    let Some(sent) = request.sent(default_model) else {
        return without_model(request);
    };
    let mut resolution = resolve_text(table, request, &sent.text);
    resolution.fallback = sent
        .fallback
        .map(|text| Box::new(resolve_text(table, request, &text)));
    resolution
}

fn resolve_text(table: &RoutingTable, request: &Request<'_>, text: &str) -> Resolution {
    let mut resolution = Resolution {
        model_ref: text.to_owned(),
        outcome: Outcome::Rejected,
        error: None,
        route: None,
        warnings: Vec::new(),
        trace: Vec::new(),
        fallback: None,
    };
    let mut trace = Vec::new();
    let on_rule = &mut |rule: Rule, held: bool, reason: Reason<'_>| {
        if request.wants_trace() {
            trace.push(reason.entry(rule, held));
        }
    };
    decide(table, request, text, on_rule, |decided| {
        match decided.decision {
            Decision::Sent(outline) => outline.write(&mut resolution),
            Decision::Refused(refused) => {
                resolution.error = Some(refused.error);
                resolution.route = refused.route;
            }
        }
        resolution.warnings.extend(decided.unknown_subagent);
    });
    resolution.trace = trace;
    if resolution.error.is_none() {
        resolution.outcome = Outcome::Routed;
    }
    resolution
}

/// The answer where there is neither a model string nor a default model: no rule has anything to
/// look at.
fn without_model(request: &Request<'_>) -> Resolution {
    let trace = match request.wants_trace() {
        true => Rule::ALL
            .map(|rule| Reason::NoModelGiven.entry(rule, false))
            .to_vec(),
        false => Vec::new(),
    };
    Resolution {
        model_ref: String::new(),
        outcome: Outcome::Rejected,
        error: Some(Rejection {
            code: codes::NO_MODEL.to_owned(),
            message: request.without_model(),
            span: None,
        }),
        route: None,
        warnings: Vec::new(),
        trace,
        fallback: None,
    }
}

#[cfg(test)]
mod tests;
