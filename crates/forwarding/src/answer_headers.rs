//! The headers of an answer: those of the upstream that pass, and Waypost's own.

use crate::caller_headers::named_by_connection;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Headers of an upstream that are not passed on: those that belong to its connection, and those
/// that would speak for the origin that the caller knows, which is Waypost's. A proxy in front of Waypost
/// would take others as Waypost's orders: which of its files to send, how to cache.
const WITHHELD: [&str; 23] = [
    "alt-svc",
    "clear-site-data",
    "connection",
    "keep-alive",
    "link",
    "location",
    "nel",
    "proxy-authenticate",
    "proxy-connection",
    "refresh",
    "report-to",
    "server",
    "service-worker-allowed",
    "set-cookie",
    "strict-transport-security",
    "surrogate-control",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-lighttpd-send-file",
    "x-litespeed-location",
    "x-sendfile",
];

const WITHHELD_PREFIXES: [&str; 4] = [
    "access-control-",
    "content-security-policy",
    "x-accel-",
    "x-waypost-",
];

/// The id of a request, which is also in its record.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-waypost-request-id");
/// The kind of the route that was taken.
pub(crate) const ROUTE: HeaderName = HeaderName::from_static("x-waypost-route");
/// The provider or source that answered.
pub(crate) const PROVIDER: HeaderName = HeaderName::from_static("x-waypost-provider");
/// Why the fallback was used.
pub(crate) const FALLBACK: HeaderName = HeaderName::from_static("x-waypost-fallback");
/// The code of one of Waypost's own errors.
pub(crate) const CODE: HeaderName = HeaderName::from_static("x-waypost-code");

/// Those of an upstream's headers that pass.
pub(crate) fn passed(upstream: &HeaderMap) -> HeaderMap {
    let of_connection = named_by_connection(upstream);
    let mut headers = HeaderMap::with_capacity(upstream.len() + 6);
    for (name, value) in upstream {
        let text = name.as_str();
        let is_withheld = WITHHELD.contains(&text)
            || WITHHELD_PREFIXES
                .iter()
                .any(|prefix| text.starts_with(prefix));
        if !is_withheld && !of_connection.contains(name) {
            headers.append(name, value.clone());
        }
    }
    // RFC 9112, section 6.3: the length is not the body's if there is a transfer coding.
    if upstream.contains_key(header::TRANSFER_ENCODING) {
        headers.remove(header::CONTENT_LENGTH);
    }
    headers
}

/// The media type of a stream of events.
pub(crate) const EVENTS: &[u8] = b"text/event-stream";
/// The media type of JSON.
pub(crate) const JSON: &[u8] = b"application/json";

/// Whether an answer has this media type, whatever its parameters.
pub(crate) fn has_type(headers: &HeaderMap, name: &[u8]) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let kind = kind.and_then(|kind| kind.split(|byte| *byte == b';').next());
    kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(name))
}

/// Adds what every answer below `/v1` carries. A browser must not run what an upstream wrote.
pub(crate) fn seal(headers: &mut HeaderMap, request_id: &str) {
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    let id = HeaderValue::from_str(request_id).expect("an id is visible ASCII");
    headers.insert(REQUEST_ID, id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_for_an_origin_or_belongs_to_a_connection_is_withheld() {
        let mut upstream = HeaderMap::new();
        for name in WITHHELD {
            upstream.append(name, HeaderValue::from_static("x"));
        }
        upstream.insert("connection", HeaderValue::from_static("close, x-hop"));
        for name in [
            "x-hop",
            "access-control-allow-origin",
            "content-security-policy-report-only",
            "x-accel-redirect",
            "x-waypost-code",
        ] {
            upstream.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        assert!(passed(&upstream).is_empty());
    }

    #[test]
    fn a_media_type_is_compared_whole() {
        for (value, is_it) in [
            ("text/event-stream", true),
            ("Text/Event-Stream; charset=utf-8", true),
            ("text/event-stream ;x", true),
            ("text/event-streams", false),
            ("text/event", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            assert_eq!(has_type(&headers, EVENTS), is_it, "{value}");
        }
        assert!(!has_type(&HeaderMap::new(), EVENTS));
    }

    #[test]
    fn a_length_beside_a_transfer_coding_is_withheld() {
        let mut upstream = HeaderMap::new();
        upstream.insert("content-length", HeaderValue::from_static("12"));
        assert_eq!(passed(&upstream).len(), 1);
        upstream.insert("transfer-encoding", HeaderValue::from_static("chunked"));
        assert!(passed(&upstream).is_empty());
    }

    #[test]
    fn everything_else_passes_with_each_of_its_values() {
        let mut upstream = HeaderMap::new();
        for (name, value) in [
            ("retry-after", "3"),
            ("anthropic-ratelimit-unified-status", "allowed"),
            ("x-request-id", "req_1"),
            ("content-type", "text/event-stream"),
            ("content-length", "12"),
            ("cache-control", "no-cache"),
            ("x-many", "1"),
            ("x-many", "2"),
        ] {
            upstream.append(name, HeaderValue::from_static(value));
        }
        assert_eq!(passed(&upstream), upstream);
    }
}
