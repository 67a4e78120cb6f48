//! Text from elsewhere, made fit to be shown: one line, no control or invisible characters, and not
//! endless.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Characters that are drawn as a blank although Unicode counts them among the visible: the Braille
/// blank, the Khitan filler, the musical null notehead.
const BLANKS: [char; 3] = ['\u{2800}', '\u{16fe4}', '\u{1d159}'];

/// Whether a character looks like a plain space or like nothing: controls and format
/// characters, separators other than the space, and what Unicode lets a font leave out (variation
/// selectors, fillers, joiners).
///
/// It goes by Unicode's categories, so that a character of a later Unicode version needs no change
/// here.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    if matches!(character, ' '..='~') {
        return false;
    }
    match CodePointMapData::<GeneralCategory>::new().get(character) {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::SpaceSeparator
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator => true,
        _ => {
            BLANKS.contains(&character)
                || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        }
    }
}

/// Whether a reader sees every character of a text: none is invisible, and no space is at either
/// end or beside another one.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(is_invisible)
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
}

/// One line without invisible characters. White space becomes a plain space.
#[must_use]
pub fn one_line(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|character| {
            if character.is_whitespace() {
                ' '
            } else {
                character
            }
        })
        .filter(|character| !is_invisible(*character))
        .collect();
    shown.trim().to_owned()
}

/// [`one_line`] of at most `longest` characters; what was cut shows as an ellipsis.
#[must_use]
pub fn line(text: &str, longest: usize) -> String {
    let mut shown = one_line(text);
    if let Some((end, _)) = shown.char_indices().nth(longest) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::display_text;

    #[test]
    fn a_line_keeps_what_can_be_read_and_drops_what_deceives() {
        assert_eq!(line("a\r\nb\u{202e}c\u{0}", 10), "a  bc");
        assert_eq!(line("gpt-4o \u{1f600} ü", 20), "gpt-4o \u{1f600} ü");
        assert_eq!(line("Model\u{a0}A\u{fe0f}\u{3164} ", 20), "Model A");
        assert_eq!(line("abcdef", 3), "abc…");
        assert_eq!(line("abc", 3), "abc");
    }

    #[test]
    fn a_space_is_plain_only_between_two_visible_characters() {
        for text in ["", "a", "a b", "a b c", "ü/モデル:free"] {
            assert!(is_plain(text), "{text:?}");
        }
        for text in [" a", "a ", "a  b", " ", "a\u{a0}b", "a\u{3000}b"] {
            assert!(!is_plain(text), "{text:?}");
        }
    }

    /// What is refused here is what the dashboard writes out.
    #[test]
    fn the_dashboard_takes_the_same_characters_for_invisible() {
        for character in '\0'..=char::MAX {
            assert_eq!(
                is_invisible(character),
                display_text::is_invisible(character),
                "{character:?}"
            );
        }
    }
}
