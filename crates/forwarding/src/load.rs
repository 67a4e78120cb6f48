//! How much is under way.

/// What is under way at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Requests.
    pub requests: usize,
    /// The bodies of those that wait for an answer, in bytes.
    pub buffered_bytes: usize,
    /// Connections to upstreams, in use or kept.
    pub connections: usize,
}
