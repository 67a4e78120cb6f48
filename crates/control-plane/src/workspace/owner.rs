//! Whose models are listed: a provider or a custom source.

use crate::store::Item;
use waypost_routing::endpoint::Endpoint;
use waypost_routing::routing_table::{RoutingTable, effective_provider, effective_source};

/// Whose models are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A provider, by its name.
    Provider(String),
    /// A custom source, by its slug.
    Source(String),
}

impl Owner {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Provider(name) | Self::Source(name) => name,
        }
    }

    /// Where requests to it go and what they carry; `None` if it is unknown or blocked.
    pub(super) fn endpoint(&self, table: &RoutingTable) -> Option<Endpoint> {
        match self {
            Self::Provider(name) => Some(effective_provider(table, name)?.endpoint),
            Self::Source(slug) => Some(effective_source(table, slug)?.endpoint),
        }
    }

    /// What has the version.
    pub(super) fn item(&self) -> Item<'_> {
        match self {
            Self::Provider(name) => Item::Provider(name),
            Self::Source(slug) => Item::Source(slug),
        }
    }

    /// An action on it, as the audit log names it.
    pub(super) fn action(&self, what: &str) -> String {
        match self {
            Self::Provider(_) => format!("provider.{what}"),
            Self::Source(_) => format!("source.{what}"),
        }
    }

    /// As the audit log names it.
    pub(super) fn target(&self) -> String {
        match self {
            Self::Provider(name) => format!("provider:{name}"),
            Self::Source(slug) => format!("source:{slug}"),
        }
    }
}
