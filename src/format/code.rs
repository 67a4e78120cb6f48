//! Codes in words.

/// A code as a label, where there is no room for its sentence: `missing API key`.
#[must_use]
pub fn code_label(code: &str) -> String {
    let words = code.split('_').map(|word| match word {
        "api" => "API",
        "url" => "URL",
        "id" => "ID",
        word => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::code_label;

    #[test]
    fn a_code_is_read_as_words() {
        assert_eq!(code_label("missing_api_key"), "missing API key");
        assert_eq!(code_label("down"), "down");
    }
}
