//! The resolver: from a model ref to the request that it becomes, and why.
//!
//! Five rules are tried in order and the first that holds decides. Each rule is a function of the
//! request alone, so that their order is a table and nothing else. Resolving is total: whatever
//! the ref and whatever the world, there is an answer, and a refused ref keeps as much of its
//! route as is known.

mod passthrough;
mod reason;
mod request;
mod route;
mod rules;

pub use passthrough::{PassthroughModel, passthrough_models};
pub use request::Request;

use crate::agent::Agent;
use crate::codes;
use crate::model_ref::ModelRef;
use crate::operation::Operation;
use crate::resolution::{Outcome, Refusal, Resolution, Rule};
use crate::world::World;
use reason::Reason;
use rules::{RULES, Verdict};

/// What the rules look at.
struct Context<'a> {
    world: &'a World,
    operation: Operation,
    agent: Option<&'a Agent>,
    /// The model string as it would be sent.
    text: &'a str,
    /// The same without the scope of a subagent, which only the first rule looks at.
    unscoped: &'a str,
}

/// Says where a request would go.
#[must_use]
pub fn resolve(world: &World, request: &Request<'_>) -> Resolution {
    let default_model = world.snapshot().default_model.as_deref();
    let Some(sent) = request.sent(default_model) else {
        return without_model(request);
    };
    let mut resolution = resolve_text(world, request, &sent.text);
    resolution.fallback = sent
        .fallback
        .map(|text| Box::new(resolve_text(world, request, &text)));
    resolution
}

fn resolve_text(world: &World, request: &Request<'_>, text: &str) -> Resolution {
    let scope = request::split_scope(text);
    let context = Context {
        world,
        operation: request.operation(),
        agent: request.agent(),
        text,
        unscoped: scope.map_or(text, |(model, _)| model),
    };
    let parsed = ModelRef::parse(context.unscoped);
    let mut resolution = Resolution {
        model_ref: text.to_owned(),
        outcome: Outcome::Rejected,
        error: None,
        route: None,
        warnings: Vec::new(),
        trace: Vec::new(),
        fallback: None,
    };
    let mut decided = false;
    for (rule, try_rule) in RULES {
        if decided {
            if request.wants_trace() {
                resolution.trace.push(Reason::NotReached.entry(rule, false));
            }
            continue;
        }
        let (verdict, reason) = try_rule(&context, &parsed);
        if request.wants_trace() {
            let held = matches!(verdict, Verdict::Holds(_));
            resolution.trace.push(reason.entry(rule, held));
        }
        match verdict {
            Verdict::DoesNotHold => {}
            Verdict::Holds(destination) => {
                route::complete(&context, *destination, &mut resolution);
                decided = true;
            }
            Verdict::Refuses(refused) => {
                resolution.error = Some(refused.error);
                resolution.route = refused.route;
                decided = true;
            }
        }
    }
    let unknown = scope.and_then(|(_, alias)| request::unknown_subagent(context.agent, alias));
    resolution.warnings.extend(unknown);
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
        error: Some(Refusal {
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
