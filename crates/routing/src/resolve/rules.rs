//! The five rules, each a function that says whether it holds, and why or why not.

use super::context::{Context, Span};
use super::destination::{Destination, Note, Target};
use super::passthrough;
use super::reason::Reason;
use super::verdict::{Answer, ManagedError, RuleError, Verdict, does_not_hold, holds};
use crate::catalog::ProviderKind;
use crate::openrouter::{self, NAME as OPENROUTER};
use crate::resolution::{RouteKind, Rule};

type TryRule = for<'t, 'c, 'x> fn(&'x Context<'t, 'c>) -> Answer<'t>;

/// The rules in the order in which they are tried. The order is part of the contract.
pub(super) const RULES: [(Rule, TryRule); 5] = [
    (Rule::Passthrough, passthrough::rule),
    (Rule::Gateway, gateway),
    (Rule::Direct, direct),
    (Rule::Source, source),
    (Rule::Managed, managed),
];

/// The first rule that needs a well-formed ref and a free name; it rejects what is neither.
fn gateway<'t>(context: &Context<'t, '_>) -> Answer<'t> {
    let model_ref = match &context.parsed {
        Ok(model_ref) => model_ref,
        Err(error) => {
            let error = RuleError::Malformed(error.clone());
            return (Verdict::Rejects(error), Reason::MalformedRef);
        }
    };
    let Some((name, rest)) = context.name_and_rest() else {
        return does_not_hold(Reason::SingleSegment);
    };
    if let Some(blocked) = context.table.catalog().blocked(name) {
        let error = RuleError::NameBlocked(blocked);
        return (Verdict::Rejects(error), Reason::NameBlocked);
    }
    let slot = match context.table.provider(name) {
        Some(slot) if slot.entry.kind == ProviderKind::Gateway => slot,
        Some(_) => return does_not_hold(Reason::NamesDirectProvider),
        None => return does_not_hold(Reason::UnknownName),
    };
    let mut destination = Destination::new(RouteKind::Gateway, Target::Provider(slot), rest);
    if model_ref.upstream().is_some() {
        return holds(destination, Reason::NamesGateway);
    }
    destination.kind = RouteKind::GatewayLegacy;
    if name == OPENROUTER && openrouter::is_bare_router(rest.of(context.unscoped)) {
        destination.note = Some(Note::RouterId);
    }
    holds(destination, Reason::NamesGatewayLegacy)
}

fn direct<'t>(context: &Context<'t, '_>) -> Answer<'t> {
    let Some((name, rest)) = context.name_and_rest() else {
        return does_not_hold(Reason::SingleSegment);
    };
    let Some(slot) = context.table.provider(name) else {
        return does_not_hold(Reason::UnknownName);
    };
    let destination = Destination::new(RouteKind::Direct, Target::Provider(slot), rest);
    holds(destination, Reason::NamesDirectProvider)
}

fn source<'t>(context: &Context<'t, '_>) -> Answer<'t> {
    let Some((name, rest)) = context.name_and_rest() else {
        return does_not_hold(Reason::SingleSegment);
    };
    let Some(source) = context.table.source(name) else {
        return does_not_hold(Reason::UnknownName);
    };
    if source.entry.passthrough {
        let target = Target::Source { source, own: None };
        let destination = Destination::new(RouteKind::Passthrough, target, rest);
        return holds(destination, Reason::NamesPassthroughSource);
    }
    let reason = Reason::NamesManagedSource;
    match to_managed_gateway(context, rest) {
        Err(error) => (Verdict::Rejects(error), reason),
        Ok(mut destination) => {
            destination.named_source = Some(&source.entry.slug);
            destination.note = Some(Note::ManagedMustKnowModel);
            holds(destination, reason)
        }
    }
}

fn managed<'t>(context: &Context<'t, '_>) -> Answer<'t> {
    match to_managed_gateway(context, context.whole()) {
        Err(error) => (Verdict::Rejects(error), Reason::NoManagedGateway),
        Ok(mut destination) => {
            destination.note = context.name_and_rest().map(|_| Note::UnknownName);
            let gateway = &context.table.snapshot().managed_gateway;
            holds(destination, Reason::NothingElseHeld { gateway })
        }
    }
}

/// The way to the managed gateway, or why there is none.
fn to_managed_gateway<'t>(
    context: &Context<'t, '_>,
    wire_model: Span,
) -> Result<Destination<'t>, RuleError<'t>> {
    let name = &context.table.snapshot().managed_gateway;
    let reject = |error| Err(RuleError::Managed(error, wire_model));
    if let Some(blocked) = context.table.catalog().blocked(name) {
        return reject(ManagedError::Blocked(blocked));
    }
    match context.table.provider(name) {
        Some(slot) if slot.entry.kind == ProviderKind::Gateway => Ok(Destination::new(
            RouteKind::Managed,
            Target::Provider(slot),
            wire_model,
        )),
        Some(_) => reject(ManagedError::NotAGateway),
        None => reject(ManagedError::Unknown),
    }
}
