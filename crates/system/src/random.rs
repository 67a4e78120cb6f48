//! Random bytes, and the tokens and names made of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

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
}
