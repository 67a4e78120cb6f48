//! Random bytes for keys, nonces and ids.

/// Bytes from the operating system's generator.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
    bytes
}

/// 64 random bits in hexadecimal. Not a secret.
pub(crate) fn id() -> String {
    format!("{:016x}", u64::from_be_bytes(bytes()))
}
