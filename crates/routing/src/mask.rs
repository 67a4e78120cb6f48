//! What may be shown of a key.

/// What stands for the part of a key that is not shown. Its length says nothing about the key's.
const MASK: &str = "••••";

/// How long a key must be before its end may be shown. The end of a shorter one would be too large
/// a part of the whole.
const SHORTEST_WITH_HINT: usize = 12;

/// The last four characters of a key, where it has at least twelve. Only ASCII keys get a hint.
#[must_use]
pub fn hint(key: &str) -> Option<&str> {
    if !key.is_ascii() || key.len() < SHORTEST_WITH_HINT {
        return None;
    }
    key.get(key.len() - 4..)
}

/// A key as it may be shown: `••••abcd`, or `••••` alone where [`hint`] gives nothing.
#[must_use]
pub fn masked(key: &str) -> String {
    with_hint(hint(key))
}

/// The same from a hint that was kept when the key itself was put away.
#[must_use]
pub fn with_hint(hint: Option<&str>) -> String {
    [MASK, hint.unwrap_or_default()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_shown_from_twelve_characters_on() {
        for (key, shown) in [
            ("", "••••"),
            ("sk-12345678", "••••"),
            ("sk-123456789", "••••6789"),
            ("sk-or-v1-abcd", "••••abcd"),
            ("äääääääääääää", "••••"),
        ] {
            assert_eq!(masked(key), shown, "{key}");
        }
        assert_eq!(hint("sk-or-v1-abcd"), Some("abcd"));
        assert_eq!(with_hint(Some("abcd")), "••••abcd");
    }
}
