//! Replacing a model in an agent's document, and nothing else of it: comments, order and quotes stay
//! as they are.

use crate::agent::{Agent, AgentModel, AllowedRefs, read_agent};
use crate::export::yaml_text;
use crate::yaml::{self, Node, Position, Value};
use std::fmt;

/// A document in which a model was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The document.
    pub yaml: String,
    /// The agent that it describes.
    pub agent: Agent,
    /// Where the model was replaced, in the order of the document.
    pub places: Vec<Place>,
}

/// A place in a document that names a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The subagent's alias; `None` for the agent itself.
    pub subagent: Option<String>,
    /// Which of its fields.
    pub field: Field,
}

/// A field that names models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `model.primary`.
    Primary,
    /// `model.fallback`.
    Fallback,
    /// An entry of `allow`.
    Allow,
}

impl Field {
    /// The name in the document.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Fallback => "fallback",
            Self::Allow => "allow",
        }
    }
}

/// Why a model cannot be replaced in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplaceError {
    /// The document has errors.
    InvalidDocument,
    /// No place names the model.
    NotUsed,
    /// A place is written in a form that cannot be edited alone: an alias, an anchor, a tag, a text
    /// over several lines, or the older form with `gateway`.
    UnsupportedForm(Position),
}

impl fmt::Display for ReplaceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidDocument => formatter.write_str("the document has errors"),
            Self::NotUsed => formatter.write_str("the document does not name the model"),
            Self::UnsupportedForm(position) => write!(
                formatter,
                "line {} names the model in a form that must be edited by hand",
                position.line
            ),
        }
    }
}

impl std::error::Error for ReplaceError {}

/// Replaces a model wherever the agent, its subagents and its list of allowed refs name exactly this
/// ref. Patterns in the list stay, and so does the expected route.
///
/// # Errors
/// If no place names the model, or one cannot be edited alone.
pub fn replace_model(text: &str, from: &str, to: &str) -> Result<Replacement, ReplaceError> {
    let before = read_agent(text)
        .agent
        .ok_or(ReplaceError::InvalidDocument)?;
    let document = yaml::parse(text).map_err(|_| ReplaceError::InvalidDocument)?;
    let mut finder = Finder {
        from,
        to,
        found: Vec::new(),
    };
    let mut after = before.clone();
    let top = document.as_mapping().ok_or(ReplaceError::InvalidDocument)?;
    finder.model(None, top.get("model"), &mut after.model)?;
    let subagents = top.get("subagents").and_then(Node::as_mapping);
    for (key, value) in subagents.into_iter().flat_map(|mapping| mapping.iter()) {
        let Some(alias) = key.as_text() else { continue };
        let model = value.as_mapping().and_then(|fields| fields.get("model"));
        if let Some(subagent) = after.subagents.get_mut(alias) {
            finder.model(Some(alias), model, &mut subagent.model)?;
        }
    }
    finder.allowed(top.get("allow"), &mut after.allow);
    let mut found = finder.found;
    if found.is_empty() {
        return Err(ReplaceError::NotUsed);
    }
    found.sort_by_key(|found| found.position);
    let yaml = edited(text, &found, to)?;
    // Whatever the text looks like: it must read as the agent that is meant.
    if read_agent(&yaml).agent.as_ref() != Some(&after) {
        return Err(ReplaceError::UnsupportedForm(found[0].position));
    }
    Ok(Replacement {
        yaml,
        agent: after,
        places: found.into_iter().map(|found| found.place).collect(),
    })
}

struct Found {
    place: Place,
    position: Position,
    /// The text of the value there.
    written: String,
}

struct Finder<'a> {
    from: &'a str,
    to: &'a str,
    found: Vec<Found>,
}

impl Finder<'_> {
    fn model(
        &mut self,
        subagent: Option<&str>,
        node: Option<&Node>,
        model: &mut AgentModel,
    ) -> Result<(), ReplaceError> {
        let Some(fields) = node.and_then(Node::as_mapping) else {
            return Ok(());
        };
        let refs = [
            (
                Field::Primary,
                model.primary_ref().map(|text| text.into_owned()),
            ),
            (
                Field::Fallback,
                model.fallback_ref().map(|text| text.into_owned()),
            ),
        ];
        for (field, model_ref) in refs {
            if model_ref.as_deref() != Some(self.from) {
                continue;
            }
            let Some(value) = fields.get(field.name()) else {
                continue;
            };
            // Below the older form's gateway only a ref of that gateway stays what it is.
            let is_below = |gateway: &String| {
                let rest = self.to.strip_prefix(gateway.as_str());
                rest.is_some_and(|rest| rest.starts_with('/'))
            };
            if !model.gateway.as_ref().is_none_or(is_below) {
                return Err(ReplaceError::UnsupportedForm(value.position()));
            }
            let to = Some(self.to.to_owned());
            match field {
                Field::Primary => model.primary = to,
                Field::Fallback | Field::Allow => model.fallback = to,
            }
            self.add(subagent, field, value);
        }
        Ok(())
    }

    fn allowed(&mut self, node: Option<&Node>, allow: &mut AllowedRefs) {
        let Some(Value::Sequence(items)) = node.map(Node::value) else {
            return;
        };
        for item in items {
            if item.as_text() == Some(self.from) {
                self.add(None, Field::Allow, item);
            }
        }
        let entries = allow
            .entries()
            .iter()
            .map(|entry| match entry == self.from {
                true => self.to.to_owned(),
                false => entry.clone(),
            });
        *allow = entries.collect::<Vec<_>>().into();
    }

    fn add(&mut self, subagent: Option<&str>, field: Field, value: &Node) {
        self.found.push(Found {
            place: Place {
                subagent: subagent.map(str::to_owned),
                field,
            },
            position: value.position(),
            written: value.as_text().unwrap_or_default().to_owned(),
        });
    }
}

/// The text with every found value replaced.
fn edited(text: &str, found: &[Found], to: &str) -> Result<String, ReplaceError> {
    let mut edited = String::with_capacity(text.len() + found.len() * to.len());
    let mut done = 0;
    for found in found {
        let unsupported = ReplaceError::UnsupportedForm(found.position);
        let start = offset(text, found.position).ok_or(unsupported)?;
        let rest = &text[start..];
        let (length, value) = scalar(rest, &found.written, to).ok_or(unsupported)?;
        // Two aliases may stand for one value.
        let between = text.get(done..start).ok_or(unsupported)?;
        edited.push_str(between);
        edited.push_str(&value);
        done = start + length;
    }
    edited.push_str(&text[done..]);
    Ok(edited)
}

/// The length of the scalar that a text begins with, and another value in the same quotes. `None` if
/// it is not this value on one line.
fn scalar(text: &str, written: &str, to: &str) -> Option<(usize, String)> {
    for quote in ['"', '\''] {
        let quoted = format!("{quote}{written}{quote}");
        if text.starts_with(&quoted) {
            let is_plain = to.chars().all(|letter| letter.is_ascii_graphic())
                && !to.contains(['"', '\'', '\\']);
            let value = match is_plain {
                true => format!("{quote}{to}{quote}"),
                false => yaml_text(to),
            };
            return Some((quoted.len(), value));
        }
    }
    text.starts_with(written)
        .then(|| (written.len(), yaml_text(to)))
}

/// The byte at a position.
fn offset(text: &str, position: Position) -> Option<usize> {
    let mut at = Position::START;
    let mut previous = None;
    for (place, character) in text.char_indices() {
        let is_second_half = previous == Some('\r') && character == '\n';
        if at >= position && !is_second_half {
            return Some(place);
        }
        match character {
            '\n' if is_second_half => {}
            '\n' | '\r' => {
                at.line = at.line.saturating_add(1);
                at.column = 1;
            }
            '\u{feff}' if previous.is_none() => {}
            _ => at.column = at.column.saturating_add(1),
        }
        previous = Some(character);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "openrouter/x/old";
    const TO: &str = "litellm/new";

    fn replaced(text: &str) -> Result<String, ReplaceError> {
        replace_model(text, FROM, TO).map(|replacement| replacement.yaml)
    }

    #[test]
    fn only_the_refs_change() {
        let before = "# The bot.\nname: bot   # keep\nmodel:\n  primary:  openrouter/x/old # why\n  \
                      fallback: 'openrouter/x/old'\n  temperature: 0.2\nsubagents:\n  \
                      w: { model: { primary: \"openrouter/x/old\", max_tokens: 7 } }\n  \
                      v:\n    model:\n      primary: openrouter/x/other\nallow:\n- openrouter/*\n- \
                      openrouter/x/old\nprompt: |\n  Do not use openrouter/x/old here.\n";
        let replacement = replace_model(before, FROM, TO).unwrap();
        let after = before
            .replace("  openrouter/x/old # why", "  litellm/new # why")
            .replace("'openrouter/x/old'", "'litellm/new'")
            .replace("\"openrouter/x/old\"", "\"litellm/new\"")
            .replace("- openrouter/x/old", "- litellm/new");
        assert_eq!(replacement.yaml, after);
        let places: Vec<_> = replacement
            .places
            .iter()
            .map(|place| (place.subagent.as_deref(), place.field))
            .collect();
        assert_eq!(
            places,
            [
                (None, Field::Primary),
                (None, Field::Fallback),
                (Some("w"), Field::Primary),
                (None, Field::Allow),
            ]
        );
        assert_eq!(replacement.agent.model.primary.as_deref(), Some(TO));
    }

    #[test]
    fn line_ends_and_a_byte_order_mark_stay() {
        let before = "\u{feff}name: bot\r\nmodel:\r\n  primary: openrouter/x/old\r\n";
        let after = before.replace(FROM, TO);
        assert_eq!(replaced(before), Ok(after));
        let before = "name: bött\nmodel: {primary: openrouter/x/old}";
        assert_eq!(replaced(before), Ok(before.replace(FROM, TO)));
    }

    #[test]
    fn a_ref_that_needs_quotes_gets_them() {
        let document = "name: a\nmodel:\n  primary: openrouter/x/old\n";
        let odd = "litellm/a b: \"c\"";
        let replacement = replace_model(document, FROM, odd).unwrap();
        assert_eq!(replacement.agent.model.primary.as_deref(), Some(odd));
    }

    #[test]
    fn the_older_form_is_replaced_within_its_gateway() {
        let document = "name: a\nmodel:\n  gateway: openrouter\n  primary: x/old\n";
        let replacement = replace_model(document, FROM, "openrouter/x/new").unwrap();
        let model = replacement.agent.model;
        assert_eq!(model.primary_ref().as_deref(), Some("openrouter/x/new"));
        let error = replaced(document).unwrap_err();
        assert!(matches!(error, ReplaceError::UnsupportedForm(_)), "{error}");
    }

    #[test]
    fn what_cannot_be_edited_alone_is_refused() {
        for model in [
            "primary: &m openrouter/x/old\n  fallback: *m",
            "primary: !!str openrouter/x/old",
            "primary: \"openrouter/\\x78/old\"",
        ] {
            let error = replaced(&format!("name: a\nmodel:\n  {model}\n")).unwrap_err();
            assert!(matches!(error, ReplaceError::UnsupportedForm(_)), "{model}");
        }
    }

    #[test]
    fn a_document_without_the_model_or_with_errors_is_refused() {
        let other = "name: a\nmodel:\n  primary: openrouter/x/older\n";
        assert_eq!(replaced(other), Err(ReplaceError::NotUsed));
        let scoped = "name: a\nmodel:\n  primary: openrouter/x/old/er\n";
        assert_eq!(replaced(scoped), Err(ReplaceError::NotUsed));
        assert_eq!(replaced("model: 1"), Err(ReplaceError::InvalidDocument));
    }
}
