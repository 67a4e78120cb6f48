//! Labels for providers, keys and problems.

use crate::api::types::{FileProblem, KeyState, KeyView, ProviderView};
use crate::components::Tone;
use crate::format::age;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::catalog::{Layer, ProviderKind};

/// One of a kind: `gateway`.
pub(super) fn kind_word(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Gateway => "gateway",
        ProviderKind::OpenaiCompatible => "direct",
    }
}

/// One of a kind in a sentence: `direct provider`.
pub(super) fn kind_noun(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Gateway => "gateway",
        ProviderKind::OpenaiCompatible => "direct provider",
    }
}

/// All of a kind: `Direct providers`.
pub(super) fn kind_title(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Gateway => "Gateways",
        ProviderKind::OpenaiCompatible => "Direct providers",
    }
}

/// Where an entry comes from: `file`.
pub(super) fn layer_word(layer: Layer) -> &'static str {
    match layer {
        Layer::Builtin => "built-in",
        Layer::UserLocal => "file",
        Layer::Workspace => "workspace",
    }
}

/// The badge of a key.
pub(super) fn key_word(state: KeyState) -> &'static str {
    match state {
        KeyState::Configured => "Configured",
        KeyState::Missing => "Not configured",
        KeyState::Unknown => "Unknown",
        KeyState::NeedsReentry => "Needs re-entry",
    }
}

/// The tone of that badge.
pub(super) fn key_tone(state: KeyState) -> Tone {
    match state {
        KeyState::Configured => Tone::Ok,
        KeyState::Missing => Tone::None,
        KeyState::Unknown | KeyState::NeedsReentry => Tone::Warn,
    }
}

/// The environment variable that a key comes from.
pub(super) fn key_variable(key: &KeyView) -> Option<&str> {
    key.from.as_ref()?.env_variable()
}

/// A description of the stored key: `ends 9f2c`, `12 days`.
pub(super) fn stored_key(key: &KeyView, now: i64) -> Vec<String> {
    let hint = key.hint.as_ref().map(|hint| format!("ends {hint}"));
    let age = key
        .set_at
        .map(|at| age(now, at).unwrap_or_else(|| "set just now".to_owned()));
    hint.into_iter().chain(age).collect()
}

/// The stored key for the field that replaces it: `Current key ••••9f2c, set 12 days ago`.
pub(super) fn current_key(key: &KeyView, now: i64) -> Option<String> {
    let at = key.set_at?;
    let hint = key.hint.as_ref().map(|hint| format!(" ••••{hint}"));
    let set = age(now, at).map_or_else(|| "just now".to_owned(), |age| format!("{age} ago"));
    Some(format!(
        "Current key{}, set {set}",
        hint.unwrap_or_default()
    ))
}

/// The host of an origin.
pub(super) fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

/// The origin that a new key would be bound to.
pub(super) fn effective_origin(view: &ProviderView) -> Option<String> {
    BaseUrl::parse(&view.base_url.value)
        .ok()
        .map(|url| url.origin())
}

/// The position of a problem in the providers file: `line 9, column 15`.
pub(super) fn place(problem: &FileProblem) -> Option<String> {
    let line = problem.line?;
    Some(match problem.column {
        Some(column) => format!("line {line}, column {column}"),
        None => format!("line {line}"),
    })
}

/// The name that a provider has in announcements when its key has changed.
pub(super) fn key_changed(view: &ProviderView) -> String {
    match (view.key.state, key_variable(&view.key)) {
        (KeyState::Configured, Some(variable)) => {
            format!("{}: Configured, from {variable}.", view.name)
        }
        (state, _) => format!("{}: {}.", view.name, key_word(state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::FileSeverity;
    use waypost_routing::provenance::Provenance;

    fn key() -> KeyView {
        KeyView {
            state: KeyState::Configured,
            from: Some(Provenance::Secret("litellm/api-key".to_owned())),
            secret_name: "litellm/api-key".to_owned(),
            hint: Some("9f2c".to_owned()),
            set_at: Some(1_000),
            bound_origin: Some("http://127.0.0.1:4000".to_owned()),
            next: None,
            previous: None,
        }
    }

    #[test]
    fn a_stored_key_shows_its_end_and_its_age() {
        assert_eq!(
            stored_key(&key(), 1_000 + 12 * 86_400),
            ["ends 9f2c", "12 days"]
        );
        assert_eq!(stored_key(&key(), 1_010), ["ends 9f2c", "set just now"]);
        assert_eq!(key_variable(&key()), None);
    }

    #[test]
    fn origins_are_told_apart_by_their_host() {
        assert_eq!(host_of("https://gw.example:8443"), "gw.example:8443");
    }

    #[test]
    fn a_problem_says_where_it_stands() {
        let mut problem = FileProblem {
            severity: FileSeverity::Error,
            entry: None,
            code: "invalid_base_url".to_owned(),
            message: String::new(),
            line: Some(9),
            column: Some(15),
        };
        assert_eq!(place(&problem).as_deref(), Some("line 9, column 15"));
        problem.column = None;
        assert_eq!(place(&problem).as_deref(), Some("line 9"));
        problem.line = None;
        assert_eq!(place(&problem), None);
    }
}
