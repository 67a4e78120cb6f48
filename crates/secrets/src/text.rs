//! The type that carries a secret.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A secret, wiped from memory when it is dropped.
///
/// It has no `Debug`, `Display` or `Serialize`, so that a log line, an error text or an answer
/// that would show it does not compile. [`SecretText::expose`] is the one way to its text, and
/// easy to search for.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes a text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the moment in which it is sent or stored.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Without outer white space, which comes along when a key is pasted.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        Self::new(self.0.trim().to_owned())
    }

    /// The last characters, where the text is long enough for them to say nothing of use to anyone
    /// but its owner.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        waypost_routing::mask::hint(&self.0).map(str::to_owned)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use static_assertions::assert_not_impl_any;

    fn hint(text: &str) -> Option<String> {
        SecretText::new(text.to_owned()).hint()
    }

    #[test]
    fn a_hint_is_four_characters_of_a_long_text_and_nothing_of_a_short_one() {
        assert_eq!(hint("sk-or-v1-abcd").as_deref(), Some("abcd"));
        assert_eq!(hint("12characters").as_deref(), Some("ters"));
        assert_eq!(hint("eleven-char"), None);
        assert_eq!(hint(""), None);
    }

    #[test]
    fn it_can_be_neither_printed_nor_serialised() {
        assert_not_impl_any!(SecretText: std::fmt::Debug, std::fmt::Display, serde::Serialize, std::ops::Deref);
    }

    #[test]
    fn it_is_read_from_json_and_trimmed_on_demand() {
        let text: SecretText = serde_json::from_str("\" sk-1 \"").unwrap();
        assert_eq!(text.expose(), " sk-1 ");
        assert_eq!(text.trimmed().expose(), "sk-1");
    }
}
