//! The headers of a caller that are passed on: those that the resolution lists. A caller's credentials
//! and cookies never pass.

use crate::token_check::TokenCheck;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use waypost_routing::header::PASSED_CALLER_HEADERS;

/// The longest `x-request-id` that passes, in bytes.
const MAX_REQUEST_ID: usize = 128;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Those of a caller's headers that pass: the ones that always do, and the `listed` ones, in lower
/// case, of the provider or source.
#[must_use]
pub(crate) fn passed(caller: &HeaderMap, listed: &[String]) -> HeaderMap {
    let of_connection = named_by_connection(caller);
    let mut headers = HeaderMap::with_capacity(caller.len() + 4);
    for (name, value) in caller {
        if passes(name, value, listed) && !of_connection.iter().any(|named| named == name) {
            headers.append(name, value.clone());
        }
    }
    headers
}

fn passes(name: &HeaderName, value: &HeaderValue, listed: &[String]) -> bool {
    if name == REQUEST_ID {
        let value = value.as_bytes();
        return value.len() <= MAX_REQUEST_ID && value.iter().all(u8::is_ascii_graphic);
    }
    let name = name.as_str();
    name.starts_with("x-stainless-")
        || PASSED_CALLER_HEADERS.contains(&name)
        || listed.iter().any(|listed| listed == name)
}

/// Removes every header whose value contains a token of Waypost's own: whatever its name, no upstream may
/// see it.
pub(crate) fn remove_tokens(headers: &mut HeaderMap, tokens: &dyn TokenCheck) {
    let contains = |value: &HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes());
        tokens.contains_token(&text)
    };
    let names: Vec<HeaderName> = headers
        .iter()
        .filter(|(_, value)| contains(value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in names {
        headers.remove(name);
    }
}

/// The headers that belong to the connection because `Connection` names them.
pub(crate) fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(header::CONNECTION).iter();
    values
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_is_listed_passes_and_nothing_else() {
        let passed = passed(
            &map(&[
                ("accept", "text/event-stream"),
                ("user-agent", "a/1"),
                ("anthropic-version", "2023-06-01"),
                ("anthropic-beta", "one"),
                ("anthropic-beta", "two"),
                ("openai-beta", "x"),
                ("idempotency-key", "k"),
                ("traceparent", "00"),
                ("tracestate", "a=b"),
                ("x-stainless-lang", "rust"),
                ("x-request-id", "a-1"),
                ("authorization", "Bearer wpa_"),
                ("x-api-key", "wpa_"),
                ("api-key", "k"),
                ("x-goog-api-key", "k"),
                ("cookie", "a=b"),
                ("proxy-authorization", "Basic"),
                ("host", "waypost"),
                ("content-type", "text/plain"),
                ("content-length", "1"),
                ("content-encoding", "gzip"),
                ("accept-encoding", "gzip"),
                ("openai-organization", "org"),
                ("x-forwarded-for", "192.0.2.7"),
                ("te", "trailers"),
                ("expect", "100-continue"),
                ("x-tenant", "north"),
            ]),
            &["x-tenant".to_owned()],
        );
        assert_eq!(
            names(&passed),
            [
                "accept",
                "anthropic-beta",
                "anthropic-version",
                "idempotency-key",
                "openai-beta",
                "traceparent",
                "tracestate",
                "user-agent",
                "x-request-id",
                "x-stainless-lang",
                "x-tenant",
            ]
        );
        assert_eq!(passed.get_all("anthropic-beta").iter().count(), 2);
    }

    #[test]
    fn a_request_id_passes_if_it_is_short_and_visible() {
        for value in ["a b", "", "\u{e4}"] {
            let mut headers = HeaderMap::new();
            headers.insert(
                REQUEST_ID,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
            assert_eq!(
                passed(&headers, &[]).is_empty(),
                !value.is_empty(),
                "{value}"
            );
        }
        for (length, passes) in [(128, true), (129, false)] {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, "a".repeat(length).parse().unwrap());
            assert_eq!(passed(&headers, &[]).is_empty(), !passes, "{length}");
        }
    }

    #[test]
    fn what_connection_names_belongs_to_the_connection() {
        let passed = passed(
            &map(&[
                ("connection", "keep-alive, Traceparent"),
                ("traceparent", "00"),
                ("tracestate", "a=b"),
            ]),
            &[],
        );
        assert_eq!(names(&passed), ["tracestate"]);
    }
}
