//! The error that a body tells of, in a form that can be relied on.
//!
//! Of the upstream's own words only codes made of plain letters are kept: error texts of real
//! services echo the key that they refuse.

use super::json::{self, object, string};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What an error body says in a form that can be relied on.
#[derive(Default)]
pub(super) struct ErrorInfo {
    /// The status it names.
    pub(super) status: Option<u16>,
    /// Its type or code, where that is a plain word.
    pub(super) word: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorFields<'a> {
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody<'a> {
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// Reads the value of `error`; `None` where it is absent or null.
pub(super) fn error_in(error: Option<&RawValue>) -> Option<ErrorInfo> {
    let error = error.filter(|error| error.get() != "null")?;
    let fields: ErrorFields<'_> = object(Some(error));
    let status = json::count(fields.code)
        .or_else(|| string(fields.code)?.parse().ok())
        .and_then(|code| u16::try_from(code).ok());
    let plain = |value| string(value).filter(|word| is_plain_word(word));
    let word = plain(fields.kind).or_else(|| plain(fields.code));
    Some(ErrorInfo {
        status,
        word: word.map(std::borrow::Cow::into_owned),
    })
}

fn is_plain_word(word: &str) -> bool {
    (3..=48).contains(&word.len())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The error that a body tells of.
pub(super) fn error_of_body(bytes: &[u8]) -> Option<ErrorInfo> {
    if json::is_too_deep(bytes) {
        return None;
    }
    let whole: &RawValue = serde_json::from_slice(bytes).ok()?;
    let body: ErrorBody<'_> = object(Some(whole));
    error_in(body.error)
}
