//! Where a rule sends a request.

use super::context::Span;
use crate::endpoint::{ProviderSlot, ReadUrl, SourceSlot, WithEndpoint};
use crate::resolution::RouteKind;

/// Where a rule sends a request.
pub(super) struct Destination<'t> {
    pub(super) kind: RouteKind,
    pub(super) target: Target<'t>,
    pub(super) wire_model: Span,
    /// The source that the ref names, where the managed gateway takes its request.
    pub(super) named_source: Option<&'t str>,
    pub(super) note: Option<Note>,
}

impl<'t> Destination<'t> {
    pub(super) fn new(kind: RouteKind, target: Target<'t>, wire_model: Span) -> Self {
        Self {
            kind,
            target,
            wire_model,
            named_source: None,
            note: None,
        }
    }
}

/// What a rule has to add about a request that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// OpenRouter's own router is named without `openrouter/`.
    RouterId,
    /// The ref names a source without passthrough.
    ManagedMustKnowModel,
    /// The ref begins with a name that is not known, which may be a typo.
    UnknownName,
    /// A passthrough model has a base URL and no source.
    NoSource,
}

/// Who gets the request.
pub(super) enum Target<'t> {
    Provider(&'t WithEndpoint<ProviderSlot>),
    /// A custom source, or another base URL of the agent's own with that source's secrets.
    Source {
        source: &'t WithEndpoint<SourceSlot>,
        own: Option<Box<ReadUrl>>,
    },
    /// A source that the agent names and that does not exist.
    UnknownSource {
        slug: &'t str,
        own: Option<Box<ReadUrl>>,
    },
    /// The agent's own base URL, without a source.
    Address(Option<Box<ReadUrl>>),
}

impl<'t> Target<'t> {
    pub(super) fn name(&self) -> Option<&'t str> {
        match self {
            Self::Provider(slot) => Some(&slot.entry.name),
            Self::Source { source, .. } => Some(&source.entry.slug),
            Self::UnknownSource { slug, .. } => Some(slug),
            Self::Address(_) => None,
        }
    }
}
