//! Conversions between the texts of the dialog and the values of an entry.

use crate::api::types::{ProviderInput, ProviderPatch};
use std::collections::BTreeMap;

/// A text that is not blank.
pub(super) fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Headers, one per line.
pub(super) fn write_headers(headers: &BTreeMap<String, String>) -> String {
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.join("\n")
}

/// Parses headers, or returns the invalid line. The server validates names and values.
pub(super) fn read_headers(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut headers = BTreeMap::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            continue;
        }
        match line.split_once(':') {
            Some((name, value)) if !name.trim().is_empty() => {
                headers.insert(name.trim().to_owned(), value.trim().to_owned());
            }
            _ => return Err(line.to_owned()),
        }
    }
    Ok(headers)
}

/// The text with a line for a header, whose value is still to be entered, unless it has one.
pub(super) fn with_header(text: &str, name: &str) -> String {
    let mut lines = text.lines();
    let has_line = lines.any(|line| {
        let own = line.split(':').next().unwrap_or_default();
        own.trim().eq_ignore_ascii_case(name)
    });
    if has_line {
        return text.to_owned();
    }
    let separator = match text.is_empty() || text.ends_with('\n') {
        true => "",
        false => "\n",
    };
    [text, separator, name, ": "].concat()
}

/// The input as a patch. Emptied fields are cleared.
pub(super) fn patch(draft: ProviderInput) -> ProviderPatch {
    ProviderPatch {
        kind: Some(draft.kind),
        base_url: Some(draft.base_url),
        api_key_env: Some(draft.api_key_env.unwrap_or_default()),
        default_headers: Some(draft.default_headers),
        docs: Some(draft.docs.unwrap_or_default()),
        allow_private: Some(draft.allow_private),
        new_models: Some(draft.new_models),
        limits: Some(draft.limits),
        pass_headers: Some(draft.pass_headers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_they_are_written() {
        let text = "HTTP-Referer: https://waypost.example/\n\n x-title :  Way: post ";
        let headers = read_headers(text).expect("both lines are headers");
        assert_eq!(headers["HTTP-Referer"], "https://waypost.example/");
        assert_eq!(headers["x-title"], "Way: post");
        assert_eq!(read_headers(&write_headers(&headers)), Ok(headers));
    }

    #[test]
    fn a_header_gets_one_line() {
        assert_eq!(with_header("", "x-team"), "x-team: ");
        assert_eq!(with_header("a: b", "x-team"), "a: b\nx-team: ");
        assert_eq!(with_header("a: b\n", "x-team"), "a: b\nx-team: ");
        assert_eq!(with_header("X-Team: blue", "x-team"), "X-Team: blue");
    }

    #[test]
    fn a_line_that_is_no_header_is_named() {
        assert_eq!(read_headers("a: b\nnonsense"), Err("nonsense".to_owned()));
        assert_eq!(read_headers(": value"), Err(": value".to_owned()));
    }
}
