//! Request bodies that are compressed. They are decoded, because the value of `model` is inside, and go
//! on without a coding.

use crate::body::too_large;
use crate::forward_error::ForwardError;
use crate::limits::{ForwardingLimits, Reservation};
use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, StatusCode, header};
use ruzstd::decoding::StreamingDecoder;
use std::io::Read;

/// How far back a decoder must remember, in bytes. RFC 8878 asks every decoder for this much.
const MAX_WINDOW: u64 = 8 * 1024 * 1024;

/// What is decoded before the limits are checked again, in bytes.
const STEP: usize = 64 * 1024;

/// The buffer of the brotli decoder, in bytes.
const BROTLI_BUFFER: usize = 4096;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The coding of a body, if it has one.
///
/// # Errors
/// `unsupported_encoding` for another one, or for more than one.
pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Coding>, ForwardError> {
    let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let name = value.as_bytes().trim_ascii().to_ascii_lowercase();
    let coding = match &*name {
        b"identity" | b"" => Ok(None),
        b"gzip" | b"x-gzip" => Ok(Some(Coding::Gzip)),
        b"deflate" => Ok(Some(Coding::Deflate)),
        b"br" => Ok(Some(Coding::Brotli)),
        b"zstd" => Ok(Some(Coding::Zstd)),
        _ => Err(unsupported()),
    };
    match values.next() {
        None => coding,
        Some(_) => Err(unsupported()),
    }
}

fn unsupported() -> ForwardError {
    ForwardError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_encoding",
        "Waypost decodes request bodies in gzip, deflate, br or zstd, one of them at a time. Send the body without a content encoding.",
    )
}

/// Decodes a whole body, on a thread that may take its time.
pub(crate) async fn decode(
    coding: Coding,
    body: Bytes,
    limits: &ForwardingLimits,
    reservation: Reservation,
) -> Result<(Bytes, Reservation), ForwardError> {
    let limits = *limits;
    let decoding =
        tokio::task::spawn_blocking(move || decode_now(coding, &body, &limits, reservation));
    decoding.await.unwrap_or_else(|_| Err(damaged()))
}

fn decode_now(
    coding: Coding,
    body: &[u8],
    limits: &ForwardingLimits,
    mut reservation: Reservation,
) -> Result<(Bytes, Reservation), ForwardError> {
    let mut output = Output {
        decoded: Vec::new(),
        encoded: body.len(),
        limits,
        reservation: &mut reservation,
    };
    match coding {
        Coding::Gzip => output.fill(MultiGzDecoder::new(body))?,
        Coding::Deflate => output.fill(ZlibDecoder::new(body))?,
        Coding::Brotli => output.fill(brotli::Decompressor::new(body, BROTLI_BUFFER))?,
        Coding::Zstd => {
            let mut rest = body;
            while !rest.is_empty() {
                check_window(rest)?;
                let frame = StreamingDecoder::new(&mut rest).map_err(|_| damaged())?;
                output.fill(frame)?;
            }
        }
    }
    let decoded = output.decoded.into();
    Ok((decoded, reservation))
}

/// What was decoded so far.
struct Output<'a> {
    decoded: Vec<u8>,
    /// The length of what is decoded, which is held beside it.
    encoded: usize,
    limits: &'a ForwardingLimits,
    reservation: &'a mut Reservation,
}

impl Output<'_> {
    fn fill(&mut self, mut decoder: impl Read) -> Result<(), ForwardError> {
        loop {
            let before = self.decoded.len();
            let mut step = decoder.by_ref().take(STEP as u64);
            step.read_to_end(&mut self.decoded).map_err(|_| damaged())?;
            if self.decoded.len() == before {
                return Ok(());
            }
            if self.decoded.len() > self.limits.body_bytes {
                return Err(too_large(self.limits));
            }
            self.reservation
                .grow_to(self.encoded + self.decoded.capacity())?;
        }
    }
}

/// Refuses a frame that asks for a larger window, from the fields at its start.
fn check_window(frame: &[u8]) -> Result<(), ForwardError> {
    const SINGLE_SEGMENT: u8 = 0b10_0000;
    let (Some(descriptor), Some(window)) = (frame.get(4), frame.get(5)) else {
        return Err(damaged());
    };
    // A frame without a window needs no more than its content, which is limited.
    if descriptor & SINGLE_SEGMENT != 0 {
        return Ok(());
    }
    let base = 1_u64 << (10 + (window >> 3));
    let size = base + base / 8 * u64::from(window & 0b111);
    match size <= MAX_WINDOW {
        true => Ok(()),
        false => Err(ForwardError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_encoding",
            "The request body is compressed with a window of more than 8 MiB. Compress it with a lower level, or send it without a content encoding.",
        )),
    }
}

fn damaged() -> ForwardError {
    ForwardError::bad_request(
        "invalid_json",
        "The request body cannot be decoded with its content encoding.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Buffers;
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
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
            Coding::Zstd => compress_to_vec(text, CompressionLevel::Fastest),
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
    async fn a_large_window_is_refused() {
        let mut frame = encoded(Coding::Zstd, b"some text");
        // Clears the flag and the sizes that it brings, and asks for 16 MiB.
        frame[4] = 0;
        frame[5] = 14 << 3;
        let error = decoded(Coding::Zstd, frame, 1 << 20).await.unwrap_err();
        assert_eq!(error.code, "unsupported_encoding");
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
}
