//! Letters as the browser knows them.

/// A text in lower case, for searches. Letters outside of ASCII are left to the browser: the tables of
/// the standard library would be loaded by every visitor.
#[must_use]
pub fn lower_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    #[cfg(target_family = "wasm")]
    let lower = String::from(web_sys::js_sys::JsString::from(text).to_lower_case());
    #[cfg(not(target_family = "wasm"))]
    let lower = text.to_lowercase();
    lower
}

#[cfg(test)]
mod tests {
    use super::lower_case;

    #[test]
    fn every_letter_is_lower_case() {
        assert_eq!(lower_case("OpenRouter/GPT-4o"), "openrouter/gpt-4o");
        assert_eq!(lower_case("ÜBER"), "über");
    }
}
