//! Recognises the secrets of a request in what its answer says.
//!
//! An upstream knows the key it was sent, and may list it as a model. Whatever it writes can end
//! in the database, in the catalog that viewers see, and in messages, where no secret may be.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use waypost_routing::header::CALLER_CREDENTIALS;
use waypost_secrets::SecretText;

/// Parts of the names of headers that carry a credential.
const CREDENTIAL_NAMES: [&str; 6] = ["auth", "cookie", "key", "password", "secret", "token"];

/// The shortest credential that is looked for inside a text. `sk-1234` is a usual one.
const MIN_CREDENTIAL: usize = 4;
/// How much of a credential counts as the credential.
const MIN_PART: usize = 12;
/// The shortest value of any other header that is looked for.
const MIN_VALUE: usize = 8;
/// From this length on, the value of any other header is a secret even if it looks like a word.
const MIN_LONG_VALUE: usize = 16;

/// The secrets that a request was sent with.
#[derive(Default)]
pub(super) struct SentSecrets {
    credentials: Vec<SecretText>,
    values: Vec<SecretText>,
}

impl SentSecrets {
    /// Those of a request with these headers.
    pub(super) fn new(headers: &[(String, SecretText)]) -> Self {
        let mut sent = Self::default();
        for (name, value) in headers {
            let name = name.to_ascii_lowercase();
            let is_credential = CALLER_CREDENTIALS.contains(&name.as_str())
                || CREDENTIAL_NAMES.iter().any(|part| name.contains(part));
            if is_credential {
                sent.add_credential(value);
            } else {
                sent.values.push(value.clone());
            }
        }
        sent
    }

    fn add_credential(&mut self, value: &SecretText) {
        let mut add = |text: &str| {
            if !text.is_empty() {
                self.credentials.push(SecretText::new(text.to_owned()));
            }
        };
        let text = value.expose().trim();
        add(text);
        let Some((scheme, rest)) = text.split_once(' ') else {
            return;
        };
        if scheme.eq_ignore_ascii_case("basic") {
            let decoded = BASE64_STANDARD.decode(rest.trim()).ok();
            if let Some(pair) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
                let pair = SecretText::new(pair);
                add(pair.expose());
                add(pair.expose().split_once(':').map_or("", |(_, key)| key));
            }
        }
        // Cookies and credentials with parameters are several secrets.
        for part in rest.split([' ', ';', ',']) {
            add(part);
            add(part.split_once('=').map_or("", |(_, value)| value));
        }
        // A scheme is not a secret; the first cookie is.
        if let Some((_, value)) = scheme.split_once('=') {
            add(value.trim_end_matches(';'));
        }
    }

    /// Whether a text holds a secret, or a good part of a credential.
    ///
    /// Short values of ordinary headers do not count: with `x-provider: openai`, `openai/gpt-4o`
    /// is a model like any other.
    pub(super) fn are_in(&self, text: &str) -> bool {
        let is_in = |secret: &SecretText| contains(text, secret.expose());
        self.credentials.iter().any(|secret| {
            let secret_len = secret.expose().len();
            (secret_len >= MIN_CREDENTIAL && is_in(secret))
                || text.eq_ignore_ascii_case(secret.expose())
                || (text.len() >= MIN_PART && contains(secret.expose(), text))
        }) || self
            .values
            .iter()
            .any(|value| !is_ordinary(value.expose()) && is_in(value))
    }

    /// Whether a text holds, or is part of, anything that was sent. For messages, which lose
    /// nothing by leaving a word out.
    pub(super) fn overlap(&self, text: &str) -> bool {
        self.credentials
            .iter()
            .chain(&self.values)
            .map(SecretText::expose)
            .any(|sent| {
                contains(sent, text) || (sent.len() >= MIN_CREDENTIAL && contains(text, sent))
            })
    }
}

/// Whether a header's value is a short word or number, which says nothing to anyone.
fn is_ordinary(value: &str) -> bool {
    let is_word = !value
        .bytes()
        .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    value.len() < MIN_VALUE || (value.len() < MIN_LONG_VALUE && is_word)
}

/// Whether one text is inside another one, whatever the case of its letters.
fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    !part.is_empty()
        && text
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(name: &str, value: &str) -> SentSecrets {
        SentSecrets::new(&[(name.to_owned(), SecretText::new(value.to_owned()))])
    }

    #[test]
    fn a_credential_is_found_however_it_was_sent() {
        for (name, value) in [
            ("authorization", "Bearer sk-canary-1234"),
            ("Authorization", "sk-canary-1234"),
            ("x-api-key", "sk-canary-1234"),
            ("X-Portkey-API-Key", "sk-canary-1234"),
            ("authorization", "Token token=sk-canary-1234, nonce=5"),
            ("cookie", "session=sk-canary-1234; theme=dark"),
            ("cookie", "theme=dark; session=sk-canary-1234"),
            // me:sk-canary-1234
            ("authorization", "Basic bWU6c2stY2FuYXJ5LTEyMzQ="),
        ] {
            let sent = sent(name, value);
            for text in ["sk-canary-1234", "a/SK-Canary-1234:free", "xsk-canary-1234"] {
                assert!(sent.are_in(text), "{name}: {value}: {text}");
            }
            for text in ["", "a", "gpt-4o", "canary", "bearer/token", "1234"] {
                assert!(!sent.are_in(text), "{name}: {value}: {text}");
            }
        }
    }

    #[test]
    fn a_short_credential_and_a_good_part_of_a_long_one_are_found() {
        assert!(sent("authorization", "Bearer sk-1234").are_in("openai/sk-1234"));
        let three = sent("authorization", "Bearer abc");
        assert!(three.are_in("abc"));
        assert!(!three.are_in("abcd"), "it would refuse ordinary ids");
        let long = sent("authorization", "Bearer sk-0123456789abcdef-0123456789");
        assert!(long.are_in("0123456789ab"));
        assert!(!long.are_in("0123456789a"));
    }

    #[test]
    fn a_static_header_is_found_unless_it_is_an_ordinary_word() {
        assert!(sent("x-tenant", "tenant-4711").are_in("m/tenant-4711"));
        assert!(sent("x-tenant", "correct-horse-battery").are_in("correct-horse-battery"));
        for (value, id) in [
            ("openai", "openai/gpt-4o"),
            ("anthropic", "anthropic/claude"),
            ("@openai-prod", "@openai-prod/gpt-4o"),
            ("1", "o1"),
            ("", ""),
        ] {
            assert!(!sent("x-provider", value).are_in(id), "{value}");
        }
    }

    #[test]
    fn a_message_leaves_out_whatever_overlaps() {
        let sent = sent("authorization", "Bearer sk-canary-1234");
        for text in ["canary", "x-sk-canary-1234-y", "SK-CANARY-1234"] {
            assert!(sent.overlap(text), "{text}");
        }
        assert!(!sent.overlap("insufficient_quota"));
    }
}
