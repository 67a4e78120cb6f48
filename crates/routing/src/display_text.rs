//! Text from elsewhere, made safe to show.
//!
//! Model ids, descriptions and error texts come from upstreams, and a hostile one may put
//! characters into them that hide, reorder or stretch what a person reads. This is for showing
//! only: what is compared or sent stays as it came.

use std::borrow::Cow;

/// The text on one line and at most `max` characters long; a longer one ends in `…`.
///
/// Control, bidirectional and invisible characters are written out, as in `\u{202e}`, so that two
/// texts that differ only in them do not look alike. Line breaks and tabs become spaces.
#[must_use]
pub fn display_text(text: &str, max: usize) -> Cow<'_, str> {
    let clean = !text.chars().take(max + 1).any(is_invisible);
    if clean && text.chars().nth(max).is_none() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut length = 0;
    // Where the last character begins, the space before it included.
    let mut last = 0;
    let mut pending_space = false;
    for character in text.chars() {
        if matches!(character, ' ' | '\t'..='\r') {
            pending_space = length > 0;
            continue;
        }
        let hidden = is_invisible(character);
        let width = if hidden {
            character.escape_unicode().len()
        } else {
            1
        };
        let needed = width + usize::from(pending_space);
        if length + needed > max {
            // The mark takes the place of the last character that would still fit.
            if length == max {
                shown.truncate(last);
            }
            if max > 0 {
                shown.push('…');
            }
            return Cow::Owned(shown);
        }
        last = shown.len();
        if pending_space {
            shown.push(' ');
            pending_space = false;
        }
        if hidden {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
        length += needed;
    }
    Cow::Owned(shown)
}

/// Whether a character looks like a plain space or like nothing: controls and format
/// characters, separators other than the space, characters that Unicode lets a font leave out, and
/// the few that are drawn as a blank.
///
/// The table is written out because Unicode's own tables would be downloaded with the dashboard;
/// a test holds it equal to them.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{a0}' // no-break space
            | '\u{ad}' // soft hyphen
            | '\u{34f}' // combining grapheme joiner
            | '\u{600}'..='\u{605}' // Arabic number signs
            | '\u{61c}' // Arabic letter mark
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}' // Hangul fillers
            | '\u{1680}' // Ogham space
            | '\u{17b4}'..='\u{17b5}' // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}' // Mongolian selectors and separator
            | '\u{2000}'..='\u{200f}' // spaces, zero-width characters, direction marks
            | '\u{2028}'..='\u{202f}' // separators, embeddings and overrides
            | '\u{205f}'..='\u{206f}' // joiners, isolates, deprecated controls
            | '\u{2800}' // Braille blank
            | '\u{3000}' // ideographic space
            | '\u{3164}' // Hangul filler
            | '\u{fe00}'..='\u{fe0f}' // variation selectors
            | '\u{feff}' // byte order mark
            | '\u{ffa0}' // half-width Hangul filler
            | '\u{fff0}'..='\u{fffb}' // interlinear annotations
            | '\u{110bd}' // Kaithi number signs
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' // Egyptian format controls
            | '\u{16fe4}' // Khitan filler
            | '\u{1bca0}'..='\u{1bca3}' // shorthand format controls
            | '\u{1d159}' // musical null notehead
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
    fn invisible_characters_are_written_out_and_line_breaks_become_one_space() {
        for (text, shown) in [
            ("a\u{202e}b\u{2066}c", r"a\u{202e}b\u{2066}c"),
            ("a\u{200b}b\u{feff}", r"a\u{200b}b\u{feff}"),
            ("a\0b\u{1b}[31mc", r"a\u{0}b\u{1b}[31mc"),
            (" a \r\n\t b ", "a b"),
            ("a\u{2028}b", r"a\u{2028}b"),
            ("a\u{a0}b", r"a\u{a0}b"),
            ("gpt-4o\u{fe0f}", r"gpt-4o\u{fe0f}"),
            ("\u{3164}\u{2800}", r"\u{3164}\u{2800}"),
            ("\u{e0041}x", r"\u{e0041}x"),
            ("\u{202e}", r"\u{202e}"),
        ] {
            assert_eq!(display_text(text, 40), shown, "{text:?}");
        }
    }

    /// The table is Unicode's, and three blanks that Unicode counts among the visible.
    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn the_table_of_invisible_characters_is_that_of_unicode() {
        use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
        use icu_properties::{CodePointMapData, CodePointSetData};
        let categories = CodePointMapData::<GeneralCategory>::new();
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        for character in '\0'..=char::MAX {
            let by_category = match categories.get(character) {
                GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator => true,
                GeneralCategory::SpaceSeparator => character != ' ',
                _ => matches!(character, '\u{2800}' | '\u{16fe4}' | '\u{1d159}'),
            };
            let expected = by_category || ignorable.contains(character);
            assert_eq!(is_invisible(character), expected, "{character:?}");
        }
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_within_the_limit() {
        assert_eq!(display_text("abcdef", 6), "abcdef");
        assert_eq!(display_text("abcdefg", 6), "abcde…");
        assert_eq!(display_text("ab cd ef", 6), "ab cd…");
        assert_eq!(display_text("ääääää", 3), "ää…");
        assert_eq!(display_text("abc", 0), "");
        // What is written out is shown whole or not at all.
        assert_eq!(display_text("ab\u{202e}cd", 12), r"ab\u{202e}cd");
        assert_eq!(display_text("ab\u{202e}cd", 10), "ab…");
        assert_eq!(display_text("ab\u{202e}", 9), "ab…");
        let endless = "x".repeat(100_000);
        assert_eq!(display_text(&endless, 80).chars().count(), 80);
    }
}
