//! One entry of the providers file.

use super::FileIssue;
use crate::base_url::BaseUrl;
use crate::catalog::{Layer, ProviderEntry, ProviderKind, check_file_name, check_variable_name};
use crate::codes;
use crate::document::{
    base_url_message, is_inline_secret, is_missing, is_unquoted_template, read_headers,
    read_passed, shown, unexpanded, unexpanded_message, unknown_field,
};
use crate::problem::Severity;
use crate::time_limits::TimeLimits;
use crate::yaml::{Mapping, Node, Position, Value};
use std::collections::BTreeMap;

/// The fields that an entry may have.
const FIELDS: [&str; 9] = [
    "type",
    "base_url",
    "api_key_env",
    "default_headers",
    "pass_headers",
    "limits",
    "docs",
    "notable_models",
    "source",
];

/// The longest URL of a documentation page, and the longest model name, in bytes.
const MAX_TEXT: usize = 2048;

/// Reads an entry and reports everything that is wrong with it. What it returns where an error was
/// reported is incomplete and not to be used.
pub(super) fn read(key: &Node, value: &Node, issues: &mut Vec<FileIssue>) -> Option<ProviderEntry> {
    let name = key.label();
    let mut reader = EntryReader {
        name: &name,
        position: key.position(),
        issues,
    };
    reader.check_name(key);
    let empty = Mapping::default();
    let fields = match value.value() {
        Value::Mapping(fields) => fields,
        // An entry without any field lacks the two that it needs.
        Value::Null => &empty,
        _ => {
            let message = format!(
                "The entry must be a mapping with `base_url` and `api_key_env`, not {}.",
                value.kind()
            );
            reader.error(codes::MISSING_BASE_URL, message, value.position());
            return None;
        }
    };
    reader.check_keys(fields);
    let kind = reader.kind(fields.get("type"));
    let base_url = reader.base_url(fields.get("base_url"));
    let api_key_env = reader.api_key_env(fields.get("api_key_env"));
    let default_headers = reader.default_headers(fields.get("default_headers"));
    let pass_headers = reader.pass_headers(fields.get("pass_headers"));
    let limits = reader.limits(fields.get("limits"));
    let docs = reader.docs(fields.get("docs"));
    let notable_models = reader.notable_models(fields.get("notable_models"));
    reader.check_source(fields.get("source"));
    Some(ProviderEntry {
        name,
        kind,
        layer: Layer::UserLocal,
        base_url: base_url?.as_str().to_owned(),
        api_key_env: Some(api_key_env?),
        default_headers,
        limits,
        pass_headers,
        docs,
        notable_models,
    })
}

/// The code under which a fault of a field is reported; `None` for a key that is no field.
fn fault_code(field: &str) -> Option<&'static str> {
    Some(match field {
        "type" => codes::INVALID_TYPE,
        "base_url" => codes::INVALID_BASE_URL,
        "api_key_env" => codes::INVALID_API_KEY_ENV,
        "default_headers" | "pass_headers" => codes::INVALID_HEADERS,
        "limits" => codes::INVALID_LIMITS,
        "docs" => codes::INVALID_DOCS,
        "notable_models" => codes::INVALID_NOTABLE_MODELS,
        "source" => codes::INVALID_SOURCE,
        _ => return None,
    })
}

/// Collects the issues of one entry.
struct EntryReader<'a> {
    name: &'a str,
    /// Where the entry's name stands: the place of all that is missing.
    position: Position,
    issues: &'a mut Vec<FileIssue>,
}

impl EntryReader<'_> {
    fn error(&mut self, code: &'static str, message: impl Into<String>, position: Position) {
        self.report(Severity::Error, code, message, position);
    }

    fn report(
        &mut self,
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        position: Position,
    ) {
        let entry = Some(self.name);
        self.issues
            .push(FileIssue::new(severity, entry, code, message, position));
    }

    /// Reports a field whose value is of another kind than it should be.
    fn wrong_kind(&mut self, field: &str, wanted: &str, code: &'static str, value: &Node) {
        let advice = match is_unquoted_template(value) {
            true => " Expand `{{ … }}` before Waypost reads the file, or put it in quotes.",
            false => "",
        };
        let message = format!("`{field}` must be {wanted}, not {}.{advice}", value.kind());
        self.error(code, message, value.position());
    }

    /// Warns of a variable that nothing has expanded.
    fn check_expanded(&mut self, value: &Node) {
        if let Some(form) = value.as_text().and_then(unexpanded) {
            self.report(
                Severity::Warning,
                codes::UNEXPANDED_VARIABLE,
                unexpanded_message(form),
                value.position(),
            );
        }
    }

    fn check_name(&mut self, key: &Node) {
        let fault = match key.as_text() {
            Some(name) => check_file_name(name).err().map(|error| error.message()),
            None => Some(format!(
                "The name must be a string, not {}. Write it in quotes.",
                key.kind()
            )),
        };
        if let Some(message) = fault {
            self.error(codes::INVALID_NAME, message, key.position());
        }
    }

    /// Reports what is no field, and fields that stand twice.
    fn check_keys(&mut self, fields: &Mapping) {
        for (key, value) in fields.iter() {
            let name = key.as_text().unwrap_or_default();
            if fault_code(name).is_some() {
                self.check_expanded(value);
                continue;
            }
            if is_inline_secret(name) {
                self.report(
                    Severity::Warning,
                    codes::INLINE_SECRET_IGNORED,
                    "This key is ignored. Don't put keys in the providers file. Name its environment variable in `api_key_env`, or enter it in the dashboard.",
                    key.position(),
                );
            } else {
                let message = unknown_field("Ignored", key, &FIELDS);
                self.report(
                    Severity::Warning,
                    codes::UNKNOWN_FIELD,
                    message,
                    key.position(),
                );
            }
        }
        for key in fields.repeated_keys() {
            if let Some(code) = key.as_text().and_then(fault_code) {
                let message = format!("There is more than one {} in the entry.", shown(key));
                self.error(code, message, key.position());
            }
        }
    }

    fn kind(&mut self, value: Option<&Node>) -> ProviderKind {
        let Some(value) = value else {
            return ProviderKind::default();
        };
        let known = [ProviderKind::Gateway, ProviderKind::OpenaiCompatible];
        let kind = known
            .into_iter()
            .find(|kind| value.as_text() == Some(kind.name()));
        kind.unwrap_or_else(|| {
            self.error(
                codes::INVALID_TYPE,
                "`type` must be `gateway` or `openai_compatible`.",
                value.position(),
            );
            ProviderKind::default()
        })
    }

    fn base_url(&mut self, value: Option<&Node>) -> Option<BaseUrl> {
        let value = match value {
            Some(value) if !is_missing(value) => value,
            absent => {
                let position = absent.map_or(self.position, Node::position);
                self.error(
                    codes::MISSING_BASE_URL,
                    "The entry needs a `base_url`, for example https://gateway.example/v1.",
                    position,
                );
                return None;
            }
        };
        let Some(text) = value.as_text() else {
            self.wrong_kind("base_url", "a string", codes::INVALID_BASE_URL, value);
            return None;
        };
        match BaseUrl::parse(text) {
            Ok(url) => Some(url),
            Err(error) => {
                self.error(error.code(), base_url_message(&error), value.position());
                None
            }
        }
    }

    fn api_key_env(&mut self, value: Option<&Node>) -> Option<String> {
        let value = match value {
            Some(value) if !is_missing(value) => value,
            absent => {
                let position = absent.map_or(self.position, Node::position);
                self.error(
                    codes::MISSING_API_KEY_ENV,
                    "The entry needs an `api_key_env`: the name of the environment variable that \
                     may hold its key.",
                    position,
                );
                return None;
            }
        };
        match value.as_text() {
            Some(name) if check_variable_name(name) => Some(name.to_owned()),
            Some(_) => {
                self.error(
                    codes::INVALID_API_KEY_ENV,
                    "`api_key_env` must be the name of an environment variable (letters, digits \
                     and `_`), not the key itself.",
                    value.position(),
                );
                None
            }
            None => {
                self.wrong_kind("api_key_env", "a string", codes::INVALID_API_KEY_ENV, value);
                None
            }
        }
    }

    fn default_headers(&mut self, value: Option<&Node>) -> BTreeMap<String, String> {
        let Some(value) = value else {
            return BTreeMap::new();
        };
        let Some(mapping) = value.as_mapping() else {
            let wanted = "a mapping of names to strings";
            self.wrong_kind("default_headers", wanted, codes::INVALID_HEADERS, value);
            return BTreeMap::new();
        };
        for (_, value) in mapping.iter() {
            self.check_expanded(value);
        }
        let (headers, faults) = read_headers(mapping);
        for fault in faults {
            self.error(fault.code, fault.message, fault.position);
        }
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        headers.into_iter().map(owned).collect()
    }

    fn pass_headers(&mut self, value: Option<&Node>) -> Vec<String> {
        let read = value.map(|value| read_passed(value, None));
        read.unwrap_or_else(|| Ok(Vec::new()))
            .unwrap_or_else(|fault| {
                let message = format!("`pass_headers`: {}", fault.message);
                self.error(fault.code, message, fault.position);
                Vec::new()
            })
    }

    fn limits(&mut self, value: Option<&Node>) -> TimeLimits {
        let mut limits = TimeLimits::default();
        let Some(value) = value else {
            return limits;
        };
        let Some(mapping) = value.as_mapping() else {
            let wanted = "a mapping of limits to seconds";
            self.wrong_kind("limits", wanted, codes::INVALID_LIMITS, value);
            return limits;
        };
        for (key, value) in mapping.iter() {
            let name = key.as_text().unwrap_or_default();
            if !TimeLimits::FIELDS.contains(&name) {
                let message = unknown_field("`limits`", key, &TimeLimits::FIELDS);
                self.error(codes::INVALID_LIMITS, message, key.position());
                continue;
            }
            let text = match value.value() {
                Value::Integer(text) => text,
                _ => "",
            };
            if let Err(error) = limits.set_text(name, text) {
                let message = format!("`limits`: {}", error.message);
                self.error(codes::INVALID_LIMITS, message, value.position());
            }
        }
        for key in mapping.repeated_keys() {
            let message = format!("There is more than one {} in `limits`.", shown(key));
            self.error(codes::INVALID_LIMITS, message, key.position());
        }
        limits
    }

    fn docs(&mut self, value: Option<&Node>) -> Option<String> {
        let value = value?;
        match value.as_text() {
            Some(text) if is_page_url(text.trim()) => return Some(text.trim().to_owned()),
            Some(_) => self.error(
                codes::INVALID_DOCS,
                "`docs` must be a URL that begins with http:// or https://.",
                value.position(),
            ),
            None => self.wrong_kind("docs", "a string", codes::INVALID_DOCS, value),
        }
        None
    }

    fn notable_models(&mut self, value: Option<&Node>) -> Vec<String> {
        let code = codes::INVALID_NOTABLE_MODELS;
        let items = match value.map(|value| (value, value.value())) {
            None => return Vec::new(),
            Some((_, Value::Sequence(items))) => items,
            Some((value, _)) => {
                self.wrong_kind("notable_models", "a list of model names", code, value);
                return Vec::new();
            }
        };
        let mut models = Vec::new();
        for item in items {
            match item.as_text().filter(|name| is_model_name(name)) {
                Some(name) => models.push(name.to_owned()),
                None => self.error(
                    code,
                    "A model name must be a string that is not empty, without outer white space and \
                     control characters.",
                    item.position(),
                ),
            }
        }
        models
    }

    /// The layer that an entry belongs to is where it stands, so a `source` that was copied with
    /// it is read and not used.
    fn check_source(&mut self, value: Option<&Node>) {
        let layers = [Layer::Builtin, Layer::UserLocal, Layer::Workspace];
        if let Some(value) = value
            && !layers
                .iter()
                .any(|layer| value.as_text() == Some(layer.name()))
        {
            self.error(
                codes::INVALID_SOURCE,
                "`source` must be `user-local` here; it can be left out.",
                value.position(),
            );
        }
    }
}

/// Whether a text is the URL of a page that a browser may be sent to.
fn is_page_url(text: &str) -> bool {
    let has_scheme = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let rest = match text {
        _ if has_scheme("https://") => &text["https://".len()..],
        _ if has_scheme("http://") => &text["http://".len()..],
        _ => return false,
    };
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let is_allowed = |character: char| {
        !character.is_control() && !character.is_whitespace() && !"\\\"<>`".contains(character)
    };
    !authority.is_empty()
        && !authority.contains('@')
        && text.len() <= MAX_TEXT
        && text.chars().all(is_allowed)
}

fn is_model_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_TEXT
        && name.trim() == name
        && !name.chars().any(char::is_control)
}
