//! Collects the problems of an agent document.

use super::lines::MemberLines;
use super::{Agent, AgentProblem, AgentReading};
use crate::base_url::BaseUrl;
use crate::codes;
use crate::document::{
    base_url_message, is_inline_secret, is_unquoted_template, read_headers, shown, unexpanded,
    unexpanded_message, unknown_field,
};
use crate::problem::Severity;
use crate::yaml::{Mapping, Node, Position, Value};
use std::collections::BTreeMap;

/// The longest name of an agent, in characters.
const MAX_NAME: usize = 200;

/// What is read so far beside the agent itself.
#[derive(Default)]
pub(super) struct Reader {
    problems: Vec<AgentProblem>,
    pub(super) gateways: Vec<(String, Position)>,
    pub(super) members: Vec<MemberLines>,
    pub(super) refs: Vec<CheckedRef>,
}

/// A primary or fallback that was checked, to be checked again where models are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CheckedRef {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) position: Position,
}

/// The path of a field inside a mapping.
pub(super) fn join(path: &str, field: &str) -> String {
    match path {
        "" => field.to_owned(),
        _ => format!("{path}.{field}"),
    }
}

impl Reader {
    /// Finishes the reading. It has no agent if there was an error.
    pub(super) fn finish(mut self, agent: Option<Agent>) -> AgentReading {
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        let failed = self
            .problems
            .iter()
            .any(|problem| problem.severity == Severity::Error);
        AgentReading {
            agent: agent.filter(|_| !failed),
            sources: Vec::new(),
            problems: self.problems,
            gateways: self.gateways,
            members: self.members,
            refs: self.refs,
        }
    }

    pub(super) fn error(
        &mut self,
        path: &str,
        code: &'static str,
        message: impl Into<String>,
        position: Position,
    ) {
        self.report(Severity::Error, path, code, message, position);
    }

    pub(super) fn warn(
        &mut self,
        path: &str,
        code: &'static str,
        message: impl Into<String>,
        position: Position,
    ) {
        self.report(Severity::Warning, path, code, message, position);
    }

    fn report(
        &mut self,
        severity: Severity,
        path: &str,
        code: &'static str,
        message: impl Into<String>,
        position: Position,
    ) {
        self.problems.push(AgentProblem {
            severity,
            path: path.to_owned(),
            code,
            message: message.into(),
            line: position.line,
            column: position.column,
        });
    }

    /// Reports a value of another kind than it should be, under the code of its field.
    pub(super) fn wrong_kind(
        &mut self,
        path: &str,
        code: &'static str,
        wanted: &str,
        value: &Node,
    ) {
        let advice = match value.value() {
            Value::Null => " Leave it out or give it a value.",
            Value::Mapping(_) if is_unquoted_template(value) => {
                " Expand `{{ … }}` before you give the file to Waypost, or put it in quotes."
            }
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) if wanted == TEXT => {
                " Write it in quotes."
            }
            _ => "",
        };
        let message = format!("This must be {wanted}, not {}.{advice}", value.kind());
        self.error(path, code, message, value.position());
    }

    /// A text, where the value is one.
    pub(super) fn text<'a>(
        &mut self,
        path: &str,
        code: &'static str,
        value: &'a Node,
    ) -> Option<&'a str> {
        match value.as_text() {
            None => self.wrong_kind(path, code, TEXT, value),
            Some(text) => self.check_expanded(path, text, value.position()),
        }
        value.as_text()
    }

    /// Warns of a variable that nothing has expanded.
    fn check_expanded(&mut self, path: &str, text: &str, position: Position) {
        if let Some(form) = unexpanded(text) {
            let message = unexpanded_message(form);
            self.warn(path, codes::UNEXPANDED_VARIABLE, message, position);
        }
    }

    /// A text with something in it.
    pub(super) fn filled<'a>(
        &mut self,
        path: &str,
        code: &'static str,
        value: &'a Node,
    ) -> Option<&'a str> {
        let text = self.text(path, code, value)?;
        if text.trim().is_empty() {
            let message = "This is empty. Leave it out or give it a value.";
            self.error(path, code, message, value.position());
            return None;
        }
        Some(text)
    }

    /// A truth value, where the value is one.
    pub(super) fn bool(&mut self, path: &str, value: &Node) -> Option<bool> {
        match value.value() {
            Value::Bool(value) => Some(*value),
            _ => {
                self.wrong_kind(path, codes::INVALID_FIELD, "`true` or `false`", value);
                None
            }
        }
    }

    /// A mapping, where the value is one.
    pub(super) fn mapping<'a>(
        &mut self,
        path: &str,
        wanted: &str,
        value: &'a Node,
    ) -> Option<&'a Mapping> {
        if value.as_mapping().is_none() {
            self.wrong_kind(path, codes::INVALID_FIELD, wanted, value);
        }
        value.as_mapping()
    }

    /// A base URL in its normal form.
    pub(super) fn base_url(&mut self, path: &str, value: &Node) -> Option<String> {
        let text = self.text(path, codes::INVALID_BASE_URL, value)?;
        match BaseUrl::parse(text) {
            Ok(url) => Some(url.as_str().to_owned()),
            Err(error) => {
                let message = base_url_message(&error);
                self.error(path, error.code(), message, value.position());
                None
            }
        }
    }

    /// Headers, by name as written.
    pub(super) fn headers(&mut self, path: &str, value: &Node) -> BTreeMap<String, String> {
        let Some(mapping) = value.as_mapping() else {
            let wanted = "a mapping of names to strings";
            self.wrong_kind(path, codes::INVALID_HEADERS, wanted, value);
            return BTreeMap::new();
        };
        for (key, value) in mapping.iter() {
            let text = value.as_text().unwrap_or_default();
            self.check_expanded(path, text, key.position());
        }
        let (headers, faults) = read_headers(mapping);
        for fault in faults {
            // What is no header's name may be a mistyped pair with a secret in it.
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            let path = match fault.name.bytes().all(is_name) {
                true if !fault.name.is_empty() => join(path, &fault.name),
                _ => path.to_owned(),
            };
            self.error(&path, fault.code, fault.message, fault.position);
        }
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        headers.into_iter().map(owned).collect()
    }

    /// The agent's name, which becomes a part of addresses.
    pub(super) fn name(&mut self, value: Option<&Node>, document: Position) -> String {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            let message = "The agent needs a `name`.";
            self.error("name", codes::MISSING_NAME, message, document);
            return String::new();
        };
        let Some(name) = self.text("name", codes::INVALID_NAME, value) else {
            return String::new();
        };
        let message = if name.is_empty() {
            "The name is empty.".to_owned()
        } else if name.chars().count() > MAX_NAME {
            format!("The name is longer than {MAX_NAME} characters.")
        } else if name.trim() != name {
            "The name must not begin or end with white space.".to_owned()
        } else if name.contains('/') || name.chars().any(char::is_control) {
            "The name must not contain `/` or control characters.".to_owned()
        } else if matches!(name, "." | "..") {
            "The name must not be `.` or `..`.".to_owned()
        } else {
            return name.to_owned();
        };
        self.error("name", codes::INVALID_NAME, message, value.position());
        String::new()
    }

    /// Reports duplicates of the known keys of a mapping.
    pub(super) fn check_repeated(&mut self, path: &str, mapping: &Mapping, known: &[&str]) {
        for key in mapping.repeated_keys() {
            if let Some(name) = key.as_text().filter(|name| known.contains(name)) {
                self.repeated(&join(path, name), key);
            }
        }
    }

    /// Reports duplicate keys of a mapping of names.
    pub(super) fn check_repeated_names(&mut self, path: &str, mapping: &Mapping) {
        for key in mapping.repeated_keys() {
            self.repeated(&join(path, &key.label()), key);
        }
    }

    fn repeated(&mut self, path: &str, key: &Node) {
        let message = format!("There is more than one {} here.", shown(key));
        self.error(path, codes::DUPLICATE_FIELD, message, key.position());
    }

    /// Reports the keys of a mapping that are not known there, and known ones that stand twice.
    pub(super) fn check_fields(&mut self, path: &str, mapping: &Mapping, fields: &Fields) {
        let known = fields.known;
        for (key, _) in mapping.iter() {
            let name = key.as_text().unwrap_or_default();
            if known.contains(&name) {
                continue;
            }
            if let (true, Some((code, message))) = (is_inline_secret(name), fields.secret) {
                self.report(fields.unknown, path, code, message, key.position());
                continue;
            }
            let lead = match fields.unknown {
                Severity::Error => "Not allowed",
                Severity::Warning => "Ignored",
            };
            let message = unknown_field(lead, key, known);
            let code = codes::UNKNOWN_FIELD;
            self.report(fields.unknown, path, code, message, key.position());
        }
        self.check_repeated(path, mapping, known);
    }
}

/// The fields of a kind of mapping.
pub(super) struct Fields {
    pub(super) known: &'static [&'static str],
    /// How grave all others are.
    pub(super) unknown: Severity,
    /// The code and message of a secret that is written there.
    pub(super) secret: Option<(&'static str, &'static str)>,
}

/// The expected kind, for [`Reader::wrong_kind`].
const TEXT: &str = "a string";
