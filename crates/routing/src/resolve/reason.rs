//! Why a rule takes a request or not, without words.

use crate::codes;

/// Why a rule takes a request or not. Names that are part of the model string are read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason<'t> {
    /// No agent sends the request, so that there is no passthrough model.
    NoAgent,
    NoPassthroughModel,
    NotAPassthroughModel,
    PassthroughAgent,
    PassthroughSubagent {
        alias: &'t str,
    },
    MalformedRef,
    SingleSegment,
    NameBlocked,
    UnknownName,
    NamesGateway,
    NamesGatewayLegacy,
    NamesDirectProvider,
    NamesPassthroughSource,
    NamesManagedSource,
    NothingElseHeld {
        gateway: &'t str,
    },
    NoManagedGateway,
    /// There is no model string that a rule could look at.
    NoModelGiven,
    NotReached,
}

impl Reason<'_> {
    /// The stable code of the trace.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::NoAgent | Self::NoPassthroughModel => codes::NO_PASSTHROUGH_MODEL,
            Self::NotAPassthroughModel => codes::NOT_A_PASSTHROUGH_MODEL,
            Self::PassthroughAgent => codes::PASSTHROUGH_AGENT,
            Self::PassthroughSubagent { .. } => codes::PASSTHROUGH_SUBAGENT,
            Self::MalformedRef => codes::MALFORMED_REF,
            Self::SingleSegment => codes::SINGLE_SEGMENT,
            Self::NameBlocked => codes::NAME_BLOCKED,
            Self::UnknownName => codes::UNKNOWN_NAME,
            Self::NamesGateway => codes::NAMES_GATEWAY,
            Self::NamesGatewayLegacy => codes::NAMES_GATEWAY_LEGACY,
            Self::NamesDirectProvider => codes::NAMES_DIRECT_PROVIDER,
            Self::NamesPassthroughSource => codes::NAMES_PASSTHROUGH_SOURCE,
            Self::NamesManagedSource => codes::NAMES_MANAGED_SOURCE,
            Self::NothingElseHeld { .. } => codes::NOTHING_ELSE_HELD,
            Self::NoManagedGateway => codes::NO_MANAGED_GATEWAY,
            Self::NoModelGiven => codes::NO_MODEL_GIVEN,
            Self::NotReached => codes::NOT_REACHED,
        }
    }
}
