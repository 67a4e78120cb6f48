//! The resolver: from a model ref to the request that it becomes, and why.
//!
//! Five rules are tried in order and the first that holds decides. Each rule is a function of the
//! request alone, so that their order is a table and nothing else. Resolving is total: whatever
//! the ref and whatever the world, there is an answer, and a refused ref keeps as much of its
//! route as is known.

mod route;
mod rules;

use crate::codes;
use crate::model_ref::ModelRef;
use crate::operation::Operation;
use crate::resolution::{Outcome, Refusal, Resolution, Rule, TraceEntry};
use crate::world::World;
use rules::{RULES, Verdict};

/// What is asked of the resolver.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    model_ref: Option<&'a str>,
    operation: Operation,
}

impl<'a> Request<'a> {
    /// A request that sends this model string.
    #[must_use]
    pub fn new(model_ref: &'a str, operation: Operation) -> Self {
        Self {
            model_ref: Some(model_ref),
            operation,
        }
    }

    /// A request that names no model, so that the organisation's default model is used.
    #[must_use]
    pub fn of_default_model(operation: Operation) -> Self {
        Self {
            model_ref: None,
            operation,
        }
    }
}

/// What the rules look at.
struct Context<'a> {
    world: &'a World,
    operation: Operation,
    /// The model string as it would be sent.
    text: &'a str,
}

/// Says where a request would go.
#[must_use]
pub fn resolve(world: &World, request: &Request<'_>) -> Resolution {
    let default_model = world.snapshot().default_model.as_deref();
    let Some(text) = request.model_ref.or(default_model) else {
        return without_model();
    };
    let context = Context {
        world,
        operation: request.operation,
        text,
    };
    let parsed = ModelRef::parse(text);
    let mut resolution = Resolution {
        model_ref: text.to_owned(),
        outcome: Outcome::Rejected,
        error: None,
        route: None,
        warnings: Vec::new(),
        trace: Vec::with_capacity(RULES.len()),
        fallback: None,
    };
    let mut decided = false;
    for (rule, try_rule) in RULES {
        if decided {
            resolution.trace.push(not_reached(rule));
            continue;
        }
        let (verdict, said) = try_rule(&context, &parsed);
        resolution.trace.push(TraceEntry {
            rule,
            held: matches!(verdict, Verdict::Holds(_)),
            reason: said.reason.to_owned(),
            message: said.message,
        });
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
    if resolution.error.is_none() {
        resolution.outcome = Outcome::Routed;
    }
    resolution
}

fn not_reached(rule: Rule) -> TraceEntry {
    TraceEntry {
        rule,
        held: false,
        reason: codes::NOT_REACHED.to_owned(),
        message: "Not reached.".to_owned(),
    }
}

/// The answer where there is neither a model string nor a default model: no rule has anything to
/// look at.
fn without_model() -> Resolution {
    let trace = Rule::ALL.map(|rule| TraceEntry {
        rule,
        held: false,
        reason: codes::NO_MODEL_GIVEN.to_owned(),
        message: "There is no model to look at.".to_owned(),
    });
    Resolution {
        model_ref: String::new(),
        outcome: Outcome::Rejected,
        error: Some(Refusal {
            code: codes::NO_MODEL.to_owned(),
            message: "No model is given and the organisation has no default model. Name a model, \
                      or choose a default model."
                .to_owned(),
            span: None,
        }),
        route: None,
        warnings: Vec::new(),
        trace: trace.to_vec(),
        fallback: None,
    }
}

#[cfg(test)]
mod tests;
