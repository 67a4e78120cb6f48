//! Model ids as real servers list them: paths that refs have no grammar for, patterns that stand for
//! many models, and prefixes that mean nothing to a client.

use crate::display_text::display_text;
use crate::model_ref::ModelRef;

/// Whether an id that its owner lists is a pattern, such as LiteLLM's `openai/*` or `*`.
#[must_use]
pub fn is_pattern(id: &str) -> bool {
    id.contains('*')
}

/// Whether a model string is a pattern, listed or not: `*` alone or as the last part. Elsewhere a
/// `*` may be part of a name.
#[must_use]
pub fn is_pattern_form(model: &str) -> bool {
    model == "*" || model.ends_with("/*")
}

/// Whether a pattern stands for an id: each `*` for any characters, at least one.
#[must_use]
pub fn covers(pattern: &str, id: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| id.strip_prefix(start)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        // The `*` before this part takes one character at least.
        let Some(first) = rest.chars().next().map(char::len_utf8) else {
            return false;
        };
        if parts.peek().is_none() {
            return rest[first..].ends_with(part);
        }
        match rest[first..].find(part) {
            Some(at) => rest = &rest[first + at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Whether routing must know of a model although it is plainly enabled: no ref to it is well-formed
/// (`/srv/models/x`, `a//b`, `x/`), or it is a pattern.
#[must_use]
pub fn must_be_known(id: &str) -> bool {
    is_pattern(id) || ModelRef::parse(id).is_err()
}

/// What a list of models says of an id that people trip over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdNote {
    /// It is a pattern.
    Pattern,
    /// Google lists its ids with `models/` before them.
    GooglePrefix,
}

impl IdNote {
    /// The note of an id, if it has one.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        if is_pattern(id) {
            return Some(Self::Pattern);
        }
        id.starts_with("models/").then_some(Self::GooglePrefix)
    }

    /// The note in a few words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Pattern => "pattern",
            Self::GooglePrefix => "`models/` is optional",
        }
    }

    /// The note in whole sentences.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Pattern => "Stands for every model that it covers. Name one of those in refs.",
            Self::GooglePrefix => {
                "Google lists ids with `models/` before them. Its API takes this model with and \
                 without it."
            }
        }
    }
}

/// Why a pattern cannot be requested.
pub(crate) fn pattern_message(model: &str) -> String {
    format!(
        "`{}` is a pattern, which stands for many models. Name one of them.",
        display_text(model, 120)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_the_ids_that_fit_it() {
        for (pattern, id) in [
            ("*", "gpt-4o"),
            ("*", "a/b/c"),
            ("openai/*", "openai/gpt-4o"),
            ("openai/*", "openai/a/b"),
            ("gpt-*", "gpt-4o"),
            ("*/gpt-4o", "openai/gpt-4o"),
            ("bedrock/*/claude-*", "bedrock/eu/claude-4"),
            ("a*a", "aba"),
            ("*é*", "aéb"),
            ("gpt-4o", "gpt-4o"),
        ] {
            assert!(covers(pattern, id), "{pattern} {id}");
        }
        for (pattern, id) in [
            ("*", ""),
            ("openai/*", "openai/"),
            ("openai/*", "openai"),
            ("openai/*", "OpenAI/gpt-4o"),
            ("openai/*", "x/openai/gpt-4o"),
            ("gpt-*", "my-gpt-4o"),
            ("bedrock/*/claude-*", "bedrock/claude-4"),
            ("a*a", "aa"),
            ("gpt-4o", "gpt-4o-mini"),
            ("*é", "é"),
        ] {
            assert!(!covers(pattern, id), "{pattern} {id}");
        }
    }

    #[test]
    fn routing_must_know_what_the_grammar_refuses_and_patterns() {
        for id in [
            "/srv/models/x",
            "a//b",
            "x/",
            "./models/ x",
            "a/ b",
            "openai/*",
            "*",
            "gpt-*",
        ] {
            assert!(must_be_known(id), "{id}");
        }
        for id in [
            "gpt-4o",
            "models/gemini-2.5-flash",
            "C:\\models\\x.gguf",
            "accounts/fireworks/models/a",
            "llama3.2:3b",
            "@cf/meta/llama",
            "my model",
        ] {
            assert!(!must_be_known(id), "{id}");
        }
    }

    #[test]
    fn googles_ids_and_patterns_have_a_note() {
        for (id, note) in [
            ("models/gemini-2.5-flash", Some(IdNote::GooglePrefix)),
            ("openai/*", Some(IdNote::Pattern)),
            ("models/*", Some(IdNote::Pattern)),
            ("accounts/fireworks/models/a", None),
            ("gpt-4o", None),
        ] {
            assert_eq!(IdNote::of(id), note, "{id}");
        }
        assert!(IdNote::GooglePrefix.message().contains("`models/`"));
    }
}
