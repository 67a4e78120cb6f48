//! Web pages that people paste in place of an API: documentation, consoles, a gateway's own pages.

use super::is_version;
use super::known::{self, KNOWN};

/// Sites that serve pages only, and whose API has no one address.
const SITES: [&str; 9] = [
    "ai.azure.com",
    "dash.cloudflare.com",
    "developers.cloudflare.com",
    "docs.aws.amazon.com",
    "github.com",
    "learn.microsoft.com",
    "oai.azure.com",
    "portal.azure.com",
    "www.npmjs.com",
];

/// The first labels of hosts whose pages are documentation.
const LABELS: [&str; 4] = ["docs.", "learn.", "help.", "developers."];

/// Parts of a path that only pages have.
const SEGMENTS: [&str; 11] = [
    "api-docs",
    "api-reference",
    "docs",
    "documentation",
    "openapi.json",
    "quickstart",
    "redoc",
    "swagger",
    "swagger-ui",
    "swagger.json",
    "ui",
];

/// The pages of OpenRouter's site, which has the host of its API.
const OPENROUTER: [&str; 9] = [
    "activity", "apps", "chat", "credits", "docs", "keys", "models", "rankings", "settings",
];

/// Whether what follows the scheme is a page: `Some` with the address of its API, where that is
/// known.
pub(super) fn api_of(scheme: &str, rest: &str) -> Option<Option<String>> {
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.split(':').next().unwrap_or(authority);
    let host = host.to_ascii_lowercase();
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_one_of =
        |name: &str, names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if let Some(known) = known::by_site(&host) {
        return Some(Some(["https://", known.base].concat()));
    }
    let first = segments.first().copied().unwrap_or_default();
    if host == "openrouter.ai" && is_one_of(first, &OPENROUTER) {
        return Some(KNOWN.iter().find_map(|known| {
            known
                .base
                .starts_with(&host)
                .then(|| ["https://", known.base].concat())
        }));
    }
    if SITES.contains(&host.as_str()) {
        return Some(None);
    }
    // A base URL may have any path, as long as it ends like one.
    let last = segments.last()?.to_ascii_lowercase();
    if is_version(&last) || matches!(last.as_str(), "openai" | "compat") {
        return None;
    }
    let is_file = [".html", ".htm", ".md", ".php", ".aspx"]
        .iter()
        .any(|ending| last.ends_with(ending));
    let is_docs = LABELS.iter().any(|label| host.starts_with(label));
    let segment = segments.iter().position(|part| is_one_of(part, &SEGMENTS));
    match segment {
        Some(at) if !is_docs => {
            let before = segments[..at].iter().map(|part| ["/", part].concat());
            let before: String = before.collect();
            Some(Some([scheme, "://", authority, &before].concat()))
        }
        _ => (is_docs || is_file).then_some(None),
    }
}
