//! Compressed answers of the admin API.
//!
//! Compression tells the length of an answer apart by what repeats in it. Where an answer holds a
//! secret beside text that an attacker chooses, that gives the secret away, guess by guess
//! (BREACH). So only endpoints that read are compressed: their answers hold no secret, which
//! `no_answer_of_any_reading_endpoint_holds_a_secret` checks. What signs in, deletes or sets a key
//! answers with tokens or beside typed secrets and is left alone; so is the sample, which repeats
//! what it was asked. The dashboard's files are compressed when they are built.

use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate as _, SizeAbove};

/// The smallest body that is compressed, in bytes. A smaller one fits into one packet as it is.
const SMALLEST: u64 = 1024;

type JsonAlone = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// Compresses JSON with brotli or gzip, as the client accepts it.
pub(super) fn layer() -> CompressionLayer<And<SizeAbove, JsonAlone>> {
    let json: JsonAlone = |_, _, headers, _| is_json(headers);
    CompressionLayer::new()
        // Much faster than the levels above, and within a few per cent of them on lists.
        .quality(CompressionLevel::Precise(4))
        .compress_when(SizeAbove::new(SMALLEST).and(json))
}

/// Weakens the tag of an answer that [`layer`] has compressed: it names the version, while a strong one
/// would name these bytes (RFC 9110, section 8.8.1). Goes outside of the layer.
pub(super) async fn weaken_tags(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_marked = response.extensions_mut().remove::<Uncompressed>().is_some();
    let headers = response.headers_mut();
    if is_marked
        && headers.contains_key(header::CONTENT_ENCODING)
        && let Some(tag) = headers.get(header::ETAG)
        && !tag.as_bytes().starts_with(b"W/")
    {
        let weak = [b"W/", tag.as_bytes()].concat();
        let weak = HeaderValue::from_bytes(&weak).expect("a tag is visible ASCII");
        headers.insert(header::ETAG, weak);
    }
    response
}

/// Marks an answer that comes to [`layer`] without an encoding. Goes inside of the layer.
pub(super) async fn mark_uncompressed(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if !response.headers().contains_key(header::CONTENT_ENCODING) {
        response.extensions_mut().insert(Uncompressed);
    }
    response
}

/// The answer has no encoding yet.
#[derive(Clone)]
struct Uncompressed;

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}
