//! The subagents of an agent.

use super::reader::{Reader, join};
use super::{AgentModel, Expectation, expectation, model};
use crate::codes;
use crate::yaml::{Node, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A subagent, as far as routing asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subagent {
    /// Its model.
    #[serde(default)]
    pub model: AgentModel,
    /// What the route of its primary must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expectation>,
}

/// The longest alias, in characters.
const MAX_ALIAS: usize = 64;

/// Reads the subagents. A list is the form of another product, which gives subagents no models.
pub(super) fn read(reader: &mut Reader, value: Option<&Node>) -> BTreeMap<String, Subagent> {
    let mut subagents = BTreeMap::new();
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return subagents;
    };
    if matches!(value.value(), Value::Sequence(_)) {
        reader.warn(
            "subagents",
            codes::UNKNOWN_FIELD,
            "Ignored: a list of subagents says nothing about their models. Write a mapping of \
             aliases to subagents.",
            value.position(),
        );
        return subagents;
    }
    let wanted = "a mapping of aliases to subagents";
    let Some(block) = reader.mapping("subagents", wanted, value) else {
        return subagents;
    };
    reader.check_repeated_names("subagents", block);
    for (key, value) in block.iter() {
        let alias = key.label();
        let path = join("subagents", &alias);
        let Some(alias) = reader.text(&path, codes::INVALID_ALIAS, key) else {
            continue;
        };
        if let Some(message) = alias_fault(alias) {
            reader.error(&path, codes::INVALID_ALIAS, message, key.position());
            continue;
        }
        let subagent = read_one(reader, &path, value);
        subagents.insert(alias.to_owned(), subagent);
    }
    subagents
}

fn read_one(reader: &mut Reader, path: &str, value: &Node) -> Subagent {
    if value.is_null() {
        return Subagent::default();
    }
    let Some(fields) = reader.mapping(path, "a mapping with `model`", value) else {
        return Subagent::default();
    };
    reader.check_repeated(path, fields, &["model", "expect"]);
    // As at the top of the document, other keys are the subagent's own affair. These, though, look
    // as if they had an effect.
    for (key, _) in fields.iter() {
        if let Some(name @ ("gateways" | "subagents" | "sources")) = key.as_text() {
            let message = format!("Ignored: `{name}` is only allowed at the top of the document.");
            reader.warn(path, codes::UNKNOWN_FIELD, message, key.position());
        }
    }
    Subagent {
        model: model::read(reader, &join(path, "model"), fields.get("model")),
        expect: expectation::read(reader, &join(path, "expect"), fields.get("expect")),
    }
}

/// What keeps an alias from being the end of the string `<model>::subagent::<alias>`.
fn alias_fault(alias: &str) -> Option<&'static str> {
    if alias.is_empty() {
        Some("The alias is empty.")
    } else if alias.chars().count() > MAX_ALIAS {
        Some("The alias is longer than 64 characters.")
    } else if alias.trim() != alias {
        Some("The alias must not begin or end with white space.")
    } else if alias.contains("::") || alias.contains('/') || alias.chars().any(char::is_control) {
        Some("The alias must not contain `::`, `/` or control characters.")
    } else {
        None
    }
}
