//! How many connections there may be, and how long each may take its time.

use std::time::Duration;

/// The limits of the listener. Tests shorten them.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectionLimits {
    /// Open connections. Beyond them, one that waits for its client is closed for a new one.
    pub(super) connections: usize,
    /// Further connections while every other one has a request under way. They serve the
    /// dashboard and the admin API alone.
    pub(super) reserve: usize,
    /// Without a request: before the first one, and between two.
    pub(super) idle: Duration,
    /// From the first byte of a request to the end of its headers.
    pub(super) head: Duration,
    /// From the end of the headers to the end of the body.
    pub(super) body: Duration,
    /// Without the client taking a byte of an answer.
    pub(super) stalled_write: Duration,
    /// For requests under way once the server is asked to stop.
    pub(super) drain: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            // With the reserve, the database and calls to upstreams well below the 1,024
            // descriptors that most systems give a process.
            connections: 512,
            reserve: 64,
            idle: Duration::from_secs(60),
            head: Duration::from_secs(10),
            body: Duration::from_secs(60),
            stalled_write: Duration::from_secs(60),
            drain: Duration::from_secs(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_security_page_states_these_limits() {
        let page = include_str!("../../../../../docs/security.md");
        let limits = ConnectionLimits::default();
        for line in [
            format!(
                "| connections | {}, and {} in reserve |",
                limits.connections, limits.reserve
            ),
            format!("| without a request | {} seconds |", limits.idle.as_secs()),
            format!("| request headers | {} seconds |", limits.head.as_secs()),
            format!("| request body | {} seconds |", limits.body.as_secs()),
            format!(
                "| answer that the client does not read | {} seconds |",
                limits.stalled_write.as_secs()
            ),
            format!(
                "| requests under way at a stop | {} seconds |",
                limits.drain.as_secs()
            ),
        ] {
            assert!(page.contains(&line), "docs/security.md lacks: {line}");
        }
    }
}
