//! Labels for providers, keys and problems.

use crate::api::types::{FileProblem, KeyState, ProviderView};
use crate::components::Glyph;
use crate::dom;
use crate::format::{key_variable, key_word, previous_kept};
use waypost_routing::catalog::{Layer, ProviderKind};

/// One of a kind: `gateway`.
pub(super) fn kind_word(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Gateway => "gateway",
        ProviderKind::OpenaiCompatible => "direct",
    }
}

/// The drawing of a kind.
pub(super) fn kind_glyph(kind: ProviderKind) -> Glyph {
    match kind {
        ProviderKind::Gateway => Glyph::Gateway,
        ProviderKind::OpenaiCompatible => Glyph::Direct,
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

/// The headers that an entry sets and the one in its place does not: ` Drops headers: x-team.`
pub(super) fn drops_headers<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    match names.is_empty() {
        true => String::new(),
        false => [" Drops headers: ", &names.join(", "), "."].concat(),
    }
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
    let now = match (view.key.state, key_variable(&view.key)) {
        (KeyState::Configured, Some(variable)) => {
            format!("{}: Configured, from {variable}", view.name)
        }
        (state, _) => format!("{}: {}", view.name, key_word(state, false)),
    };
    match &view.key.previous {
        None => [&*now, "."].concat(),
        Some(previous) => {
            let kept = previous_kept(previous, &dom::local_time(previous.until));
            [&*now, "; ", &kept, "."].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::FileSeverity;
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
