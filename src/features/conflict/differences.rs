//! The settings of a provider or source in words, and the differences between two versions.

use crate::api::types::{KeyView, NewModels, ProviderView, SourceView};
use crate::components::ConflictField;
use crate::format::names;
use waypost_routing::catalog::Layer;

/// The settings of a provider that changed since it was read.
pub fn provider_since(seen: &ProviderView, now: &ProviderView) -> Vec<Option<ConflictField>> {
    fn facts(view: &ProviderView) -> [(&'static str, String); 10] {
        let headers = view.default_headers.iter();
        let headers = headers.map(|(name, value)| [name, ": ", value].concat());
        let layer = match view.layer {
            Layer::Builtin => "built in",
            Layer::UserLocal => "the providers file",
            Layer::Workspace => "this workspace",
        };
        let entry = view.entry_base_url.as_ref();
        [
            ("Entry of", layer.to_owned()),
            ("Base URL", entry.unwrap_or(&view.base_url.value).clone()),
            ("Effective base URL", view.base_url.value.clone()),
            ("Key", key_fact(&view.key)),
            ("Key variable", view.api_key_env.clone().unwrap_or_default()),
            ("Headers", headers.collect::<Vec<_>>().join("\n")),
            ("Headers to pass on", names(&view.pass_headers, usize::MAX)),
            ("Key documentation", view.docs.clone().unwrap_or_default()),
            ("Private address", on_off(view.allow_private).to_owned()),
            ("New models", new_models_word(view.new_models).to_owned()),
        ]
    }
    differing(facts(seen), facts(now))
}

/// The settings of a source that changed since it was read.
pub fn source_since(seen: &SourceView, now: &SourceView) -> Vec<Option<ConflictField>> {
    fn facts(view: &SourceView) -> [(&'static str, String); 9] {
        let header = view.auth_header.clone();
        [
            ("Name", view.name.clone()),
            ("Base URL", view.base_url.clone()),
            ("Auth header", header.unwrap_or_default()),
            ("Auth value", key_fact(&view.key)),
            ("Static headers", names(&view.header_names, usize::MAX)),
            ("Headers to pass on", names(&view.pass_headers, usize::MAX)),
            ("Passthrough", on_off(view.passthrough).to_owned()),
            ("Private address", on_off(view.allow_private).to_owned()),
            ("New models", new_models_word(view.new_models).to_owned()),
        ]
    }
    differing(facts(seen), facts(now))
}

/// The fields that differ. If none does, a secret was entered again that looks the same.
fn differing<const N: usize>(
    seen: [(&'static str, String); N],
    now: [(&'static str, String); N],
) -> Vec<Option<ConflictField>> {
    let pairs = seen.into_iter().zip(now);
    let mut fields: Vec<_> = pairs
        .filter_map(|((label, seen), (_, now))| ConflictField::of(label, &now, &seen))
        .map(Some)
        .collect();
    if fields.is_empty() {
        fields.push(ConflictField::of("Key", "entered again", "as it was"));
    }
    fields
}

/// A description of a stored key.
pub fn key_fact(key: &KeyView) -> String {
    match (key.set_at, &key.hint) {
        (None, _) => "none".to_owned(),
        (_, None) => "stored".to_owned(),
        (_, Some(hint)) => ["ends in ", hint].concat(),
    }
}

/// A switch in a word.
pub fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// The setting for new models in words.
pub fn new_models_word(choice: NewModels) -> &'static str {
    match choice {
        NewModels::Inherit => "use workspace setting",
        NewModels::Enabled => "start enabled",
        NewModels::Disabled => "start disabled",
    }
}
