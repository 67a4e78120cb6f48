//! Headers that an upstream says are missing.
//!
//! Gateways such as Portkey, and Anthropic's API, refuse a request that lacks a header of theirs and
//! name it in prose or in a validation error. Of that only the name is taken: letters, digits and
//! hyphens, of a header that an administrator may set.

use super::json;
use super::sent_secrets::SentSecrets;
use serde_json::Value;
use waypost_routing::header::check_name;

/// How many names are taken from one answer.
const MOST: usize = 4;
/// The longest name.
const LONGEST: usize = 64;
/// How many words before and after the word "header" may be its name.
const WORDS_BEFORE: usize = 5;
const WORDS_AFTER: usize = 3;
/// How much prose is read, in bytes.
const PROSE: usize = 4096;

/// The header of Anthropic's API that has one current value.
const ANTHROPIC_VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// The names of the headers that a body says are missing, in lower case.
pub(super) fn named_in(body: &[u8], sent: &SentSecrets) -> Vec<String> {
    let mut found = Vec::new();
    let mut take = |name: &str| {
        let name = name.to_ascii_lowercase();
        if is_settable(&name) && !sent.overlap(&name) && !found.contains(&name) {
            found.push(name);
        }
    };
    let json = match json::is_too_deep(body) {
        true => None,
        false => serde_json::from_slice::<Value>(body).ok(),
    };
    match json {
        Some(json) => {
            fields_of(&json).into_iter().for_each(&mut take);
            for prose in prose_of(&json) {
                in_prose(prose).into_iter().for_each(&mut take);
            }
        }
        None => {
            let text = std::str::from_utf8(body).unwrap_or_default();
            if !text.trim_start().starts_with('<') {
                in_prose(text).into_iter().for_each(&mut take);
            }
        }
    }
    found.truncate(MOST);
    found
}

/// What to do about the headers.
pub(super) fn advice(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let add = match quoted.as_slice() {
        [] => return String::new(),
        [one] => format!("Add {one} as a static header."),
        many => format!("Add {} as a static header.", many.join(" or ")),
    };
    let (name, value) = ANTHROPIC_VERSION;
    match names.iter().any(|known| known == name) {
        true => format!("{add} The value of `{name}` is `{value}`."),
        false => add,
    }
}

fn is_settable(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (3..=LONGEST).contains(&name.len())
        && name.bytes().all(is_plain)
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.ends_with('-')
        && check_name(name).is_ok()
        && !matches!(name, "content-type" | "accept" | "user-agent")
}

/// The headers of a validation error as FastAPI writes it: `{"loc": ["header", "x-team"], …}`.
fn fields_of(json: &Value) -> Vec<&str> {
    let items = json["detail"].as_array().map_or(&[][..], Vec::as_slice);
    items
        .iter()
        .filter(|item| item["loc"][0] == "header")
        .filter_map(|item| item["loc"][1].as_str())
        .collect()
}

/// The texts of an error that are meant for a person.
fn prose_of(json: &Value) -> impl Iterator<Item = &str> {
    let places = [
        &json["error"],
        &json["error"]["message"],
        &json["message"],
        &json["detail"],
        &json["errors"][0]["message"],
    ];
    places.into_iter().filter_map(Value::as_str)
}

/// Words with a hyphen beside the word "header", in prose that says that something is missing.
fn in_prose(prose: &str) -> Vec<&str> {
    let prose = &prose[..prose.floor_char_boundary(PROSE)];
    let lower = prose.to_ascii_lowercase();
    let lacks = [
        "missing",
        "require",
        "must",
        "provide",
        "expect",
        "absent",
        "need",
        "not found",
        "not set",
        "no ",
    ];
    if !lacks.iter().any(|word| lower.contains(word)) {
        return Vec::new();
    }
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let words: Vec<&str> = prose
        .split(|character: char| !is_part(character))
        .filter(|word| !word.is_empty())
        .collect();
    let is_header =
        |word: &&str| word.eq_ignore_ascii_case("header") || word.eq_ignore_ascii_case("headers");
    words
        .iter()
        .enumerate()
        .filter(|(at, word)| {
            let near = at.saturating_sub(WORDS_AFTER)..(at + WORDS_BEFORE + 1).min(words.len());
            word.contains('-') && words[near].iter().any(is_header)
        })
        .map(|(_, word)| *word)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(body: &str) -> String {
        named_in(body.as_bytes(), &SentSecrets::default()).join(" ")
    }

    #[test]
    fn a_missing_header_is_found_in_every_form() {
        for (body, names) in [
            // Portkey.
            (
                r#"{"status":"failure","message":"Either x-portkey-config or x-portkey-provider header is required"}"#,
                "x-portkey-config x-portkey-provider",
            ),
            // Anthropic.
            (
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"anthropic-version: header is required"}}"#,
                "anthropic-version",
            ),
            (
                r#"{"type":"error","error":{"type":"authentication_error","message":"x-api-key header is required"}}"#,
                "x-api-key",
            ),
            // FastAPI.
            (
                r#"{"detail":[{"type":"missing","loc":["header","X-Team"],"msg":"Field required"},{"loc":["query","a-b"]}]}"#,
                "x-team",
            ),
            // Cloudflare, Azure API Management, Kong, and a gateway that answers in plain text.
            (
                r#"{"success":false,"errors":[{"code":2009,"message":"Missing cf-aig-authorization header"}]}"#,
                "cf-aig-authorization",
            ),
            (
                r#"{"error":"Missing required header: OpenAI-Organization"}"#,
                "openai-organization",
            ),
            ("Header 'X-Tenant-Id' must be set.", "x-tenant-id"),
            (r#"{"detail":"No X-Tenant header"}"#, "x-tenant"),
        ] {
            assert_eq!(named(body), names, "{body}");
        }
    }

    #[test]
    fn other_words_are_no_headers() {
        for body in [
            "",
            "[]",
            r#"{"error":{"message":"The api-version query parameter is required"}}"#,
            r#"{"message":"The header x-team has an unknown value"}"#,
            r#"{"message":"missing header host, content-type header, proxy-authorization header"}"#,
            r#"{"message":"<script> header is required"}"#,
            r#"{"detail":[{"loc":["header","x team"]},{"loc":["header",5]},{"loc":"header"}]}"#,
            "<html>missing x-team header</html>",
        ] {
            assert_eq!(named(body), "", "{body}");
        }
        let endless = format!("missing header x-{}", "a".repeat(70));
        assert_eq!(named(&endless), "");
        let many = "required headers: x-a1 x-b1 x-c1 headers x-d1 x-e1 x-f1 headers x-g1";
        assert_eq!(named(many).split(' ').count(), MOST);
    }

    #[test]
    fn what_was_sent_is_not_repeated() {
        let sent = SentSecrets::new(&[(
            "x-api-key".to_owned(),
            waypost_secrets::SecretText::new("x-canary-1234".to_owned()),
        )]);
        let body = b"The header x-canary-1234 is missing, and the header x-canary is required";
        assert_eq!(named_in(body, &sent), Vec::<String>::new());
    }

    #[test]
    fn the_advice_names_each() {
        let names = |names: &[&str]| {
            advice(
                &names
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(names(&["x-a"]), "Add `x-a` as a static header.");
        assert_eq!(
            names(&["x-a", "x-b"]),
            "Add `x-a` or `x-b` as a static header."
        );
        assert_eq!(
            names(&["anthropic-version"]),
            "Add `anthropic-version` as a static header. The value of `anthropic-version` is `2023-06-01`."
        );
        assert_eq!(names(&[]), "");
    }
}
