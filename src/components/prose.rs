//! Text with code, addresses and names in it.

use leptos::prelude::*;

/// A sentence with code between backticks.
#[component]
pub fn Prose(
    /// The sentence.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    move || {
        pieces(&text.get())
            .into_iter()
            .map(|(piece, code)| {
                if code {
                    view! {
                        <code>
                            <Breaking text=piece />
                        </code>
                    }
                    .into_any()
                } else {
                    piece.into_any()
                }
            })
            .collect_view()
    }
}

/// A URL that breaks between its parts if the line is too short.
#[component]
pub fn Address(
    /// The address.
    #[prop(into)]
    url: String,
) -> impl IntoView {
    view! {
        <code class="address">
            <Breaking text=url />
        </code>
    }
}

/// A text whose URLs and names break between their parts if the line is too short.
#[component]
pub fn Breaking(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    breaks(&text)
        .into_iter()
        .map(|part| view! { {part.to_owned()} <wbr /> })
        .collect_view()
}

/// The pieces of a sentence, and which of them are code. A backtick without a partner is text.
fn pieces(text: &str) -> Vec<(String, bool)> {
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    // An even number of parts is an odd number of backticks.
    let unpaired = parts.len().is_multiple_of(2);
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        if unpaired && index == last {
            pieces.push((format!("`{part}"), false));
        } else if !part.is_empty() {
            pieces.push((part.to_owned(), index % 2 == 1));
        }
    }
    pieces
}

/// The parts of an address or a name, each with the separator that it begins with. The scheme is
/// never alone.
fn breaks(url: &str) -> Vec<&str> {
    let start = url.find("://").map_or(0, |at| at + 3);
    let mut parts = Vec::new();
    let mut from = 0;
    let mut before = ' ';
    for (at, letter) in url.char_indices().skip_while(|(at, _)| *at < start) {
        let separates = matches!(letter, '/' | '.' | ':' | '_') && letter != before;
        before = letter;
        if separates {
            // A line begins with the separator, which says that the address goes on.
            parts.push(&url[from..at]);
            from = at;
        }
    }
    parts.push(&url[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(String, bool)> {
        pieces(text)
    }

    #[test]
    fn backticks_set_code_apart() {
        assert_eq!(
            said("`base_url` of `edge` is wrong"),
            [
                ("base_url".to_owned(), true),
                (" of ".to_owned(), false),
                ("edge".to_owned(), true),
                (" is wrong".to_owned(), false),
            ]
        );
        assert_eq!(said("plain"), [("plain".to_owned(), false)]);
    }

    #[test]
    fn a_lone_backtick_stays() {
        assert_eq!(
            said("a ` b"),
            [("a ".to_owned(), false), ("` b".to_owned(), false)]
        );
    }

    #[test]
    fn addresses_break_before_their_separators() {
        assert_eq!(
            breaks("https://gw.example.com/v1"),
            ["https://gw", ".example", ".com", "/v1"]
        );
        assert_eq!(
            breaks("http://127.0.0.1:4000"),
            ["http://127", ".0", ".0", ".1", ":4000"]
        );
        assert_eq!(
            breaks("child::subagent::writer"),
            ["child", "::subagent", "::writer"]
        );
        assert_eq!(breaks("").concat(), "");
    }
}
