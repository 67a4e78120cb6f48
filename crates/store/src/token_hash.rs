//! The digests under which tokens are kept: the database opens nothing.

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, as the database keeps it.
pub type TokenHash = [u8; 32];

/// The digest of a token.
///
/// A token has 256 random bits, so that a plain digest cannot be searched. Looking a token up by
/// its digest also makes the time of the look-up say nothing about the token.
#[must_use]
pub fn token_hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256() {
        assert_eq!(
            token_hash("abc")[..4],
            [0xba, 0x78, 0x16, 0xbf],
            "the first bytes of the standard's own example"
        );
    }
}
