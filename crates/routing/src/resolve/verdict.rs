//! What a rule says about a request.

use super::context::Span;
use super::destination::Destination;
use super::reason::Reason;
use crate::catalog::BlockedName;
use crate::model_ref::ParseError;

/// What a rule says about a request.
pub(super) enum Verdict<'t> {
    /// The rule takes the request and sends it there.
    Holds(Destination<'t>),
    /// The rule leaves the request to the next one.
    DoesNotHold,
    /// The rule knows that no rule may take the request.
    Rejects(RuleError<'t>),
}

/// Why no rule may take a request.
#[derive(Debug)]
pub(super) enum RuleError<'t> {
    /// There is neither a model string nor a default model.
    NoModel,
    Malformed(ParseError),
    NameBlocked(&'t BlockedName),
    /// The managed gateway cannot take the request, which would be sent with this wire model.
    Managed(ManagedError<'t>, Span),
}

/// Why the managed gateway cannot take a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum ManagedError<'t> {
    Blocked(&'t BlockedName),
    NotAGateway,
    Unknown,
}

/// What a rule answers: whether it takes the request, and why or why not.
pub(super) type Answer<'t> = (Verdict<'t>, Reason<'t>);
pub(super) fn holds<'t>(destination: Destination<'t>, reason: Reason<'t>) -> Answer<'t> {
    (Verdict::Holds(destination), reason)
}

pub(super) fn does_not_hold(reason: Reason<'_>) -> Answer<'_> {
    (Verdict::DoesNotHold, reason)
}
