//! Random tokens and the digests under which they are kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A SHA-256 digest, as the database keeps it.
pub type TokenHash = [u8; 32];

/// Bytes from the operating system's generator.
///
/// # Panics
/// Where the operating system has no randomness: nothing safe can be done without it.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A token of 256 bits, written in 43 characters that are safe in a URL and a cookie.
#[must_use]
pub fn token() -> Zeroizing<String> {
    let raw = Zeroizing::new(bytes::<32>());
    Zeroizing::new(URL_SAFE_NO_PAD.encode(raw.as_slice()))
}

/// A short random name that is no secret: 64 bits in hexadecimal.
#[must_use]
pub fn public_id() -> String {
    format!("{:016x}", u64::from_be_bytes(bytes()))
}

/// The permanent id of an agent: 16 characters `[a-z0-9]`, about 82 bits. It is no secret.
#[must_use]
pub fn agent_id() -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut id = String::with_capacity(16);
    while id.len() < 16 {
        // Of 256 values, 252 fall evenly on 36 letters. The others are drawn again.
        let drawn = bytes::<32>();
        let letters = drawn.iter().filter(|byte| **byte < 252);
        for byte in letters.take(16 - id.len()) {
            id.push(char::from(ALPHABET[usize::from(*byte) % 36]));
        }
    }
    id
}

/// The digest of a token.
///
/// A token has 256 random bits, so that a plain digest cannot be searched. Looking a token up by
/// its digest also makes the time of the look-up say nothing about the token.
#[must_use]
pub fn digest(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_safe_in_urls_and_differ() {
        let (first, second) = (token(), token());
        assert_eq!(first.len(), 43);
        assert!(
            first
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        );
        assert_ne!(*first, *second);
    }

    #[test]
    fn an_agents_id_has_its_form() {
        let (first, second) = (agent_id(), agent_id());
        assert_eq!(first.len(), 16);
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        assert!(first.bytes().all(letters), "{first}");
        assert_ne!(first, second);
    }

    #[test]
    fn a_digest_is_sha_256() {
        assert_eq!(
            digest("abc")[..4],
            [0xba, 0x78, 0x16, 0xbf],
            "the first bytes of the standard's own example"
        );
    }
}
