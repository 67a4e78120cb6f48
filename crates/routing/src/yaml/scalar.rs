//! The core schema of YAML 1.2: what a plain scalar stands for.

use super::Value;
use saphyr_parser::{ScalarStyle, Tag};

/// Why a tag does not go with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagError {
    /// It is none of the core schema.
    Unknown,
    /// The value is of another kind.
    Mismatch,
}

/// The value of a scalar: quoted and block scalars are texts, plain ones what they look like,
/// unless a tag says what they are.
pub(super) fn scalar(
    text: String,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<Value, TagError> {
    let looks_like = |text: String| match style {
        ScalarStyle::Plain => plain(text),
        _ => Value::Text(text),
    };
    let Some(tag) = tag else {
        return Ok(looks_like(text));
    };
    // A lone `!` says that the scalar is a text, whatever it looks like.
    if tag.handle.is_empty() && tag.suffix == "!" {
        return Ok(Value::Text(text));
    }
    let name = core_name(tag)?;
    if name == "str" {
        return Ok(Value::Text(text));
    }
    match (name, plain(text)) {
        ("null", value @ Value::Null)
        | ("bool", value @ Value::Bool(_))
        | ("int", value @ Value::Integer(_))
        | ("float", value @ Value::Float(_)) => Ok(value),
        ("float", Value::Integer(text)) => Ok(Value::Float(text)),
        _ => Err(TagError::Mismatch),
    }
}

/// Whether a list or a mapping may carry this tag. `own` is the tag's name in the core schema.
pub(super) fn check_collection_tag(tag: Option<&Tag>, own: &str) -> Result<(), TagError> {
    let Some(tag) = tag else {
        return Ok(());
    };
    match core_name(tag)? == own {
        true => Ok(()),
        false => Err(TagError::Mismatch),
    }
}

/// The tag's short name in the core schema.
fn core_name(tag: &Tag) -> Result<&'static str, TagError> {
    let whole = [tag.handle.as_str(), tag.suffix.as_str()].concat();
    let name = whole.strip_prefix("tag:yaml.org,2002:");
    ["str", "null", "bool", "int", "float", "seq", "map"]
        .into_iter()
        .find(|known| name == Some(known))
        .ok_or(TagError::Unknown)
}

/// What a plain scalar stands for.
fn plain(text: String) -> Value {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_integer(&text) => Value::Integer(text),
        _ if is_float(&text) => Value::Float(text),
        _ => Value::Text(text),
    }
}

fn is_integer(text: &str) -> bool {
    let all = |digits: &str, is_digit: fn(&u8) -> bool| {
        !digits.is_empty() && digits.as_bytes().iter().all(is_digit)
    };
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |byte| (b'0'..=b'7').contains(byte));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, u8::is_ascii_hexdigit);
    }
    all(
        text.strip_prefix(['+', '-']).unwrap_or(text),
        u8::is_ascii_digit,
    )
}

fn is_float(text: &str) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let good_exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    let good_mantissa = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
        }
        None => !mantissa.is_empty() && digits(mantissa),
    };
    good_mantissa && good_exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_what_the_core_schema_says() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text.into()), Value::Null, "{text}");
        }
        for text in ["true", "True", "TRUE"] {
            assert_eq!(plain(text.into()), Value::Bool(true), "{text}");
        }
        for text in ["0", "-12", "+3", "007", "0o17", "0xfF"] {
            assert_eq!(plain(text.into()), Value::Integer(text.into()), "{text}");
        }
        for text in ["1.", ".5", "-1.5e3", "1e5", "+.inf", ".NaN", "1E-2"] {
            assert_eq!(plain(text.into()), Value::Float(text.into()), "{text}");
        }
        for text in [
            "yes",
            "no",
            "on",
            "tRUE",
            "nULL",
            "0o8",
            "0x",
            "-0x1",
            "1_000",
            "1:30",
            ".",
            "-",
            "e5",
            "1e",
            "1.2.3",
            "2026-11-21",
            "<<",
            "-.nan",
        ] {
            assert_eq!(plain(text.into()), Value::Text(text.into()), "{text}");
        }
    }
}
