//! The text of a token: how it is made, and how one is recognised.
//!
//! `wpa_` or `wps_`, 43 base62 characters with 256 random bits, and 6 base62 characters that are
//! the CRC-32 of everything before them. The checksum distinguishes a typing error, or a scanner's false
//! alarm, from a token without a lookup.

use waypost_api_types::TokenKind;
use waypost_store::{TokenHash, token_hash};
use waypost_system::random;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: usize = 4;
/// 62^43 is just above 2^256.
const RANDOM: usize = 43;
/// 62^6 is above 2^32.
const CHECKSUM: usize = 6;
const LENGTH: usize = PREFIX + RANDOM + CHECKSUM;

/// The text of a token, wiped from memory when it is dropped.
///
/// It has no `Debug`, `Display` or `Serialize`, so that a log line, an error text or an answer
/// that would show it does not compile. [`ApiToken::expose`] is the one way to its text.
pub struct ApiToken {
    kind: TokenKind,
    text: Zeroizing<String>,
}

impl ApiToken {
    /// A new random token.
    #[must_use]
    pub fn generate(kind: TokenKind) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.push_str(prefix(kind));
        while text.len() < PREFIX + RANDOM {
            let bytes = Zeroizing::new(random::bytes::<64>());
            // Of 256 values, 248 fall evenly on 62 letters. The others are drawn again.
            let letters = bytes.iter().filter(|byte| **byte < 248);
            for byte in letters.take(PREFIX + RANDOM - text.len()) {
                text.push(char::from(ALPHABET[usize::from(*byte) % 62]));
            }
        }
        let checksum = checksum(text.as_bytes());
        text.extend(checksum.iter().copied().map(char::from));
        Self { kind, text }
    }

    /// The token that a text is; `None` if its form or its checksum is wrong.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kind = [TokenKind::Agent, TokenKind::Service]
            .into_iter()
            .find(|kind| text.starts_with(prefix(*kind)))?;
        let bytes = text.as_bytes();
        let (signed, sum) = bytes.split_at_checked(PREFIX + RANDOM)?;
        let well_formed = bytes[PREFIX..].iter().all(u8::is_ascii_alphanumeric);
        (well_formed && sum == checksum(signed)).then(|| Self {
            kind,
            text: Zeroizing::new(text.to_owned()),
        })
    }

    /// What the token is for.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The text itself, for the moment in which it is shown to its creator.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The digest under which it is stored.
    #[must_use]
    pub fn digest(&self) -> TokenHash {
        token_hash(&self.text)
    }

    /// The last four characters, by which its owner recognises it.
    #[must_use]
    pub fn hint(&self) -> String {
        self.text[LENGTH - 4..].to_owned()
    }
}

/// Whether a text has a Waypost token in it, wherever.
#[must_use]
pub fn contains_token(text: &str) -> bool {
    let starts = text.match_indices("wp").map(|(at, _)| at);
    starts
        .filter_map(|at| text.get(at..at + LENGTH))
        .any(|candidate| ApiToken::parse(candidate).is_some())
}

fn prefix(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Agent => "wpa_",
        TokenKind::Service => "wps_",
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let mut rest = crc32fast::hash(bytes);
    let mut letters = [ALPHABET[0]; CHECKSUM];
    for letter in letters.iter_mut().rev() {
        *letter = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;
    use static_assertions::assert_not_impl_any;
    use std::collections::BTreeSet;

    #[test]
    fn a_token_can_be_neither_printed_nor_serialised() {
        assert_not_impl_any!(ApiToken: std::fmt::Debug, std::fmt::Display, serde::Serialize, std::ops::Deref);
        assert_not_impl_any!(crate::tokens::NewToken: std::fmt::Debug, std::fmt::Display, serde::Serialize);
    }

    #[test]
    fn a_token_has_its_form_and_is_recognised() {
        for (kind, prefix) in [(TokenKind::Agent, "wpa_"), (TokenKind::Service, "wps_")] {
            let token = ApiToken::generate(kind);
            let text = token.expose();
            assert!(text.starts_with(prefix));
            assert_eq!(text.len(), 53);
            assert!(text[4..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert_eq!(token.hint(), text[49..]);
            let parsed = ApiToken::parse(text).unwrap();
            assert_eq!(parsed.kind(), kind);
            assert_eq!(parsed.digest(), token_hash(text));
        }
    }

    #[test]
    fn tokens_differ_and_use_the_whole_alphabet() {
        let tokens: BTreeSet<String> = (0..200)
            .map(|_| ApiToken::generate(TokenKind::Agent).expose().to_owned())
            .collect();
        assert_eq!(tokens.len(), 200);
        let letters: BTreeSet<u8> = tokens.iter().flat_map(|text| text[4..47].bytes()).collect();
        assert_eq!(letters.len(), 62);
    }

    /// The form is a contract with secret scanners: these bytes and this checksum belong together.
    #[test]
    fn the_checksum_is_the_crc_32_of_what_precedes() {
        let signed = format!("wpa_{}", "0".repeat(43));
        let crc = crc32fast::hash(signed.as_bytes());
        let sum = String::from_utf8(checksum(signed.as_bytes()).to_vec()).unwrap();
        let value = sum.bytes().fold(0_u64, |value, letter| {
            let digit = ALPHABET.iter().position(|other| *other == letter).unwrap();
            value * 62 + digit as u64
        });
        assert_eq!(value, u64::from(crc));
        assert_eq!(
            checksum(b"123456789"),
            *b"3jZRME",
            "CRC-32/ISO-HDLC is cbf43926"
        );
        assert!(ApiToken::parse(&format!("{signed}{sum}")).is_some());
    }

    #[test]
    fn what_is_mistyped_cut_off_or_longer_is_no_token() {
        let token = ApiToken::generate(TokenKind::Service);
        let text = token.expose();
        let flipped = |at: usize| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
            String::from_utf8(bytes).unwrap()
        };
        let mut wrong: Vec<String> = (0..text.len()).map(flipped).collect();
        wrong.push(text[..52].to_owned());
        wrong.push(format!("{text}0"));
        wrong.push(format!(" {text}"));
        wrong.push(text.replacen("wps_", "wpa_", 1));
        wrong.push(format!("wps_{}", "ä".repeat(25)));
        wrong.push(String::new());
        for wrong in wrong {
            assert!(ApiToken::parse(&wrong).is_none());
        }
    }

    #[test]
    fn a_token_is_found_inside_a_longer_text() {
        let token = ApiToken::generate(TokenKind::Agent);
        let text = token.expose();
        for holder in [
            text.to_owned(),
            format!("Bearer {text}"),
            format!("wpwp_ü{text}\""),
        ] {
            assert!(contains_token(&holder));
        }
        for other in ["sk-or-v1-0123", "wpa_", &text[..52], "wpä", ""] {
            assert!(!contains_token(other));
        }
    }
}
