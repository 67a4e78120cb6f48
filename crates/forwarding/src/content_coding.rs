//! Request bodies that are compressed. They are decoded, because the value of `model` is inside, and go
//! on without a coding.

mod window;

use crate::body::too_large;
use crate::forward_error::ForwardError;
use crate::limits::{ForwardingLimits, Reservation};
use bytes::Bytes;
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, StatusCode, header};
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Frames of one zstd body. Each costs a start of the decoder, however little it contains.
const MAX_FRAMES: usize = 256;

/// The state of a decoder for gzip and deflate, in bytes, its window included.
const INFLATE_STATE: usize = 64 * 1024;

/// The tables of a decoder for brotli and zstd, in bytes, beside its window.
const TABLES: usize = 1024 * 1024;

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

/// One place for each core. Bodies that expand much would otherwise fill the threads that other
/// requests wait for.
static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Arc::new(Semaphore::new(cores))
});

/// Says that the caller of a decoding has left.
#[derive(Default)]
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Decodes a whole body, on a thread that may take its time. Dropping the future ends that, too.
pub(crate) async fn decode(
    coding: Coding,
    body: Bytes,
    limits: &ForwardingLimits,
    reservation: Reservation,
) -> Result<(Bytes, Reservation), ForwardError> {
    let limits = *limits;
    let place = Arc::clone(&PLACES).acquire_owned().await;
    let abandoned = Abandoned::default();
    let is_abandoned = Arc::clone(&abandoned.0);
    let decoding = tokio::task::spawn_blocking(move || {
        let _place = place;
        decode_now(coding, &body, &limits, reservation, &is_abandoned)
    });
    decoding.await.unwrap_or_else(|_| Err(damaged()))
}

fn decode_now(
    coding: Coding,
    body: &[u8],
    limits: &ForwardingLimits,
    mut reservation: Reservation,
    is_abandoned: &AtomicBool,
) -> Result<(Bytes, Reservation), ForwardError> {
    let mut output = Output {
        decoded: Vec::new(),
        encoded: body.len(),
        decoder: INFLATE_STATE,
        limits,
        reservation: &mut reservation,
        is_abandoned,
    };
    match coding {
        Coding::Gzip => output.fill(MultiGzDecoder::new(body))?,
        Coding::Deflate => {
            let mut rest = body;
            output.fill(ZlibDecoder::new(&mut rest))?;
            if !rest.is_empty() {
                return Err(damaged());
            }
        }
        Coding::Brotli => {
            output.decoder = window::of_brotli(body)? + TABLES;
            output.fill(brotli::Decompressor::new(body, BROTLI_BUFFER))?;
        }
        Coding::Zstd => output.fill_with_frames(body)?,
    }
    let decoded = output.decoded;
    reservation.shrink_to(decoded.capacity());
    Ok((decoded.into(), reservation))
}

/// What was decoded so far. Memory is reserved before it is used.
struct Output<'a> {
    decoded: Vec<u8>,
    /// The length of what is decoded, which is held beside it.
    encoded: usize,
    /// What the decoder takes, in bytes.
    decoder: usize,
    limits: &'a ForwardingLimits,
    reservation: &'a mut Reservation,
    is_abandoned: &'a AtomicBool,
}

impl Output<'_> {
    fn fill(&mut self, mut decoder: impl Read) -> Result<(), ForwardError> {
        self.reserve(self.decoded.capacity())?;
        loop {
            if self.is_abandoned.load(Ordering::Relaxed) {
                return Err(damaged());
            }
            let room = self.make_room()?;
            let mut step = decoder.by_ref().take(room.min(STEP) as u64);
            let read = step.read_to_end(&mut self.decoded).map_err(|_| damaged())?;
            if read == 0 {
                return Ok(());
            }
            if self.decoded.len() > self.limits.body_bytes {
                return Err(too_large(self.limits));
            }
        }
    }

    fn fill_with_frames(&mut self, mut rest: &[u8]) -> Result<(), ForwardError> {
        for _ in 0..MAX_FRAMES {
            if rest.is_empty() {
                return Ok(());
            }
            self.decoder = window::of_zstd(rest, self.limits)? + TABLES;
            let decoder = zstd::Decoder::with_buffer(&mut rest).map_err(|_| damaged())?;
            let mut decoder = decoder.single_frame();
            decoder
                .window_log_max(window::MAX_BITS)
                .map_err(|_| damaged())?;
            self.fill(decoder)?;
        }
        match rest.is_empty() {
            true => Ok(()),
            false => Err(ForwardError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_encoding",
                format!(
                    "The request body consists of more than {MAX_FRAMES} zstd frames. Compress it as one."
                ),
            )),
        }
    }

    /// Makes room for at least one more byte, and returns for how many there is. One byte more than
    /// the limit shows that a body is too large.
    fn make_room(&mut self) -> Result<usize, ForwardError> {
        let length = self.decoded.len();
        if length == self.decoded.capacity() {
            let most = self.limits.body_bytes.saturating_add(1);
            let capacity = (2 * length).max(length + STEP).min(most);
            self.reserve(capacity)?;
            self.decoded.reserve_exact(capacity - length);
        }
        Ok(self.decoded.capacity() - length)
    }

    fn reserve(&mut self, capacity: usize) -> Result<(), ForwardError> {
        self.reservation
            .grow_to(self.encoded + self.decoder + capacity)
    }
}

fn damaged() -> ForwardError {
    ForwardError::bad_request(
        "invalid_json",
        "The request body cannot be decoded with its content encoding.",
    )
}

#[cfg(test)]
mod tests;
