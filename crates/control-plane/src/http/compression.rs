//! Compressed answers of the admin API.
//!
//! Compression tells the length of an answer apart by what repeats in it. Where an answer holds a
//! secret beside text that an attacker chooses, that gives the secret away, guess by guess
//! (BREACH). So only endpoints that read are compressed: their answers hold no secret, which
//! `no_answer_of_any_reading_endpoint_holds_a_secret` checks. What signs in, deletes or sets a key
//! answers with tokens or beside typed secrets and is left alone; so is the sample, which repeats
//! what it was asked. The dashboard's files are compressed when they are built.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
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

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}
