//! The ids of agents.

use waypost_system::random;

/// The permanent id of an agent: 16 characters `[a-z0-9]`, about 82 bits. It is no secret.
pub(crate) fn agent_id() -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut id = String::with_capacity(16);
    while id.len() < 16 {
        // Of 256 values, 252 fall evenly on 36 letters. The others are drawn again.
        let drawn = random::bytes::<32>();
        let letters = drawn.iter().filter(|byte| **byte < 252);
        for byte in letters.take(16 - id.len()) {
            id.push(char::from(ALPHABET[usize::from(*byte) % 36]));
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agents_id_has_its_form() {
        let (first, second) = (agent_id(), agent_id());
        assert_eq!(first.len(), 16);
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        assert!(first.bytes().all(letters), "{first}");
        assert_ne!(first, second);
    }
}
