//! What the readers of the providers file and of agent documents have in common.

use crate::base_url::BaseUrlError;
use crate::codes;
use crate::header::{MAX_HEADERS, check_name, check_static_headers, read_pass_headers};
use crate::suggestion::closest;
use crate::yaml::{Mapping, Node, Position, Value};

/// How a message names a key. A key that does not look like a field's name may be a mistyped pair
/// with a secret in it, so it is not repeated.
pub(crate) fn shown(key: &Node) -> String {
    let looks_like_a_name = |text: &&str| {
        (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    };
    match key.as_text().filter(looks_like_a_name) {
        Some(name) => format!("`{name}`"),
        None => "the key".to_owned(),
    }
}

/// Whether a value says nothing: null or a text without anything in it.
pub(crate) fn is_missing(value: &Node) -> bool {
    value.is_null() || value.as_text() == Some("")
}

/// The form of a variable that something should have expanded before Waypost read the text.
pub(crate) fn unexpanded(text: &str) -> Option<&'static str> {
    let holds = |open: &str, close: &str| {
        text.split_once(open)
            .is_some_and(|(_, rest)| rest.contains(close))
    };
    if holds("{{", "}}") {
        return Some("`{{ … }}`");
    }
    holds("${", "}").then_some("`${…}`")
}

/// What to say of such a variable.
pub(crate) fn unexpanded_message(form: &str) -> String {
    format!(
        "This contains {form}, which Waypost does not expand: it is used as it is written. Write \
         the value itself, or expand the file before you give it to Waypost."
    )
}

/// Whether a value is `{{ … }}` without quotes, which YAML reads as a mapping inside a mapping.
pub(crate) fn is_unquoted_template(value: &Node) -> bool {
    value.as_mapping().is_some_and(|mapping| {
        let mut pairs = mapping.iter();
        matches!(
            (pairs.next(), pairs.next()),
            (Some((key, value)), None) if key.as_mapping().is_some() && value.is_null()
        )
    })
}

/// Whether a key looks like one that people write a secret under.
pub(crate) fn is_inline_secret(field: &str) -> bool {
    let letters: String = field
        .chars()
        .filter(|character| !matches!(character, '_' | '-'))
        .collect();
    ["apikey", "authvalue"]
        .iter()
        .any(|secret| letters.eq_ignore_ascii_case(secret))
}

/// What to say of a key that means nothing where it stands: `lead`, then what was probably meant or
/// what is known there.
pub(crate) fn unknown_field(lead: &str, key: &Node, known: &[&str]) -> String {
    let name = key.as_text().unwrap_or_default();
    let start = format!("{lead}: unknown field {}.", shown(key));
    match closest(name, known.iter().copied()) {
        Some(meant) => format!("{start} Did you mean `{meant}`?"),
        None => format!("{start} Known fields: {}.", known.join(", ")),
    }
}

/// A base URL's error with the repair that is probably meant.
pub(crate) fn base_url_message(error: &BaseUrlError) -> String {
    match error.suggestion() {
        Some(suggestion) => format!("{} Did you mean `{suggestion}`?", error.message()),
        None => error.message(),
    }
}

/// What is wrong with one header of a document.
pub(crate) struct HeaderFault {
    /// The header's name as it is written; empty where it has none.
    pub(crate) name: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) position: Position,
}

/// Reads a list of headers that are passed on, or says what is wrong with it.
pub(crate) fn read_passed(
    value: &Node,
    auth_header: Option<&str>,
) -> Result<Vec<String>, HeaderFault> {
    let fault = |name: &str, code, message, at: &Node| HeaderFault {
        name: name.to_owned(),
        code,
        message,
        position: at.position(),
    };
    let Value::Sequence(items) = value.value() else {
        let message = format!("This must be a list of header names, not {}.", value.kind());
        return Err(fault("", codes::INVALID_HEADERS, message, value));
    };
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        let Some(name) = item.as_text() else {
            let message = format!(
                "A header's name must be a string, not {}. Write it in quotes.",
                item.kind()
            );
            return Err(fault("", codes::INVALID_HEADERS, message, item));
        };
        read_pass_headers([name], auth_header)
            .map_err(|(name, error)| fault(&name, error.code(), error.message(), item))?;
        names.push(name);
    }
    read_pass_headers(names, auth_header)
        .map_err(|(name, error)| fault(&name, error.code(), error.message(), value))
}

/// Reads a mapping of header names to values: those that are right, in order, and all faults.
pub(crate) fn read_headers(mapping: &Mapping) -> (Vec<(&str, &str)>, Vec<HeaderFault>) {
    let mut headers: Vec<(&str, &str)> = Vec::new();
    let mut faults = Vec::new();
    for (key, value) in mapping.iter() {
        let mut fault = |code, message, at: &Node| {
            faults.push(HeaderFault {
                name: key.label(),
                code,
                message,
                position: at.position(),
            });
        };
        let Some(name) = key.as_text() else {
            let message = format!(
                "A header's name must be a string, not {}. Write it in quotes.",
                key.kind()
            );
            fault(codes::INVALID_HEADERS, message, key);
            continue;
        };
        let Some(text) = value.as_text() else {
            let message = format!(
                "The value of {} must be a string, not {}. Write it in quotes.",
                shown(key),
                value.kind()
            );
            fault(codes::INVALID_HEADERS, message, value);
            continue;
        };
        headers.push((name, text));
        let Err((_, error)) = check_static_headers(headers.iter().copied(), None) else {
            continue;
        };
        // Those before it passed, so the one just added is at fault.
        headers.pop();
        let of_one = error.code() == codes::INVALID_HEADER;
        if of_one && check_name(name).is_ok() {
            let message = format!("`{name}`: {}", error.message());
            fault(error.code(), message, value);
        } else {
            fault(error.code(), error.message(), key);
        }
        // One word about too many is enough.
        if !of_one && headers.len() >= MAX_HEADERS {
            break;
        }
    }
    (headers, faults)
}
