//! The id of a request.

/// A new id: 128 random bits in hexadecimal digits.
pub(crate) fn new() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    format!("{:032x}", u128::from_ne_bytes(bytes))
}
