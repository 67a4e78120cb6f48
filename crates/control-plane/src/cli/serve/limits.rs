//! How many connections there may be, and how long each may take its time.

use super::descriptors;
use std::time::Duration;

/// Open connections where descriptors allow them: forwarding's limit of requests, and room for the
/// dashboard.
const MOST_CONNECTIONS: usize = 4096 + 512;

const RESERVE: usize = 64;

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

impl ConnectionLimits {
    /// The limits of a process that may open this many files and sockets.
    pub(super) fn for_descriptors(descriptors: usize) -> Self {
        // A forwarded request takes two: the caller's connection and the upstream's.
        let connections = descriptors.saturating_sub(descriptors::OTHERS + RESERVE) / 2;
        Self {
            connections: connections.clamp(1, MOST_CONNECTIONS),
            reserve: RESERVE,
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
    fn every_connection_has_a_descriptor_for_its_upstream() {
        for descriptors in [512, 1024, 4096, descriptors::MOST, 1 << 20] {
            let limits = ConnectionLimits::for_descriptors(descriptors);
            let used = 2 * limits.connections + limits.reserve + descriptors::OTHERS;
            assert!(used <= descriptors, "{descriptors}");
        }
        let most = ConnectionLimits::for_descriptors(descriptors::MOST).connections;
        let requests = waypost_forwarding::ForwardingLimits::default().requests;
        assert!(most > requests, "forwarding reaches its own limit first");
        assert_eq!(ConnectionLimits::for_descriptors(1024).connections, 352);
        assert_eq!(ConnectionLimits::for_descriptors(0).connections, 1);
    }

    #[test]
    fn the_security_page_states_these_limits() {
        let page = include_str!("../../../../../docs/security.md");
        let limits = ConnectionLimits::for_descriptors(descriptors::MOST);
        for line in [
            format!(
                "| connections | {}, and {} in reserve; fewer below {} open files |",
                limits.connections,
                limits.reserve,
                descriptors::MOST
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
