//! What differs between two plans, found without rendering either.

use super::delivery::Delivery;
use super::destination::Note;
use super::plan::{Decision, Plan};
use crate::resolution::Rejection;
use serde::{Deserialize, Serialize};

/// What differs between two resolutions, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is refused and was not before.
    Unroutable,
    /// It goes to another origin.
    Origin,
    /// It goes to the same origin with another credential.
    Credential,
    /// Anything else: the wire model, a header, a warning, the fallback, or that it becomes
    /// routable.
    Other,
}

impl ChangeKind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unroutable => "unroutable",
            Self::Origin => "origin",
            Self::Credential => "credential",
            Self::Other => "other",
        }
    }
}

/// What differs between the resolutions of two plans, if anything does. It agrees with comparing
/// the resolutions themselves in everything but their traces, and in what two requests that are
/// rejected for the same reason would have sent: neither is sent.
pub(crate) fn difference(before: &Plan<'_>, after: &Plan<'_>) -> Option<ChangeKind> {
    match (before.text().is_some(), after.text().is_some()) {
        (false, false) => return None,
        (true, false) if !before.is_rejected() => return Some(ChangeKind::Unroutable),
        (true, true) => {}
        _ => return Some(ChangeKind::Other),
    }
    without_fallback(before, after).or_else(|| {
        let differs = match (before.fallback(), after.fallback()) {
            (None, None) => false,
            (Some(before), Some(after)) => without_fallback(&before, &after).is_some(),
            _ => true,
        };
        differs.then_some(ChangeKind::Other)
    })
}

fn without_fallback(before: &Plan<'_>, after: &Plan<'_>) -> Option<ChangeKind> {
    if is_same(before, after) {
        return None;
    }
    match (before.is_rejected(), after.is_rejected()) {
        (false, true) => return Some(ChangeKind::Unroutable),
        // What becomes routable gets an origin and a credential, which is no change of them.
        (true, false) => return Some(ChangeKind::Other),
        (true, true) => {
            let code = |plan: &Plan<'_>| plan.rejection().map(|error| error.code);
            return (code(before) != code(after)).then_some(ChangeKind::Other);
        }
        (false, false) => {}
    }
    let (Some(before), Some(after)) = (before.delivery(), after.delivery()) else {
        return Some(ChangeKind::Other);
    };
    Some(match (before.origin(), after.origin()) {
        (Some(was), Some(is)) if was != is => ChangeKind::Origin,
        _ if before.chosen_credential() != after.chosen_credential() => ChangeKind::Credential,
        _ => ChangeKind::Other,
    })
}

/// Whether two plans are rendered the same, apart from their traces.
fn is_same(before: &Plan<'_>, after: &Plan<'_>) -> bool {
    if before.text != after.text || before.unknown_subagent != after.unknown_subagent {
        return false;
    }
    match (&before.decision, &after.decision) {
        (Decision::Send(old), Decision::Send(new)) => {
            before.operation() == after.operation()
                && before.private_origin() == after.private_origin()
                && is_same_delivery(old, new)
                && (old.note != Some(Note::UnknownName)
                    || before.closest_name() == after.closest_name())
        }
        (Decision::Reject(_), Decision::Reject(_)) => {
            before.rejection() == after.rejection() && before.route() == after.route()
        }
        _ => false,
    }
}

fn is_same_delivery(before: &Delivery<'_>, after: &Delivery<'_>) -> bool {
    let (old, new) = (before.endpoint(), after.endpoint());
    before.kind == after.kind
        && before.provider == after.provider
        && before.wire_model == after.wire_model
        && before.policy == after.policy
        && before.is_not_allowed == after.is_not_allowed
        && before.is_pattern == after.is_pattern
        && before.disabled_at == after.disabled_at
        && before.absent_at == after.absent_at
        && before.named_source == after.named_source
        && before.note == after.note
        && fault(before) == fault(after)
        && old.base_url.as_ref().ok() == new.base_url.as_ref().ok()
        && old.headers == new.headers
        && old.pass_headers == new.pass_headers
        && old.credential == new.credential
        && old.warnings == new.warnings
}

/// What prevents sending a request to a model that may be used.
#[derive(PartialEq)]
enum Fault<'p> {
    BaseUrl(&'static str, &'p str),
    Credential(&'p Rejection),
    Down,
}

fn fault<'p>(delivery: &'p Delivery<'_>) -> Option<Fault<'p>> {
    let endpoint = delivery.endpoint();
    if delivery.is_not_allowed || delivery.is_pattern || delivery.disabled_at.is_some() {
        return None;
    }
    if let Err(problem) = &endpoint.base_url {
        return Some(Fault::BaseUrl(problem.code, &problem.message));
    }
    let of_credential = endpoint.credential_problem.as_ref().map(Fault::Credential);
    of_credential.or(delivery.is_down.then_some(Fault::Down))
}
