//! How long and how large an answer may be. All of them are in docs/security.md.

use std::time::Duration;

/// The bounds of one exchange. Tests shorten them; the control plane has only the default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Finding the address, connecting, and the TLS handshake.
    pub(crate) connect: Duration,
    /// From the beginning until the head of the answer is there.
    pub(crate) first_byte: Duration,
    /// From the beginning until the last byte.
    pub(crate) whole: Duration,
    /// In each span of this length …
    pub(crate) rate_span: Duration,
    /// … at least so many bytes of the body must come.
    pub(crate) rate_bytes: usize,
    /// The body of a success.
    pub(crate) body_bytes: usize,
    /// The body of any other answer; the rest of it is not read.
    pub(crate) error_body_bytes: usize,
    /// The lines of the head.
    pub(crate) headers: usize,
    /// The names and values of the head together.
    pub(crate) header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(15),
            whole: Duration::from_secs(30),
            rate_span: Duration::from_secs(5),
            rate_bytes: 1024,
            body_bytes: 8 * 1024 * 1024,
            error_body_bytes: 64 * 1024,
            headers: 100,
            header_bytes: 64 * 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_on_security_tells_these_limits() {
        let page = include_str!("../../../docs/security.md");
        let limits = Limits::default();
        let kib = 1024;
        for line in [
            format!(
                "| connecting, name and TLS included | {} seconds |",
                limits.connect.as_secs()
            ),
            format!(
                "| until the answer begins | {} seconds |",
                limits.first_byte.as_secs()
            ),
            format!("| one answer | {} seconds |", limits.whole.as_secs()),
            format!(
                "| slowest body | {} bytes in each {} seconds |",
                limits.rate_bytes,
                limits.rate_span.as_secs()
            ),
            format!(
                "| body | {} MiB, not compressed |",
                limits.body_bytes / kib / kib
            ),
            format!(
                "| head | {} lines, {} KiB |",
                limits.headers,
                limits.header_bytes / kib
            ),
            format!(
                "| body of an error | the first {} KiB |",
                limits.error_body_bytes / kib
            ),
        ] {
            assert!(page.contains(&line), "docs/security.md lacks: {line}");
        }
    }
}
