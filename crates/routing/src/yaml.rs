//! YAML with positions: the small tree that the providers file and agent documents are read from.
//!
//! The reading is YAML 1.2 with the core schema, so that `yes` is a text and `123` is a number. It
//! is meant for files that people paste in: size, nesting and number of nodes are bounded. An alias
//! shares its node instead of copying it, and its nodes count at each of its places, so that no
//! document grows beyond the limit while it is read. Merge keys (`<<`) work as in YAML 1.1, because
//! files use them. What a duplicate key means is left to the reader of the document, which can name
//! what it is.

mod build;
mod scalar;

use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

/// The longest document that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// How deep lists and mappings may nest.
pub const MAX_DEPTH: usize = 64;

/// The most nodes that a document may have, those of an alias counted wherever it is used.
pub const MAX_NODES: usize = 200_000;

/// A place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl Position {
    /// Where a document begins.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place directly after the given text, counted as the YAML reader counts: a line ends
    /// with LF, CR or both.
    #[must_use]
    pub fn after(text: &str) -> Self {
        let mut position = Self::START;
        let mut previous = None;
        for character in text.chars() {
            match (previous, character) {
                (Some('\r'), '\n') => {}
                (_, '\n' | '\r') => {
                    position.line = position.line.saturating_add(1);
                    position.column = 1;
                }
                // A byte order mark takes no room.
                (None, '\u{feff}') => {}
                _ => position.column = position.column.saturating_add(1),
            }
            previous = Some(character);
        }
        position
    }
}

/// Why a text is no document that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    message: String,
    position: Position,
}

impl YamlError {
    fn new(message: impl Into<String>, position: Position) -> Self {
        Self {
            message: message.into(),
            position,
        }
    }

    /// The stable code: `yaml_syntax`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        crate::codes::YAML_SYNTAX
    }

    /// What is wrong, in whole sentences. It never repeats the text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it is wrong.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }
}

impl fmt::Display for YamlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(formatter, "line {line}, column {column}: {}", self.message)
    }
}

impl std::error::Error for YamlError {}

/// One value of a document, with the place where it stands. A value that an alias refers to
/// stands at the alias.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    position: Position,
    value: Rc<Value>,
}

/// What a node holds. A number keeps its text, because only whole numbers are ever wanted and
/// their readers have their own ranges.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number, as it is written.
    Integer(String),
    /// Another number, as it is written.
    Float(String),
    /// A text, quoted or plain.
    Text(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping.
    Mapping(Mapping),
}

impl Node {
    /// Where the value stands.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether there is nothing here.
    #[must_use]
    pub fn is_null(&self) -> bool {
        *self.value == Value::Null
    }

    /// The text, where the value is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &*self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The mapping, where the value is one.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &*self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// What the value is, with its article, for a message.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &*self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Text(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// How a key that should be a text is named in a message or path. Lists and mappings have no
    /// short name, so theirs is empty.
    #[must_use]
    pub fn label(&self) -> String {
        match &*self.value {
            Value::Null => "~".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Integer(text) | Value::Float(text) | Value::Text(text) => text.clone(),
            Value::Sequence(_) | Value::Mapping(_) => String::new(),
        }
    }
}

/// The pairs of a mapping, in the order of the document, repeated keys included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    pairs: Vec<(Node, Node)>,
}

impl Mapping {
    /// Every key with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&Node, &Node)> {
        self.pairs.iter().map(|(key, value)| (key, value))
    }

    /// The first value under a key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.iter()
            .find(|(key, _)| key.as_text() == Some(name))
            .map(|(_, value)| value)
    }

    /// The keys that stood before in the same mapping, each where it stands again. Only keys that
    /// are texts are compared; others are no names to begin with.
    #[must_use]
    pub fn repeated_keys(&self) -> Vec<&Node> {
        let mut seen = BTreeSet::new();
        self.iter()
            .filter(|(key, _)| key.as_text().is_some_and(|name| !seen.insert(name)))
            .map(|(key, _)| key)
            .collect()
    }
}

/// Reads one document. An empty text is a document that holds nothing.
///
/// # Errors
/// Text that is no YAML, more than one document, control characters, tags other than those of the
/// core schema, and anything over the limits of this module.
pub fn parse(text: &str) -> Result<Node, YamlError> {
    if text.len() > MAX_BYTES {
        return Err(YamlError::new(
            format!("The document is longer than {} MiB.", MAX_BYTES >> 20),
            Position::START,
        ));
    }
    // The parser takes a NUL for the end of the text and would leave the rest unread in silence.
    if let Some(at) = text.find(is_unprintable) {
        return Err(YamlError::new(
            "The document contains a control character. Write it as an escape in double quotes.",
            Position::after(&text[..at]),
        ));
    }
    build::build(text)
}

/// Characters that YAML 1.2 does not allow in a document.
fn is_unprintable(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        _ => character.is_control(),
    }
}

#[cfg(test)]
mod tests;
