//! The one table of routes: which page is at an address.
//!
//! The router would make a type of each route, and code of each type: a sixth of the first download.

use crate::base_path;

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// Not a page: leads to the first tab of Models.
    Start,
    Gateways,
    Direct,
    Catalog,
    Sources,
    NewSource,
    Source,
    Agents,
    NewAgent,
    Agent,
    Requests,
    Preview,
    Activity,
    Settings,
    Unknown,
}

impl Page {
    /// The page at an address. [`Path`](crate::paths::Path) writes exactly these addresses.
    pub(super) fn at(pathname: &str) -> Self {
        let pathname = base_path::strip(pathname);
        let pathname = pathname.strip_suffix('/').unwrap_or(pathname);
        let segments: Vec<&str> = pathname.split('/').skip(1).collect();
        match segments.as_slice() {
            [] | ["models" | "sign-in"] => Self::Start,
            [.., ""] => Self::Unknown,
            ["models", "gateways"] => Self::Gateways,
            ["models", "direct"] => Self::Direct,
            ["models", "catalog"] => Self::Catalog,
            ["models", "sources"] => Self::Sources,
            ["models", "sources", "new"] => Self::NewSource,
            ["models", "sources", _] => Self::Source,
            ["agents"] => Self::Agents,
            ["agents", "new"] => Self::NewAgent,
            ["agents", "named", _] => Self::Agent,
            // A request is shown beside the list.
            ["requests"] | ["requests", _] => Self::Requests,
            ["preview"] => Self::Preview,
            ["activity"] => Self::Activity,
            ["settings"] => Self::Settings,
            _ => Self::Unknown,
        }
    }

    /// Whether it is in the frame of Models.
    pub(super) fn is_in_models(self) -> bool {
        matches!(
            self,
            Self::Start
                | Self::Gateways
                | Self::Direct
                | Self::Catalog
                | Self::Sources
                | Self::NewSource
                | Self::Source
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::{ActivityFilter, CatalogFilter, Path, RequestsFilter};
    use waypost_routing::catalog::ProviderKind;

    #[test]
    fn every_path_has_a_route() {
        let paths = [
            (Path::Models, Page::Start),
            (Path::Gateways, Page::Gateways),
            (
                Path::Configure(ProviderKind::Gateway, "litellm".to_owned()),
                Page::Gateways,
            ),
            (Path::Sources, Page::Sources),
            (Path::NewSource, Page::NewSource),
            (Path::Source("local/gateway ü".to_owned()), Page::Source),
            (Path::Direct, Page::Direct),
            (
                Path::Catalog(CatalogFilter {
                    owner: "openrouter".to_owned(),
                    ..CatalogFilter::default()
                }),
                Page::Catalog,
            ),
            (Path::Agents, Page::Agents),
            (Path::ImportAgents, Page::Agents),
            (Path::NewAgent, Page::NewAgent),
            (Path::Agent("support/bot ü".to_owned()), Page::Agent),
            (
                Path::preview("openrouter/moonshotai/kimi-k2"),
                Page::Preview,
            ),
            (Path::Requests(RequestsFilter::default()), Page::Requests),
            (
                Path::Request("7f3c/9a ü".to_owned(), RequestsFilter::of_agent("bot")),
                Page::Requests,
            ),
            (Path::Activity(ActivityFilter::default()), Page::Activity),
            (Path::Settings, Page::Settings),
            (Path::SignIn, Page::Start),
        ];
        for (path, page) in paths {
            let address = path.to_string();
            let pathname = address.split('?').next().unwrap_or_default();
            assert_eq!(Page::at(pathname), page, "{address}");
        }
    }

    #[test]
    fn other_addresses_have_none() {
        for address in [
            "/models/gateways/litellm",
            "/agents/bot",
            "/agents/named",
            "/requests/a/b",
            "/models/sources/a/b",
            "/models/sources//",
            "//",
            "/Models",
        ] {
            assert_eq!(Page::at(address), Page::Unknown, "{address}");
        }
    }

    #[test]
    fn a_slash_at_the_end_changes_nothing() {
        assert_eq!(Page::at("/"), Page::Start);
        assert_eq!(Page::at("/models/"), Page::Start);
        assert_eq!(Page::at("/agents/"), Page::Agents);
        assert_eq!(Page::at("/agents/named/bot/"), Page::Agent);
    }
}
