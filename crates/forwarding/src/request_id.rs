//! The id of a request.

use waypost_system::random;

/// A new id: 128 random bits in hexadecimal digits.
pub(crate) fn new() -> String {
    format!("{:032x}", u128::from_be_bytes(random::bytes()))
}
