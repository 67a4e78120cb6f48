//! Texts that a header could carry and that are hardly keys.

use super::Carrier;
use crate::catalog::check_variable_name;
use crate::codes;

/// Why a text may not be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// A part of it is replaced by stars, dots or x.
    Mask,
    /// An example's placeholder.
    Placeholder,
    /// The name of a variable, or the way to a secret somewhere else.
    Reference,
    /// A URL.
    Url,
    /// A JSON document or a certificate.
    Document,
    /// A quote at one of its ends.
    Quote,
    /// A comma or semicolon at its end.
    Punctuation,
    /// An authentication scheme other than `Bearer` before it.
    Scheme,
    /// `Bearer` before it, in a header that takes the key alone.
    Bearer,
    /// A space inside.
    Space,
}

impl Suspicion {
    /// The stable code: `suspicious_secret_value`.
    #[must_use]
    pub fn code(self) -> &'static str {
        codes::SUSPICIOUS_SECRET_VALUE
    }

    /// What was found and what to do, in whole sentences.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Mask => {
                "This looks like a masked key, as a console shows it later. Copy the whole key, or \
                 create a new one."
            }
            Self::Placeholder => {
                "This looks like the placeholder of an example. Enter your own key."
            }
            Self::Reference => {
                "This looks like the name of a variable or a reference to a secret, which Waypost \
                 does not look up. Enter the key itself."
            }
            Self::Url => "This looks like a URL. Enter the key.",
            Self::Document => {
                "This looks like a whole document, such as a service account's JSON. Enter the one \
                 key that the provider's API takes."
            }
            Self::Quote => "The key has a quote at one end. Copy the whole key again.",
            Self::Punctuation => {
                "The key ends in a comma or semicolon, which probably does not belong to it."
            }
            Self::Scheme => {
                "The key begins with an authentication scheme, and Waypost sends `Bearer` before \
                 it. Enter the key alone."
            }
            Self::Bearer => {
                "The key begins with `Bearer`, and this header usually takes the key alone. Remove \
                 `Bearer`."
            }
            Self::Space => "The key has a space inside. Copy the whole key again.",
        }
    }
}

impl Suspicion {
    /// [`Suspicion::message`] about what a carrier takes: a static header has a value, which may be
    /// no key.
    #[must_use]
    pub fn message_for(self, carrier: Carrier) -> &'static str {
        match (self, carrier) {
            (Self::Mask, Carrier::Text) => {
                "This looks like a masked value. Copy the whole value again."
            }
            (Self::Placeholder, Carrier::Text) => {
                "This looks like the placeholder of an example. Enter your own value."
            }
            (Self::Reference, Carrier::Text) => {
                "This looks like the name of a variable or a reference to a secret, which Waypost \
                 does not look up. Enter the value itself."
            }
            (Self::Quote, Carrier::Text) => {
                "The value has a quote at one end, which is sent as it is. Remove the quotes."
            }
            _ => self.message(),
        }
    }
}

/// Authentication schemes other than `Bearer`, in lower case.
const SCHEMES: [&str; 7] = [
    "api-key",
    "apikey",
    "basic",
    "digest",
    "key",
    "negotiate",
    "token",
];

/// How references to secrets begin that other tools look up.
const REFERENCES: [&str; 12] = [
    "$",
    "{{",
    "!secret",
    "arn:aws:",
    "env.",
    "env:",
    "env/",
    "op://",
    "os.environ",
    "process.env",
    "secret:",
    "vault:",
];

/// Parts of placeholders, in lower case and without `-`, `_` and spaces.
const PLACEHOLDERS: [&str; 7] = [
    "apikeyhere",
    "changeme",
    "insertkey",
    "pasteyour",
    "replaceme",
    "yourapi",
    "yourkey",
];

/// Why a text that a header can carry may not be a key.
pub(super) fn of(key: &str, carrier: Carrier) -> Option<Suspicion> {
    if carrier == Carrier::Cookie {
        return None;
    }
    let lower = key.to_ascii_lowercase();
    let is_text = carrier == Carrier::Text;
    let is_quote = |character: char| matches!(character, '"' | '\'' | '`');
    if is_reference(key, &lower) {
        Some(Suspicion::Reference)
    } else if !is_text && (key.starts_with(['{', '[']) || key.starts_with("-----BEGIN")) {
        Some(Suspicion::Document)
    } else if is_mask(&lower) {
        Some(Suspicion::Mask)
    } else if is_placeholder(&lower) {
        Some(Suspicion::Placeholder)
    } else if !is_text && (lower.starts_with("http://") || lower.starts_with("https://")) {
        Some(Suspicion::Url)
    } else if key.starts_with(is_quote) || key.ends_with(is_quote) {
        Some(Suspicion::Quote)
    } else if !is_text && key.ends_with([',', ';']) {
        Some(Suspicion::Punctuation)
    } else if carrier == Carrier::KeyHeader && lower.starts_with("bearer ") {
        Some(Suspicion::Bearer)
    } else if carrier == Carrier::Bearer && key.contains(' ') {
        let scheme = lower.split(' ').next().unwrap_or_default();
        Some(match SCHEMES.contains(&scheme) {
            true => Suspicion::Scheme,
            false => Suspicion::Space,
        })
    } else {
        None
    }
}

fn is_reference(key: &str, lower: &str) -> bool {
    let is_name_of_a_key = check_variable_name(key)
        && !key.bytes().any(|byte| byte.is_ascii_lowercase())
        && ["_KEY", "_TOKEN", "_SECRET"]
            .iter()
            .any(|ending| key.ends_with(ending));
    let in_percent = key
        .strip_prefix('%')
        .and_then(|rest| rest.strip_suffix('%'))
        .is_some_and(check_variable_name);
    is_name_of_a_key || in_percent || REFERENCES.iter().any(|start| lower.starts_with(start))
}

fn is_mask(lower: &str) -> bool {
    if lower.contains("***") || lower.contains("...") {
        return true;
    }
    // `sk-xxxxxxxx`, `xxxx-xxxx`: after a prefix nothing but x.
    let body = lower.rsplit_once("sk-").map_or(lower, |(_, body)| body);
    let count = body.bytes().filter(|byte| *byte == b'x').count();
    count >= 3 && body.bytes().all(|byte| matches!(byte, b'x' | b'-' | b'_'))
}

fn is_placeholder(lower: &str) -> bool {
    let letters: String = lower
        .chars()
        .filter(|character| !matches!(character, '-' | '_' | ' '))
        .collect();
    (lower.starts_with('<') && lower.ends_with('>'))
        || matches!(
            letters.as_str(),
            "null" | "undefined" | "apikey" | "secretkey"
        )
        || PLACEHOLDERS.iter().any(|part| letters.contains(part))
}
