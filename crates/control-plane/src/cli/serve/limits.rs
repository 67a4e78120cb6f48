//! How many connections there may be, and how long each may take its time.

use super::descriptors;
use std::time::Duration;

/// Connections beside those of forwarded requests: room for the dashboard.
const OTHER_CONNECTIONS: usize = 512;

const RESERVE: usize = 64;

/// For the answer to a body that does not arrive in time.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// For a listener for forwarding alone, which only refuses there.
const FORWARDING_RESERVE: usize = 16;

const METRICS_CONNECTIONS: usize = 16;

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
    /// The same for a forwarded request, after the limit of forwarding, which answers.
    pub(super) forwarded_body: Duration,
    /// Without the client taking a byte of an answer.
    pub(super) stalled_write: Duration,
    /// The same for a forwarded request.
    pub(super) forwarded_stalled_write: Duration,
    /// For requests of the dashboard and the admin API once the server is asked to stop.
    pub(super) dashboard_drain: Duration,
}

impl ConnectionLimits {
    /// The limits of a process that may open this many files and sockets, and forward this many
    /// requests at once.
    pub(super) fn new(descriptors: usize, requests: usize) -> Self {
        // A forwarded request takes two: the caller's connection and the upstream's.
        let connections = descriptors.saturating_sub(descriptors::others() + RESERVE) / 2;
        Self {
            connections: connections.clamp(1, requests + OTHER_CONNECTIONS),
            reserve: RESERVE,
            idle: Duration::from_secs(60),
            head: Duration::from_secs(10),
            body: Duration::from_secs(60),
            forwarded_body: Duration::from_secs(60) + GRACE,
            stalled_write: Duration::from_secs(60),
            forwarded_stalled_write: Duration::from_secs(60),
            dashboard_drain: Duration::from_secs(10),
        }
    }

    /// How many files and sockets it takes to forward so many requests at once.
    pub(super) fn wanted_descriptors(requests: usize) -> usize {
        let connections = requests + OTHER_CONNECTIONS;
        (2 * connections + RESERVE + descriptors::others()).max(descriptors::MOST)
    }

    /// The limits of the dashboard's listener where forwarding has its own.
    pub(super) fn of_dashboard(self) -> Self {
        Self {
            connections: self.dashboard_connections(),
            ..self
        }
    }

    /// The limits of a listener for forwarding alone.
    pub(super) fn of_forwarding(self) -> Self {
        Self {
            connections: (self.connections - self.dashboard_connections()).max(1),
            reserve: FORWARDING_RESERVE,
            ..self
        }
    }

    /// The limits of a listener for metrics alone.
    pub(super) fn of_metrics(self) -> Self {
        Self {
            connections: METRICS_CONNECTIONS.min(self.connections),
            reserve: 0,
            ..self
        }
    }

    /// At most half, so that forwarding has the other half however few there are.
    fn dashboard_connections(self) -> usize {
        (self.connections / 2).clamp(1, OTHER_CONNECTIONS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUESTS: usize = 4096;

    #[test]
    fn every_connection_has_a_descriptor_for_its_upstream() {
        for descriptors in [512, 1024, 4096, descriptors::MOST, 1 << 20] {
            let limits = ConnectionLimits::new(descriptors, REQUESTS);
            let used = 2 * limits.connections + limits.reserve + descriptors::others();
            assert!(used <= descriptors, "{descriptors}");
            // With two listeners there are two reserves, and the dashboard's need no upstream.
            let (dashboard, forwarding) = (limits.of_dashboard(), limits.of_forwarding());
            let reserves = dashboard.reserve + forwarding.reserve;
            let used = 2 * forwarding.connections + dashboard.connections + reserves;
            assert!(used + descriptors::others() <= descriptors, "{descriptors}");
            let both = dashboard.connections + forwarding.connections;
            assert_eq!(both, limits.connections);
        }
        for requests in [1, REQUESTS, 20_000] {
            let wanted = ConnectionLimits::wanted_descriptors(requests);
            let limits = ConnectionLimits::new(wanted, requests);
            assert!(
                limits.of_forwarding().connections >= requests,
                "forwarding reaches its own limit first"
            );
        }
        assert_eq!(
            ConnectionLimits::wanted_descriptors(REQUESTS),
            descriptors::MOST
        );
        let rest = 1024 - descriptors::others() - RESERVE;
        assert_eq!(
            ConnectionLimits::new(1024, REQUESTS).connections,
            rest / 2,
            "each takes two"
        );
        assert_eq!(ConnectionLimits::new(0, REQUESTS).connections, 1);
    }

    #[test]
    fn the_security_page_states_these_limits() {
        let page = include_str!("../../../../../docs/security.md");
        let limits = ConnectionLimits::new(descriptors::MOST, REQUESTS);
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
                "| requests of the dashboard and the admin API at a stop | {} seconds |",
                limits.dashboard_drain.as_secs()
            ),
        ] {
            assert!(page.contains(&line), "docs/security.md lacks: {line}");
        }
    }
}
