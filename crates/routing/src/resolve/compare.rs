//! What differs between the answers to two requests, found without writing either out.

use super::Request;
use super::decision::{Decided, Decision, decide};
use super::request::Sent;
use super::route::Outline;
use crate::impact::ChangeKind;
use crate::routing_table::RoutingTable;

/// Whether a request is refused.
pub(crate) fn is_rejected(table: &RoutingTable, request: &Request<'_>) -> bool {
    match sent(table, request) {
        None => true,
        Some(sent) => decide(table, request, &sent.text, &mut |_, _, _| {}, |decided| {
            decided.is_rejected()
        }),
    }
}

fn sent<'s>(table: &'s RoutingTable, request: &Request<'s>) -> Option<Sent<'s>> {
    request.sent(table.snapshot().default_model.as_deref())
}

/// What differs between the resolutions of two requests in two routing tables, if anything does. It agrees
/// with comparing the resolutions themselves in everything but their traces.
pub(crate) fn difference(
    before: (&RoutingTable, &Request<'_>),
    after: (&RoutingTable, &Request<'_>),
) -> Option<ChangeKind> {
    let (old, new) = match (sent(before.0, before.1), sent(after.0, after.1)) {
        (None, None) => return None,
        (Some(_), None) if !is_rejected(before.0, before.1) => return Some(ChangeKind::Unroutable),
        (Some(_), None) | (None, Some(_)) => return Some(ChangeKind::Other),
        (Some(old), Some(new)) => (old, new),
    };
    let of_texts = |old: &str, new: &str| {
        let nobody = &mut |_, _, _: super::reason::Reason<'_>| {};
        let kind = decide(before.0, before.1, old, nobody, |old| {
            let nobody = &mut |_, _, _: super::reason::Reason<'_>| {};
            decide(after.0, after.1, new, nobody, |new| between(&old, &new))
        });
        kind.or((old != new).then_some(ChangeKind::Other))
    };
    of_texts(&old.text, &new.text).or_else(|| {
        let differs = match (&old.fallback, &new.fallback) {
            (None, None) => false,
            (Some(old), Some(new)) => of_texts(old, new).is_some(),
            _ => true,
        };
        differs.then_some(ChangeKind::Other)
    })
}

fn between(before: &Decided<'_>, after: &Decided<'_>) -> Option<ChangeKind> {
    let same_decision = match (&before.decision, &after.decision) {
        (Decision::Sent(before), Decision::Sent(after)) => before.is_same(after),
        (Decision::Refused(before), Decision::Refused(after)) => before == after,
        _ => false,
    };
    if same_decision && before.unknown_subagent == after.unknown_subagent {
        return None;
    }
    match (before.is_rejected(), after.is_rejected()) {
        (false, true) => return Some(ChangeKind::Unroutable),
        // What becomes routable gets an origin and a credential, which is no change of them.
        (true, false) => return Some(ChangeKind::Other),
        _ => {}
    }
    let (Decision::Sent(before), Decision::Sent(after)) = (&before.decision, &after.decision)
    else {
        return Some(ChangeKind::Other);
    };
    Some(kind_of(before, after))
}

fn kind_of(before: &Outline<'_>, after: &Outline<'_>) -> ChangeKind {
    match (before.origin(), after.origin()) {
        (Some(was), Some(is)) if was != is => ChangeKind::Origin,
        _ if before.chosen_credential() != after.chosen_credential() => ChangeKind::Credential,
        _ => ChangeKind::Other,
    }
}
