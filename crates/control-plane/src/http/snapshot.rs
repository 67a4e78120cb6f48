//! The snapshot: sent once, then only named as long as it stays the same.

use super::caller::SignedIn;
use crate::workspace::Encoding;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

const HEADERS: [(HeaderName, HeaderValue); 2] = [
    // Kept by the browser, which asks each time whether it is still the one.
    (
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    ),
    (header::VARY, HeaderValue::from_static("accept-encoding")),
];

pub(super) async fn show(SignedIn(workspace): SignedIn, headers: HeaderMap) -> Response {
    let document = workspace.snapshot_document().await;
    let encoding = accepted(&headers);
    let (suffix, name) = match encoding {
        Encoding::Identity => ("", None),
        Encoding::Gzip => ("-gzip", Some("gzip")),
        Encoding::Brotli => ("-br", Some("br")),
    };
    let tag = format!("\"{}{suffix}\"", document.digest());
    let is_known = names(&headers, &tag);
    let tag = HeaderValue::from_str(&tag).expect("digits between quotes are visible ASCII");
    let tag = (header::ETAG, tag);
    if is_known {
        return (StatusCode::NOT_MODIFIED, HEADERS, [tag]).into_response();
    }
    let json = HeaderValue::from_static("application/json");
    let kind = (header::CONTENT_TYPE, json);
    let body = document.bytes(encoding).await;
    let mut response = (HEADERS, [tag, kind], body).into_response();
    if let Some(name) = name {
        let value = HeaderValue::from_static(name);
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, value);
    }
    response
}

/// The smallest form that the client accepts.
fn accepted(headers: &HeaderMap) -> Encoding {
    let accepts = |wanted: &str| {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let mut codings = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','));
        codings.any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let is_refused = parts.any(|part| {
                let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
                weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32))
            });
            name.eq_ignore_ascii_case(wanted) && !is_refused
        })
    };
    if accepts("br") {
        Encoding::Brotli
    } else if accepts("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// Whether the client has the representation with this tag already.
fn names(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        [(name, HeaderValue::from_static(value))]
            .into_iter()
            .collect()
    }

    #[test]
    fn the_smallest_accepted_form_is_chosen() {
        for (value, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip),
            ("GZIP", Encoding::Gzip),
            ("br; q=0.000", Encoding::Identity),
            ("zstd", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            let headers = headers(header::ACCEPT_ENCODING, value);
            assert_eq!(accepted(&headers), expected, "{value}");
        }
        assert_eq!(accepted(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn a_known_tag_is_found_in_a_list() {
        for (value, expected) in [
            ("\"a-br\"", true),
            ("\"b\", W/\"a-br\"", true),
            ("*", true),
            ("\"a\"", false),
            ("a-br", false),
        ] {
            let headers = headers(header::IF_NONE_MATCH, value);
            assert_eq!(names(&headers, "\"a-br\""), expected, "{value}");
        }
    }
}
