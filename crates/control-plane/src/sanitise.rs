//! Text from elsewhere, made fit to be shown: one line, no control characters, nothing that turns
//! the direction of writing round, and not endless.

/// Whether a character has no place in text that a person is to read and trust: controls, line
/// and paragraph separators, and the invisible characters that reorder, join or hide others.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// One line of at most so many characters; what was cut shows as an ellipsis.
#[must_use]
pub fn line(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    let mut count = 0;
    for character in text.chars() {
        let character = match character {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            hidden if is_hidden(hidden) => continue,
            plain => plain,
        };
        if count == longest {
            shown.push('…');
            break;
        }
        shown.push(character);
        count += 1;
    }
    shown.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_what_can_be_read_and_drops_what_deceives() {
        assert_eq!(line("a\r\nb\u{202e}c\u{0}", 10), "a  bc");
        assert_eq!(line("gpt-4o \u{1f600} ü", 20), "gpt-4o \u{1f600} ü");
        assert_eq!(line("abcdef", 3), "abc…");
        assert_eq!(line("abc", 3), "abc");
    }
}
