//! The refs that an agent may send.

use super::reader::Reader;
use crate::codes;
use crate::yaml::{Node, Value};
use serde::{Deserialize, Serialize};

/// The most entries of one list.
const MAX_ENTRIES: usize = 1000;

/// The refs that an agent and its subagents may send: each entry is a ref, or a prefix such as
/// `openrouter/*` that stands for every ref below it. Without entries every ref is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct AllowedRefs(Vec<String>);

impl AllowedRefs {
    /// Whether every ref is allowed.
    #[must_use]
    pub fn is_unrestricted(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries, in the order of the document.
    #[must_use]
    pub fn entries(&self) -> &[String] {
        &self.0
    }

    /// Whether a ref is allowed. Letters count in the case in which they are written, as in refs.
    #[must_use]
    pub fn allow(&self, model_ref: &str) -> bool {
        self.is_unrestricted()
            || self.0.iter().any(|entry| match entry.strip_suffix('*') {
                Some(prefix) if prefix.ends_with('/') => {
                    model_ref.len() > prefix.len() && model_ref.starts_with(prefix)
                }
                _ => entry == model_ref,
            })
    }
}

impl From<Vec<String>> for AllowedRefs {
    fn from(entries: Vec<String>) -> Self {
        Self(entries)
    }
}

/// Reads the list. An empty one is refused, because it reads both as "none" and as "all".
pub(super) fn read(reader: &mut Reader, value: Option<&Node>) -> AllowedRefs {
    const PATH: &str = "allow";
    const WANTED: &str = "a list of refs, such as `litellm/gpt-4o` or `openrouter/*`";
    let Some(value) = value else {
        return AllowedRefs::default();
    };
    let Value::Sequence(items) = value.value() else {
        reader.wrong_kind(PATH, codes::INVALID_FIELD, WANTED, value);
        return AllowedRefs::default();
    };
    let mut fault = |message: &str, node: &Node, path: &str| {
        reader.error(path, codes::INVALID_FIELD, message, node.position());
    };
    if items.is_empty() {
        fault(
            "The list is empty. Leave `allow` out to allow every ref.",
            value,
            PATH,
        );
    }
    if items.len() > MAX_ENTRIES {
        fault("The list has more than 1,000 entries.", value, PATH);
        return AllowedRefs::default();
    }
    let mut entries = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{PATH}[{index}]");
        let Some(entry) = reader.filled(&path, codes::INVALID_FIELD, item) else {
            continue;
        };
        match entry_fault(entry) {
            Some(message) => reader.error(&path, codes::INVALID_FIELD, message, item.position()),
            None => entries.push(entry.to_owned()),
        }
    }
    AllowedRefs(entries)
}

fn entry_fault(entry: &str) -> Option<&'static str> {
    if entry.trim() != entry || entry.chars().any(char::is_control) {
        return Some("A ref must not begin or end with white space or contain control characters.");
    }
    if matches!(entry, "*" | "/*") {
        return Some("This would allow every ref. Leave `allow` out for that.");
    }
    // `gpt-*` would look as if it allowed more than the one model of that very name.
    let wildcard = entry.strip_suffix('*')?;
    (!wildcard.ends_with('/')).then_some("A `*` may only follow a `/`, as in `openrouter/*`.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::read_agent;

    fn problems(allow: &str) -> Vec<String> {
        let reading = read_agent(&format!("name: a\nallow: {allow}\n"));
        let lines = reading.problems.iter().map(|problem| {
            let (line, column) = (problem.line, problem.column);
            let (code, path) = (problem.code, &problem.path);
            format!("{code} {path} {line}:{column} {}", problem.message)
        });
        lines.collect()
    }

    #[test]
    fn an_entry_allows_its_ref_or_all_below_its_prefix() {
        let refs = AllowedRefs(vec!["litellm/gpt-4o".into(), "openrouter/*".into()]);
        for allowed in ["litellm/gpt-4o", "openrouter/a", "openrouter/a/b"] {
            assert!(refs.allow(allowed), "{allowed}");
        }
        for refused in [
            "",
            "litellm/gpt-4o-mini",
            "litellm/GPT-4o",
            "gpt-4o",
            "openrouter",
            "openrouter/",
            "openrouter2/a",
            "x/openrouter/a",
            "OpenRouter/a",
        ] {
            assert!(!refs.allow(refused), "{refused}");
        }
        assert!(AllowedRefs::default().allow("anything"));
    }

    #[test]
    fn the_list_is_read_and_written_as_it_stands() {
        let agent = read_agent("name: a\nallow: [litellm/gpt-4o, 'openrouter/*']\n")
            .agent
            .unwrap();
        assert_eq!(agent.allow.entries(), ["litellm/gpt-4o", "openrouter/*"]);
        let json = serde_json::to_value(&agent).unwrap();
        assert_eq!(
            json["allow"],
            serde_json::json!(["litellm/gpt-4o", "openrouter/*"])
        );
        let unrestricted = read_agent("name: a\n").agent.unwrap();
        assert!(
            serde_json::to_value(&unrestricted)
                .unwrap()
                .get("allow")
                .is_none()
        );
    }

    #[test]
    fn faults_are_reported_with_their_place() {
        let kind = "a list of refs, such as `litellm/gpt-4o` or `openrouter/*`";
        assert_eq!(
            problems("litellm/gpt-4o"),
            [format!(
                "invalid_field allow 2:8 This must be {kind}, not a string."
            )]
        );
        assert_eq!(
            problems("~"),
            [format!(
                "invalid_field allow 2:8 This must be {kind}, not nothing. Leave it out or give it a value."
            )]
        );
        assert_eq!(
            problems("[]"),
            ["invalid_field allow 2:8 The list is empty. Leave `allow` out to allow every ref."]
        );
        assert_eq!(
            problems("[ok, 7, '', ' a', '*', 'gpt-*']"),
            [
                "invalid_field allow[1] 2:13 This must be a string, not a number. Write it in quotes.",
                "invalid_field allow[2] 2:16 This is empty. Leave it out or give it a value.",
                "invalid_field allow[3] 2:20 A ref must not begin or end with white space or contain control characters.",
                "invalid_field allow[4] 2:26 This would allow every ref. Leave `allow` out for that.",
                "invalid_field allow[5] 2:31 A `*` may only follow a `/`, as in `openrouter/*`.",
            ]
        );
        let long = format!("[{}]", vec!["a"; 1001].join(", "));
        assert_eq!(
            problems(&long),
            ["invalid_field allow 2:8 The list has more than 1,000 entries."]
        );
    }
}
