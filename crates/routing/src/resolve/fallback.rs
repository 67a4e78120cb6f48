//! When a fallback is used. Forwarding and Route preview ask the same function.

use super::plan::Plan;
use crate::codes;
use crate::resolution::{Outcome, Resolution, RouteKind};

/// The statuses of an upstream after which the fallback is used.
pub const FALLBACK_STATUSES: [u16; 6] = [429, 500, 502, 503, 504, 529];

/// When the fallback of a primary is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallbackUse {
    /// Once the primary has failed before its answer began: no connection, no TLS, no answer in time,
    /// or one of [`FALLBACK_STATUSES`].
    AfterFailure,
    /// Instead of the primary, which is rejected.
    Immediately,
    /// Never: a passthrough request is never sent another way.
    NeverForPassthrough,
    /// Never: an administrator disabled the primary's model.
    NeverForDisabledModel,
    /// Never: the fallback itself is rejected.
    NeverRejected,
}

/// What came of an attempt to send the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrimaryFailure {
    /// It is rejected, so nothing was sent.
    Rejected,
    /// No connection, no TLS, or no answer in time.
    NotAnswered,
    /// The upstream answered with this status.
    Status(u16),
}

/// When the fallback of a resolution is used; `None` if it has none.
#[must_use]
pub fn fallback_use(resolution: &Resolution) -> Option<FallbackUse> {
    let fallback = resolution.fallback.as_deref()?;
    Some(decide(
        resolution.route.as_ref().map(|route| route.kind),
        resolution.error.as_ref().map(|error| error.code.as_str()),
        fallback.outcome == Outcome::Rejected,
    ))
}

fn decide(
    kind: Option<RouteKind>,
    rejection: Option<&str>,
    is_fallback_rejected: bool,
) -> FallbackUse {
    match rejection {
        _ if kind == Some(RouteKind::Passthrough) => FallbackUse::NeverForPassthrough,
        Some(codes::MODEL_DISABLED) => FallbackUse::NeverForDisabledModel,
        _ if is_fallback_rejected => FallbackUse::NeverRejected,
        Some(_) => FallbackUse::Immediately,
        None => FallbackUse::AfterFailure,
    }
}

impl Plan<'_> {
    /// The plan of the fallback, where it is used after this failure of the primary.
    #[must_use]
    pub fn fallback_after(&self, failure: PrimaryFailure) -> Option<Plan<'_>> {
        // Most requests succeed, and need no second plan.
        if matches!(failure, PrimaryFailure::Status(status) if !FALLBACK_STATUSES.contains(&status))
        {
            return None;
        }
        let fallback = self.fallback()?;
        let rejection = self.rejection();
        let code = rejection.as_ref().map(|rejection| rejection.code.as_str());
        let is_used = match decide(self.kind(), code, fallback.is_rejected()) {
            FallbackUse::Immediately => failure == PrimaryFailure::Rejected,
            FallbackUse::AfterFailure => failure != PrimaryFailure::Rejected,
            _ => false,
        };
        is_used.then_some(fallback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_comes_before_the_reason_and_that_before_the_fallback() {
        use FallbackUse::*;
        let (gateway, passthrough) = (Some(RouteKind::Gateway), Some(RouteKind::Passthrough));
        let disabled = Some(codes::MODEL_DISABLED);
        let missing = Some(codes::MISSING_API_KEY);
        for (kind, rejection, is_fallback_rejected, expected) in [
            (gateway, None, false, AfterFailure),
            (gateway, missing, false, Immediately),
            (None, Some(codes::EMPTY_SEGMENT), false, Immediately),
            (gateway, None, true, NeverRejected),
            (gateway, missing, true, NeverRejected),
            (gateway, disabled, false, NeverForDisabledModel),
            (gateway, disabled, true, NeverForDisabledModel),
            (passthrough, None, false, NeverForPassthrough),
            (passthrough, disabled, true, NeverForPassthrough),
        ] {
            let found = decide(kind, rejection, is_fallback_rejected);
            assert_eq!(found, expected, "{kind:?} {rejection:?}");
        }
    }
}
