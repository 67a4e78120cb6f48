//! The names under which other programs may write keys into a secrets backend that they share.

use waypost_routing::base_url::BaseUrl;
use waypost_routing::catalog::Layer;
use waypost_routing::credential::{provider_secret, source_auth_secret};
use waypost_routing::snapshot::Snapshot;
use waypost_secrets::EntryNames;

/// The names of the keys of all providers and sources. A key without an origin belongs to the one
/// that the providers file or the built-in catalog gives its entry, never to one that was entered
/// in the dashboard.
pub(super) fn entry_names(snapshot: &Snapshot) -> EntryNames {
    let mut names = EntryNames::new();
    // Built-in entries come first, then those of the file.
    for entry in &snapshot.providers {
        let origin = names.entry(provider_secret(&entry.name)).or_default();
        if entry.layer != Layer::Workspace
            && let Ok(base_url) = BaseUrl::parse(&entry.base_url)
        {
            *origin = Some(base_url.origin());
        }
    }
    let slugs = snapshot.sources.iter().map(|source| &source.slug);
    names.extend(slugs.map(|slug| (source_auth_secret(slug), None)));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::builtin_catalog::builtin;
    use waypost_routing::source::SourceEntry;

    #[test]
    fn an_entry_of_the_workspace_gives_no_origin_to_anothers_key() {
        let mut providers = builtin();
        let openrouter = providers
            .iter()
            .find(|entry| entry.name == "openrouter")
            .unwrap()
            .clone();
        let with = |name: &str, layer, base_url: &str| {
            let mut entry = openrouter.clone();
            (entry.name, entry.layer, entry.base_url) =
                (name.to_owned(), layer, base_url.to_owned());
            entry
        };
        providers.push(with("groq", Layer::UserLocal, "https://groq.example/v1"));
        providers.push(with("openrouter", Layer::Workspace, "https://evil.example"));
        providers.push(with("own", Layer::Workspace, "https://own.example"));
        let source: SourceEntry = serde_json::from_value(serde_json::json!({
            "slug": "lab", "name": "Lab", "base_url": "https://lab.example", "passthrough": false,
        }))
        .unwrap();
        let names = entry_names(&Snapshot {
            providers,
            sources: vec![source],
            ..Snapshot::default()
        });
        let origin = |name: &str| names[name].as_deref();
        assert_eq!(origin("openrouter/api-key"), Some("https://openrouter.ai"));
        assert_eq!(origin("groq/api-key"), Some("https://groq.example"));
        assert_eq!(origin("own/api-key"), None);
        assert_eq!(origin("sources/lab/auth-value"), None);
    }
}
