//! Texts as YAML scalars.

/// A text as a YAML scalar that every reader takes for that text: plain where nothing in it can be
/// misread, else between double quotes.
pub(crate) fn yaml_text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(letter);
            }
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // Line separators are line breaks to some readers, and a byte order mark is dropped.
            letter if letter.is_control() || "\u{2028}\u{2029}\u{feff}".contains(letter) => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// What YAML 1.1 and 1.2 take for something else than a text.
const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];

fn is_plain(text: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(safe)
        && !text.ends_with(':')
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::yaml_text;

    #[test]
    fn only_what_cannot_be_misread_stays_plain() {
        assert_eq!(yaml_text("openrouter/a:free"), "openrouter/a:free");
        assert_eq!(yaml_text("https://a.example/v1"), "https://a.example/v1");
        for text in ["", "On", "1e3", "a: b", "a:", "- a", "a #b", "*a", "null"] {
            assert_eq!(yaml_text(text), format!("\"{text}\""));
        }
        assert_eq!(yaml_text("a\"b\\c\u{7f}\n"), r#""a\"b\\c\u007f\n""#);
    }
}
