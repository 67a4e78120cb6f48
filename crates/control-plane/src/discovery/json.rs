//! Reading JSON that someone else wrote: how deep it may be, and single values of it whose type is
//! not to be trusted.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The deepest nesting that is read. A list of models needs four.
pub(super) const DEEPEST: usize = 32;

/// Whether the text nests deeper than [`DEEPEST`]. It need not be JSON.
pub(super) fn is_too_deep(bytes: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in bytes {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > DEEPEST {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// An object's fields; the default for anything else. A list is not read as one field after the
/// other, which serde would do.
pub(super) fn object<'a, T: Default + Deserialize<'a>>(value: Option<&'a RawValue>) -> T {
    value
        .map(RawValue::get)
        .filter(|text| text.starts_with('{'))
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// A field that is there, also where it is null.
pub(super) fn present<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// A string; `None` for anything else.
pub(super) fn string(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let text = value?.get();
    if !text.starts_with('"') {
        return None;
    }
    // A plain string is borrowed; one with escapes is unescaped.
    match serde_json::from_str::<&str>(text) {
        Ok(plain) => Some(Cow::Borrowed(plain)),
        Err(_) => serde_json::from_str::<String>(text).ok().map(Cow::Owned),
    }
}

/// A number, as it is written; `None` for anything else.
pub(super) fn number(value: Option<&RawValue>) -> Option<&str> {
    let text = value?.get();
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        .then_some(text)
}

/// A whole number above zero, also where it is written as `8192.0`.
pub(super) fn count(value: Option<&RawValue>) -> Option<u64> {
    let text = number(value)?;
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok().filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn depth_is_counted_outside_of_strings() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(!is_too_deep(&nested(DEEPEST)));
        assert!(is_too_deep(&nested(DEEPEST + 1)));
        let text = format!("[\"{}\\\"{}\"]", "[".repeat(99), "{".repeat(99));
        assert!(!is_too_deep(text.as_bytes()));
        let siblings = format!("[{}]", vec!["[]"; 99].join(","));
        assert!(!is_too_deep(siblings.as_bytes()));
        assert!(!is_too_deep(b"]]]]"));
    }

    #[test]
    fn values_of_another_type_are_none() {
        assert_eq!(string(Some(&raw(r#""a\u0062""#))).as_deref(), Some("ab"));
        assert_eq!(string(Some(&raw("5"))), None);
        assert_eq!(string(None), None);
        assert_eq!(number(Some(&raw("2.5e-06"))), Some("2.5e-06"));
        assert_eq!(number(Some(&raw("\"1\""))), None);
        for (text, expected) in [
            ("8192", Some(8192)),
            ("8192.0", Some(8192)),
            ("8192.5", None),
            ("0", None),
            ("-1", None),
            ("1e3", None),
            ("99999999999999999999999", None),
            ("null", None),
        ] {
            assert_eq!(count(Some(&raw(text))), expected, "{text}");
        }
    }
}
