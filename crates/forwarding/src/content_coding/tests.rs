//! Bodies in each coding, damaged ones, and those that ask for much memory.

use super::*;
use crate::limits::Buffers;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write as _;

fn encoded(coding: Coding, text: &[u8]) -> Vec<u8> {
    match coding {
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Coding::Brotli => {
            let mut encoded = Vec::new();
            brotli::CompressorWriter::new(&mut encoded, 4096, 5, 22)
                .write_all(text)
                .unwrap();
            encoded
        }
        Coding::Zstd => zstd::encode_all(text, 3).unwrap(),
    }
}

const ALL: [Coding; 4] = [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd];

async fn decoded(coding: Coding, body: Vec<u8>, most: usize) -> Result<Bytes, ForwardError> {
    let limits = ForwardingLimits {
        body_bytes: most,
        ..ForwardingLimits::default()
    };
    let reservation = Buffers::default().reserve(&limits);
    let decoded = decode(coding, body.into(), &limits, reservation).await?;
    Ok(decoded.0)
}

#[tokio::test]
async fn each_coding_is_decoded_up_to_the_limit() {
    let text = "{\"model\":\"a\"}".repeat(20_000).into_bytes();
    for coding in ALL {
        let body = encoded(coding, &text);
        assert!(body.len() < text.len(), "{coding:?}");
        let same = decoded(coding, body.clone(), text.len()).await.unwrap();
        assert!(same == text, "{coding:?}");
        let error = decoded(coding, body, text.len() - 1).await.unwrap_err();
        assert_eq!(error.code, "body_too_large", "{coding:?}");
    }
}

#[tokio::test]
async fn what_is_damaged_is_refused() {
    for coding in ALL {
        let mut cut = encoded(coding, &[b'x'; 100_000]);
        cut.truncate(cut.len() / 2);
        for body in [cut, b"not compressed".to_vec()] {
            let error = decoded(coding, body, 1 << 20).await.unwrap_err();
            assert!(
                error.code == "invalid_json" || error.code == "unsupported_encoding",
                "{coding:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_follows_a_complete_body_is_refused() {
    for coding in [Coding::Gzip, Coding::Deflate, Coding::Zstd] {
        let body = [encoded(coding, b"{}"), b"more".to_vec()].concat();
        assert_eq!(
            code(decoded(coding, body, 100).await),
            "invalid_json",
            "{coding:?}"
        );
    }
}

#[test]
fn decoding_ends_with_its_caller() {
    let limits = ForwardingLimits::default();
    let buffers = Buffers::default();
    let body = Bytes::from(encoded(Coding::Gzip, &[b'x'; 100_000]));
    let now = |is_abandoned| {
        let is_abandoned = AtomicBool::new(is_abandoned);
        let reservation = buffers.reserve(&limits);
        decode_now(Coding::Gzip, &body, &limits, reservation, &is_abandoned).is_ok()
    };
    assert!(now(false) && !now(true));
    // A future that is dropped while it decodes says so.
    let abandoned = Abandoned::default();
    let is_abandoned = Arc::clone(&abandoned.0);
    drop(abandoned);
    assert!(is_abandoned.load(Ordering::Relaxed));
}

#[tokio::test]
async fn as_many_bodies_are_decoded_at_once_as_there_are_cores() {
    // All of them: other tests decode at the same time.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let taken = PLACES
        .acquire_many(cores.try_into().unwrap())
        .await
        .unwrap();
    let body = encoded(Coding::Gzip, b"{}");
    let mut decoding = std::pin::pin!(decoded(Coding::Gzip, body, 100));
    let early = tokio::time::timeout(std::time::Duration::from_millis(50), &mut decoding).await;
    assert!(early.is_err(), "it waits for a place");
    drop(taken);
    assert_eq!(decoding.await.unwrap(), "{}");
}

fn code(found: Result<Bytes, ForwardError>) -> String {
    found.unwrap_err().code.into_owned()
}

/// The header of a zstd frame that is followed by blocks of 128 KiB, each in four bytes.
fn zstd_blocks(header: &[u8], blocks: usize) -> Vec<u8> {
    let mut frame = [&[0x28, 0xB5, 0x2F, 0xFD], header].concat();
    for _ in 0..blocks {
        // Not the last one, one byte again and again, 0x20000 times.
        frame.extend([0b010, 0, 0x10, b'x']);
    }
    frame
}

const MIB: usize = 1 << 20;

#[tokio::test]
async fn a_zstd_frame_that_declares_a_large_content_is_refused_before_it_is_decoded() {
    // One segment: a decoder keeps all of it.
    let endless = [0xE0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    let bomb = zstd_blocks(&endless, 2000);
    assert_eq!(
        code(decoded(Coding::Zstd, bomb.clone(), 64 * MIB).await),
        "body_too_large"
    );
    let behind = [encoded(Coding::Zstd, b"some text"), bomb].concat();
    assert_eq!(
        code(decoded(Coding::Zstd, behind, 64 * MIB).await),
        "body_too_large"
    );
    // 16 MiB, as one segment and as a window.
    for header in [&[0xA0, 0, 0, 0, 1][..], &[0, 14 << 3]] {
        let frame = zstd_blocks(header, 200);
        assert_eq!(
            code(decoded(Coding::Zstd, frame, 64 * MIB).await),
            "unsupported_encoding"
        );
    }
}

/// A zstd frame with 16 bytes as they are, and a block of this many matches whose lengths have these
/// bits: from 65,539 bytes to 131,074.
fn zstd_matches(matches: u8, bits: u8) -> Vec<u8> {
    let mut block = vec![
        // No literals.
        0,
        matches,
        // All three codes are the same in each sequence: no literals, a recent offset, and a length with
        // 16 bits to follow.
        0b0101_0100,
        0,
        0,
        52,
    ];
    block.extend(vec![bits; 2 * usize::from(matches)]);
    // Where the bits begin.
    block.push(1);
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0, 11 << 3, 16 << 3, 0, 0];
    frame.extend([b'x'; 16]);
    let header = (block.len() << 3) | 0b101;
    frame.extend(&header.to_le_bytes()[..3]);
    frame.extend(block);
    frame
}

#[tokio::test]
async fn a_zstd_block_of_more_than_128_kib_is_refused() {
    let body = decoded(Coding::Zstd, zstd_matches(1, 0), 64 * MIB).await;
    assert_eq!(body.unwrap().len(), 16 + 65_539);
    // 13 MiB in 240 bytes; with more matches it would be gigabytes.
    let bomb = zstd_matches(100, 0xFF);
    assert_eq!(
        code(decoded(Coding::Zstd, bomb, 64 * MIB).await),
        "invalid_json"
    );
}

#[tokio::test]
async fn a_zstd_body_has_a_limited_number_of_frames() {
    let frames = |number| encoded(Coding::Zstd, b"x").repeat(number);
    let body = decoded(Coding::Zstd, frames(MAX_FRAMES), MIB).await;
    assert_eq!(body.unwrap().len(), MAX_FRAMES);
    assert_eq!(
        code(decoded(Coding::Zstd, frames(MAX_FRAMES + 1), MIB).await),
        "unsupported_encoding"
    );
}

#[tokio::test]
async fn a_brotli_body_with_a_large_window_is_refused() {
    let text = vec![b'x'; MIB];
    let mut body = Vec::new();
    brotli::CompressorWriter::new(&mut body, 4096, 5, 24)
        .write_all(&text)
        .unwrap();
    assert_eq!(
        code(decoded(Coding::Brotli, body, 64 * MIB).await),
        "unsupported_encoding"
    );
    let params = brotli::enc::BrotliEncoderParams {
        quality: 5,
        lgwin: 30,
        large_window: true,
        ..Default::default()
    };
    let mut body = Vec::new();
    brotli::BrotliCompress(&mut &*text, &mut body, &params).unwrap();
    assert_eq!(
        code(decoded(Coding::Brotli, body, 64 * MIB).await),
        "unsupported_encoding"
    );
}

#[tokio::test]
async fn the_memory_of_a_decoder_is_reserved_before_it_is_used_and_given_back() {
    let limits = |buffered_bytes| ForwardingLimits {
        buffered_bytes,
        ..ForwardingLimits::default()
    };
    // A zstd frame with a window of 4 MiB and one byte, and what an encoder of brotli makes.
    let zstd = [
        &zstd_blocks(&[0, 12 << 3], 0)[..],
        &[1 << 3 | 1, 0, 0, b'x'],
    ]
    .concat();
    for (coding, body) in [
        (Coding::Zstd, zstd),
        (Coding::Brotli, encoded(Coding::Brotli, b"x")),
    ] {
        let body = Bytes::from(body);
        let few = limits(4 * MIB);
        let reservation = Buffers::default().reserve(&few);
        let refused = decode(coding, body.clone(), &few, reservation).await;
        assert_eq!(refused.err().unwrap().code, "overloaded", "{coding:?}");
        let (buffers, enough) = (Buffers::default(), limits(6 * MIB));
        let reservation = buffers.reserve(&enough);
        let (text, reservation) = decode(coding, body, &enough, reservation).await.unwrap();
        assert_eq!(text, "x", "{coding:?}");
        assert!(buffers.used() <= STEP, "{coding:?}");
        drop(reservation);
        assert_eq!(buffers.used(), 0);
    }
}

#[test]
fn one_coding_is_read_from_the_headers() {
    let coding = |values: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("content-encoding", value.parse().unwrap());
        }
        of(&headers).map_err(|error| error.code.into_owned())
    };
    assert_eq!(coding(&[]), Ok(None));
    assert_eq!(coding(&["identity"]), Ok(None));
    assert_eq!(coding(&["GZIP"]), Ok(Some(Coding::Gzip)));
    assert_eq!(coding(&["deflate"]), Ok(Some(Coding::Deflate)));
    assert_eq!(coding(&["br"]), Ok(Some(Coding::Brotli)));
    assert_eq!(coding(&["zstd"]), Ok(Some(Coding::Zstd)));
    for refused in [&["compress"][..], &["gzip, br"], &["gzip", "gzip"]] {
        assert_eq!(coding(refused), Err("unsupported_encoding".to_owned()));
    }
}
