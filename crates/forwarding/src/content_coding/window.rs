//! How far back a decoder must remember, read from the first bytes of what it decodes.
//!
//! A decoder allocates what these bytes ask for, so they are checked before there is one.

use super::damaged;
use crate::body::too_large;
use crate::forward_error::ForwardError;
use crate::limits::ForwardingLimits;
use http::StatusCode;

/// The largest window, as a power of two in bytes. RFC 8878 asks every decoder for this much.
pub(super) const MAX_BITS: u32 = 23;

/// The first bytes of a zstd frame with content.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// The window of a brotli body, in bytes.
///
/// # Errors
/// `unsupported_encoding` if it is too large.
pub(super) fn of_brotli(body: &[u8]) -> Result<usize, ForwardError> {
    let first = *body.first().ok_or_else(damaged)?;
    // RFC 7932, section 9.1.
    let bits = match (first & 1, (first >> 1) & 0b111, (first >> 4) & 0b111) {
        (0, ..) => 16,
        (_, 0, 0) => 17,
        // Not in the RFC: decoders take it for the large-window format, with up to 30 bits.
        (_, 0, 1) => return Err(too_far()),
        (_, 0, few) => 8 + few,
        (_, many, _) => 17 + many,
    };
    checked(1 << bits)
}

/// The window of the zstd frame that begins here, in bytes.
///
/// # Errors
/// `body_too_large` if the frame says that it contains more than a body may, `unsupported_encoding` if
/// its window is too large.
pub(super) fn of_zstd(frame: &[u8], limits: &ForwardingLimits) -> Result<usize, ForwardError> {
    // RFC 8878, section 3.1.1.1.
    let header = frame.strip_prefix(&ZSTD_MAGIC).ok_or_else(damaged)?;
    let (descriptor, mut rest) = header.split_first().ok_or_else(damaged)?;
    let is_single_segment = descriptor & 0b10_0000 != 0;
    let mut window = None;
    if !is_single_segment {
        let (byte, after) = rest.split_first().ok_or_else(damaged)?;
        let base = 1_u64 << (10 + (byte >> 3));
        window = Some(base + base / 8 * u64::from(byte & 0b111));
        rest = after;
    }
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 0b11)];
    let length = match descriptor >> 6 {
        0 => usize::from(is_single_segment),
        flag => 1 << flag,
    };
    let field = rest.get(dictionary..dictionary + length);
    let mut content = [0; 8];
    content[..length].copy_from_slice(field.ok_or_else(damaged)?);
    let mut content = u64::from_le_bytes(content);
    if length == 2 {
        content += 256;
    }
    if content > limits.body_bytes as u64 {
        return Err(too_large(limits));
    }
    // The window of a single segment is its whole content.
    checked(window.unwrap_or(content))
}

fn checked(window: u64) -> Result<usize, ForwardError> {
    let window = usize::try_from(window).map_err(|_| too_far())?;
    match window <= 1 << MAX_BITS {
        true => Ok(window),
        false => Err(too_far()),
    }
}

fn too_far() -> ForwardError {
    ForwardError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_encoding",
        "The request body is compressed with a window of more than 8 MiB. Compress it with a smaller window, or send it without a content encoding.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(found: Result<usize, ForwardError>) -> Result<usize, String> {
        found.map_err(|error| error.code.into_owned())
    }

    #[test]
    fn the_window_of_brotli_is_read_from_its_first_bits() {
        let too_large = Err("unsupported_encoding".to_owned());
        for (first, expected) in [
            (0b0000_0000, Ok(1 << 16)),
            (0b0000_0001, Ok(1 << 17)),
            (0b0010_0001, Ok(1 << 10)),
            (0b0111_0001, Ok(1 << 15)),
            (0b0000_0011, Ok(1 << 18)),
            (0b0000_1101, Ok(1 << 23)),
            (0b0000_1111, too_large.clone()),
            // The large-window format.
            (0b0001_0001, too_large),
        ] {
            assert_eq!(code(of_brotli(&[first])), expected, "{first:#010b}");
        }
        assert_eq!(code(of_brotli(&[])), Err("invalid_json".to_owned()));
    }

    #[test]
    fn the_window_of_zstd_is_read_from_the_header_of_its_frame() {
        let limits = ForwardingLimits::default();
        let found = |header: &[u8]| code(of_zstd(&[&ZSTD_MAGIC, header].concat(), &limits));
        let unsupported = || Err("unsupported_encoding".to_owned());
        let too_large = || Err("body_too_large".to_owned());
        for (header, expected) in [
            (&[0, 13 << 3][..], Ok(8 << 20)),
            (&[0, (13 << 3) + 1], unsupported()),
            (&[0, 0xFF], unsupported()),
            // One segment, with lengths of one, two, four and eight bytes.
            (&[0x20, 7], Ok(7)),
            (&[0x60, 7, 1], Ok(0x107 + 256)),
            (&[0xA0, 0, 0, 0x80, 0], Ok(8 << 20)),
            (&[0xA0, 1, 0, 0x80, 0], unsupported()),
            (&[0xA0, 1, 0, 0, 4], too_large()),
            (
                &[0xE0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
                too_large(),
            ),
            // A length behind a window, and behind the id of a dictionary.
            (&[0x80, 0, 1, 0, 0, 4], too_large()),
            (&[0x23, 9, 9, 9, 9, 7], Ok(7)),
        ] {
            assert_eq!(found(header), expected, "{header:x?}");
        }
        for header in [
            &[][..],
            &[0],
            &[0x20],
            &[0xE0, 1, 2, 3],
            &[0x23, 9, 9, 9, 9],
        ] {
            assert_eq!(found(header), Err("invalid_json".to_owned()), "{header:x?}");
        }
    }
}
