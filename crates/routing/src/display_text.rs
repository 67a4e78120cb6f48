//! Text from elsewhere, made safe to show.
//!
//! Model ids, descriptions and error texts come from upstreams, and a hostile one may put
//! characters into them that hide, reorder or stretch what a person reads. This is for showing
//! only: what is compared or sent stays as it came.

use std::borrow::Cow;

/// The text on one line, without control, bidirectional and invisible characters, and at most
/// `max` characters long; a longer one ends in `…`.
#[must_use]
pub fn display_text(text: &str, max: usize) -> Cow<'_, str> {
    let clean = text
        .chars()
        .take(max + 1)
        .all(|character| character == ' ' || (!character.is_whitespace() && !is_hidden(character)));
    if clean && text.chars().nth(max).is_none() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut length = 0;
    let mut pending_space = false;
    for character in text.chars() {
        if character.is_whitespace() {
            pending_space = length > 0;
            continue;
        }
        if is_hidden(character) {
            continue;
        }
        let needed = 1 + usize::from(pending_space);
        if length + needed > max {
            // The mark takes the place of the last character that would still fit.
            if length == max {
                shown.pop();
            }
            if max > 0 {
                shown.push('…');
            }
            return Cow::Owned(shown);
        }
        if pending_space {
            shown.push(' ');
            pending_space = false;
        }
        shown.push(character);
        length += needed;
    }
    Cow::Owned(shown)
}

/// Whether a character is a control character, changes the direction of the text around it, or
/// has no appearance of its own.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' // soft hyphen
            | '\u{34f}' // combining grapheme joiner
            | '\u{61c}' // Arabic letter mark
            | '\u{115f}'..='\u{1160}' // Hangul fillers
            | '\u{17b4}'..='\u{17b5}' // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}' // Mongolian selectors and separator
            | '\u{200b}'..='\u{200f}' // zero-width characters and direction marks
            | '\u{2028}'..='\u{202e}' // separators, embeddings and overrides
            | '\u{2060}'..='\u{206f}' // joiners, isolates, deprecated controls
            | '\u{3164}' // Hangul filler
            | '\u{fe00}'..='\u{fe0f}' // variation selectors
            | '\u{feff}' // byte order mark
            | '\u{ffa0}' // half-width Hangul filler
            | '\u{fff0}'..='\u{fffb}' // interlinear annotations
            | '\u{1d173}'..='\u{1d17a}' // musical formatting
            | '\u{e0000}'..='\u{e0fff}' // tags and further variation selectors
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_stays_as_it_is_and_is_not_copied() {
        for text in ["", "gpt-4o", "моон / кими", "a b"] {
            assert!(matches!(display_text(text, 40), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn hidden_characters_go_and_white_space_becomes_one_space() {
        for (text, shown) in [
            ("a\u{202e}b\u{2066}c", "abc"),
            ("a\u{200b}b\u{feff}", "ab"),
            ("a\0b\u{1b}[31mc", "ab[31mc"),
            (" a \r\n\t b ", "a b"),
            ("a\u{2028}b", "a b"),
            ("\u{e0041}x", "x"),
            ("\u{202e}", ""),
        ] {
            assert_eq!(display_text(text, 40), shown, "{text:?}");
        }
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_within_the_limit() {
        assert_eq!(display_text("abcdef", 6), "abcdef");
        assert_eq!(display_text("abcdefg", 6), "abcde…");
        assert_eq!(display_text("ab cd ef", 6), "ab cd…");
        assert_eq!(display_text("ääääää", 3), "ää…");
        assert_eq!(display_text("abc", 0), "");
        let endless = "x".repeat(100_000);
        assert_eq!(display_text(&endless, 80).chars().count(), 80);
    }
}
