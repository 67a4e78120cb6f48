//! Completions of the typed ref.

use std::collections::BTreeSet;
use waypost_routing::snapshot::Snapshot;

/// How many are offered at once.
const MOST: usize = 6;

/// Known refs and prefixes (`openrouter/`) that start with the input or contain it.
pub(super) fn suggestions(snapshot: &Snapshot, typed: &str) -> Vec<String> {
    let wanted = typed.to_lowercase();
    let fits = |name: &String| {
        let name = name.to_lowercase();
        name != wanted && !wanted.starts_with(&name)
    };
    let (begin, contain): (Vec<String>, Vec<String>) = known(snapshot)
        .into_iter()
        .filter(fits)
        .filter(|name| name.to_lowercase().contains(&wanted))
        .partition(|name| name.to_lowercase().starts_with(&wanted));
    begin.into_iter().chain(contain).take(MOST).collect()
}

fn known(snapshot: &Snapshot) -> BTreeSet<String> {
    let providers = snapshot.providers.iter().flat_map(|entry| {
        let models = entry
            .notable_models
            .iter()
            .map(|model| format!("{}/{model}", entry.name));
        std::iter::once(format!("{}/", entry.name)).chain(models)
    });
    let sources = snapshot
        .sources
        .iter()
        .map(|source| format!("{}/", source.slug));
    providers
        .chain(sources)
        .chain(snapshot.default_model.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::suggestions;
    use waypost_routing::snapshot::Snapshot;
    use waypost_routing::source::SourceEntry;

    fn snapshot() -> Snapshot {
        let source = |slug: &str| SourceEntry {
            slug: slug.into(),
            name: slug.into(),
            base_url: String::new(),
            auth_header: None,
            headers: vec![],
            passthrough: false,
        };
        Snapshot {
            default_model: Some("openrouter/moonshotai/kimi-k2".into()),
            sources: vec![source("local"), source("my-open-gateway")],
            ..Snapshot::default()
        }
    }

    #[test]
    fn those_that_begin_so_come_first() {
        assert_eq!(
            suggestions(&snapshot(), "Open"),
            ["openrouter/moonshotai/kimi-k2", "my-open-gateway/"]
        );
    }

    #[test]
    fn what_is_typed_already_is_not_offered() {
        assert!(suggestions(&snapshot(), "local/").is_empty());
        assert!(suggestions(&snapshot(), "local/llama").is_empty());
        assert!(suggestions(&snapshot(), "openrouter/moonshotai/kimi-k2").is_empty());
    }
}
