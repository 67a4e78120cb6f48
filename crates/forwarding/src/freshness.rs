//! Whether what forwarding works with is recent enough.

/// Says whether the routing table and the tokens may be too old to forward by.
///
/// A process that cannot reach the database does not learn of revoked tokens, so that it must stop at
/// some time.
pub trait Freshness: Send + Sync + 'static {
    /// Whether the last contact with the database is too long ago. It reads memory only.
    fn is_stale(&self) -> bool;
}
