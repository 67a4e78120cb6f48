//! The five rules, each a function that says whether it holds, and why or why not.

use super::reason::{Reason, shown};
use super::route::{Destination, Target, unsent};
use super::{Context, passthrough};
use crate::catalog::ProviderKind;
use crate::codes;
use crate::error::ParseError;
use crate::model_ref::ModelRef;
use crate::openrouter::{self, NAME as OPENROUTER};
use crate::resolution::{Rejection, Route, RouteKind, Rule, Warning};
use crate::routing_table::RoutingTable;

/// What a rule says about a request.
pub(super) enum Verdict<'w> {
    /// The rule takes the request and sends it there.
    Holds(Destination<'w>),
    /// The rule leaves the request to the next one.
    DoesNotHold,
    /// The rule knows that no rule may take the request.
    Refuses(Box<Refused>),
}

/// Why a request is refused, with what is known of its route.
#[derive(PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) error: Rejection,
    pub(super) route: Option<Route>,
}

pub(super) type Parsed<'a> = Result<ModelRef<'a>, ParseError>;
/// What a rule answers: whether it takes the request, and why or why not.
pub(super) type Answer<'w> = (Verdict<'w>, Reason<'w>);
type TryRule = for<'w> fn(&'w Context<'w>, &'w Parsed<'w>) -> Answer<'w>;

/// The rules in the order in which they are tried. The order is part of the contract.
pub(super) const RULES: [(Rule, TryRule); 5] = [
    (Rule::Passthrough, passthrough::rule),
    (Rule::Gateway, gateway),
    (Rule::Direct, direct),
    (Rule::Source, source),
    (Rule::Managed, managed),
];

pub(super) fn holds<'w>(destination: Destination<'w>, reason: Reason<'w>) -> Answer<'w> {
    (Verdict::Holds(destination), reason)
}

pub(super) fn does_not_hold(reason: Reason<'_>) -> Answer<'_> {
    (Verdict::DoesNotHold, reason)
}

/// The first rule that needs a well-formed ref and a free name; it refuses what is neither.
fn gateway<'w>(context: &'w Context<'w>, parsed: &'w Parsed<'w>) -> Answer<'w> {
    let model_ref = match parsed {
        Ok(model_ref) => model_ref,
        Err(error) => return malformed(error),
    };
    let Some((name, rest)) = name_and_rest(model_ref) else {
        return does_not_hold(Reason::SingleSegment);
    };
    if let Some(blocked) = context.table.catalog().blocked(name) {
        let error = Rejection {
            code: blocked.code.clone(),
            message: format!(
                "The entry {} of the providers file has an error, which blocks the name: {}",
                shown(name),
                blocked.message
            ),
            span: Some([0, name.len()]),
        };
        let verdict = Verdict::Refuses(Box::new(Refused { error, route: None }));
        return (verdict, Reason::NameBlocked { name });
    }
    let slot = match context.table.provider(name) {
        Some(slot) if slot.entry.kind == ProviderKind::Gateway => slot,
        Some(_) => return does_not_hold(Reason::NamesDirectProvider { name }),
        None => return does_not_hold(Reason::UnknownName { name }),
    };
    let mut destination = Destination::new(RouteKind::Gateway, Target::Provider(slot), rest);
    destination.model_span = Some([name.len() + 1, model_ref.as_str().len()]);
    if model_ref.upstream().is_some() {
        return holds(destination, Reason::NamesGateway { name });
    }
    destination.kind = RouteKind::GatewayLegacy;
    destination.warnings.extend(router_id(name, rest));
    holds(destination, Reason::NamesGatewayLegacy { name })
}

fn direct<'w>(context: &'w Context<'w>, parsed: &'w Parsed<'w>) -> Answer<'w> {
    let Some((name, rest)) = parsed.as_ref().ok().and_then(name_and_rest) else {
        return does_not_hold(Reason::SingleSegment);
    };
    let Some(slot) = context.table.provider(name) else {
        return does_not_hold(Reason::UnknownName { name });
    };
    let mut destination = Destination::new(RouteKind::Direct, Target::Provider(slot), rest);
    destination.model_span = Some([name.len() + 1, context.unscoped.len()]);
    holds(destination, Reason::NamesDirectProvider { name })
}

fn source<'w>(context: &'w Context<'w>, parsed: &'w Parsed<'w>) -> Answer<'w> {
    let Some((name, rest)) = parsed.as_ref().ok().and_then(name_and_rest) else {
        return does_not_hold(Reason::SingleSegment);
    };
    let Some(slot) = context.table.source(name) else {
        return does_not_hold(Reason::UnknownName { name });
    };
    let model_span = Some([name.len() + 1, context.unscoped.len()]);
    if slot.facts.passthrough {
        let mut destination = Destination::new(
            RouteKind::Passthrough,
            Target::Source {
                source: slot,
                own: None,
            },
            rest,
        );
        destination.model_span = model_span;
        return holds(destination, Reason::NamesPassthroughSource { name });
    }
    let reason = Reason::NamesManagedSource { name };
    match to_managed_gateway(context, rest) {
        Err(refused) => (Verdict::Refuses(refused), reason),
        Ok(mut destination) => {
            destination.model_span = model_span;
            destination.owners[1] = Some(&slot.facts.slug);
            destination.warnings.push(Warning {
                code: codes::MANAGED_MUST_KNOW_MODEL.into(),
                message: format!(
                    "Passthrough is off for {}: its base URL and key are not used, and the \
                     managed gateway must know the model {} itself.",
                    shown(name),
                    shown(rest)
                ),
                suggestion: None,
            });
            holds(destination, reason)
        }
    }
}

fn managed<'w>(context: &'w Context<'w>, parsed: &'w Parsed<'w>) -> Answer<'w> {
    match to_managed_gateway(context, context.unscoped) {
        Err(refused) => (Verdict::Refuses(refused), Reason::NoManagedGateway),
        Ok(mut destination) => {
            destination.model_span = Some([0, context.unscoped.len()]);
            let meant = parsed
                .as_ref()
                .ok()
                .and_then(|model_ref| did_you_mean(context.table, model_ref));
            destination.warnings.extend(meant);
            let gateway = &context.table.snapshot().managed_gateway;
            holds(destination, Reason::NothingElseHeld { gateway })
        }
    }
}

fn name_and_rest<'m>(model_ref: &'m ModelRef<'_>) -> Option<(&'m str, &'m str)> {
    Some((model_ref.name()?, model_ref.rest()?))
}

fn malformed<'w>(error: &ParseError) -> Answer<'w> {
    let span = error.span();
    let refused = Refused {
        error: Rejection {
            code: error.code().to_owned(),
            message: error.message(),
            span: Some([span.start, span.end]),
        },
        route: None,
    };
    (Verdict::Refuses(Box::new(refused)), Reason::MalformedRef)
}

/// The way to the managed gateway, or why it cannot be gone.
fn to_managed_gateway<'w>(
    context: &Context<'w>,
    wire_model: &'w str,
) -> Result<Destination<'w>, Box<Refused>> {
    let name = &context.table.snapshot().managed_gateway;
    let refuse = |code: &str, message: String| {
        Box::new(Refused {
            error: Rejection {
                code: code.to_owned(),
                message,
                span: None,
            },
            route: Some(unsent(context, RouteKind::Managed, name, wire_model)),
        })
    };
    if let Some(blocked) = context.table.catalog().blocked(name) {
        let message = format!(
            "The managed gateway {} has a faulty entry in the providers file: {}",
            shown(name),
            blocked.message
        );
        return Err(refuse(&blocked.code, message));
    }
    match context.table.provider(name) {
        Some(slot) if slot.entry.kind == ProviderKind::Gateway => Ok(Destination::new(
            RouteKind::Managed,
            Target::Provider(slot),
            wire_model,
        )),
        Some(_) => Err(refuse(
            codes::MANAGED_NOT_A_GATEWAY,
            format!(
                "The managed gateway {} is a direct provider. Choose a gateway in Settings.",
                shown(name)
            ),
        )),
        None => Err(refuse(
            codes::UNKNOWN_MANAGED_GATEWAY,
            format!(
                "The managed gateway {} is not in the catalog. Choose another in Settings.",
                shown(name)
            ),
        )),
    }
}

fn router_id(name: &str, rest: &str) -> Option<Warning> {
    (name == OPENROUTER && openrouter::is_bare_router(rest)).then(|| Warning {
        code: codes::OPENROUTER_ROUTER_ID.into(),
        message: format!(
            "OpenRouter calls this router `openrouter/{rest}`. As written, the model `{rest}` is \
             sent, which OpenRouter may not know."
        ),
        suggestion: Some(format!("openrouter/openrouter/{rest}")),
    })
}

fn did_you_mean(table: &RoutingTable, model_ref: &ModelRef<'_>) -> Option<Warning> {
    let (name, rest) = name_and_rest(model_ref)?;
    let meant = table.closest_name(name)?;
    Some(Warning {
        code: codes::DID_YOU_MEAN.into(),
        message: format!(
            "{} is not known. If {} is meant, correct the ref; as written it goes to the managed \
             gateway.",
            shown(name),
            shown(meant)
        ),
        suggestion: Some(format!("{meant}/{rest}")),
    })
}
