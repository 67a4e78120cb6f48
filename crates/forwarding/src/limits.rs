//! How much may be forwarded at the same time, and how long it may take.

use crate::forward_error::ForwardError;
use http::StatusCode;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use waypost_routing::resolve::Plan;
use waypost_routing::time_limits::TimeLimits;

/// The limits of forwarding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForwardingLimits {
    /// From the lookup of an upstream's name to the end of the TLS handshake.
    pub connect: Duration,
    /// From the acceptance of a request until an upstream begins to answer, in whichever attempt.
    pub first_byte: Duration,
    /// Without a byte of an answer that has begun.
    pub idle: Duration,
    /// From the acceptance of a request to the end of its answer, unless that is a stream of events.
    /// Afterwards the fallback is not tried any more.
    pub whole: Duration,
    /// From the acceptance of a request to the end of its body.
    pub body_time: Duration,
    /// The body of a request, in bytes, decoded.
    pub body_bytes: usize,
    /// The bodies of all requests that wait for an answer, in bytes.
    pub buffered_bytes: usize,
    /// Requests at the same time.
    pub requests: usize,
    /// Requests of one agent at the same time.
    pub requests_per_agent: usize,
}

impl Default for ForwardingLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(600),
            idle: Duration::from_secs(300),
            whole: Duration::from_secs(900),
            body_time: Duration::from_secs(60),
            body_bytes: 64 * 1024 * 1024,
            buffered_bytes: 512 * 1024 * 1024,
            requests: 4096,
            requests_per_agent: 256,
        }
    }
}

impl ForwardingLimits {
    /// These, with those of a provider or source in their place.
    #[must_use]
    pub(crate) fn of(&self, own: &TimeLimits) -> Self {
        let seconds = |own: Option<u32>| own.map(|seconds| Duration::from_secs(seconds.into()));
        Self {
            connect: seconds(own.connect_seconds).unwrap_or(self.connect),
            first_byte: seconds(own.first_byte_seconds).unwrap_or(self.first_byte),
            idle: seconds(own.idle_seconds).unwrap_or(self.idle),
            whole: seconds(own.answer_seconds).unwrap_or(self.whole),
            ..*self
        }
    }

    /// Until when an upstream must have begun to answer a request, whatever its answer is.
    pub(crate) fn deadline(&self, accepted: Instant) -> Instant {
        accepted + self.first_byte.min(self.whole)
    }

    /// The limits of an attempt.
    pub(crate) fn of_plan(&self, plan: &Plan<'_>) -> Self {
        plan.endpoint()
            .map_or(*self, |endpoint| self.of(&endpoint.limits))
    }
}

/// Connections that are kept to one origin, over all threads.
const KEPT_CONNECTIONS: usize = 64;

/// Connections that each thread keeps to one origin: together about as many as one thread would.
pub(crate) fn kept_connections() -> usize {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    (KEPT_CONNECTIONS / threads).max(4)
}

/// Counts the requests under way.
#[derive(Clone, Default)]
pub(crate) struct Slots(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    total: usize,
    agents: HashMap<String, usize>,
}

/// A place for one request, given back when it is dropped.
pub(crate) struct Slot {
    slots: Slots,
    agent: String,
}

impl Slots {
    /// How many places are taken.
    pub(crate) fn taken(&self) -> usize {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total
    }

    /// Takes a place for a request of this agent.
    pub(crate) fn take(
        &self,
        limits: &ForwardingLimits,
        agent: &str,
    ) -> Result<Slot, ForwardError> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.total >= limits.requests {
            return Err(too_many_requests());
        }
        let known = counts.agents.get_mut(agent);
        let of_agent = known.as_deref().copied().unwrap_or(0);
        if of_agent >= limits.requests_per_agent {
            return Err(ForwardError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "agent_busy",
                format!(
                    "This agent has {of_agent} concurrent requests, which is its limit. Try again in a second."
                ),
            )
            .after(1));
        }
        match known {
            Some(known) => *known += 1,
            None => {
                counts.agents.insert(agent.to_owned(), 1);
            }
        }
        counts.total += 1;
        drop(counts);
        Ok(Slot {
            slots: self.clone(),
            agent: agent.to_owned(),
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.slots.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total -= 1;
        if let Some(of_agent) = counts.agents.get_mut(&self.agent) {
            *of_agent -= 1;
            if *of_agent == 0 {
                counts.agents.remove(&self.agent);
            }
        }
    }
}

/// What a request is answered while there is no place for it, whichever limit was reached.
pub const TOO_MANY_REQUESTS: &str =
    "Waypost is at its limit of concurrent requests. Try again in a second.";

/// Why a request is refused while there is no place for it.
pub(crate) fn too_many_requests() -> ForwardError {
    ForwardError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "overloaded",
        TOO_MANY_REQUESTS,
    )
    .after(1)
}

/// Counts the bytes of buffered bodies.
#[derive(Clone, Default)]
pub(crate) struct Buffers(Arc<AtomicUsize>);

/// Bytes that are set aside for one body, given back when it is dropped.
pub(crate) struct Reservation {
    buffers: Buffers,
    bytes: usize,
    limit: usize,
}

impl Buffers {
    pub(crate) fn reserve(&self, limits: &ForwardingLimits) -> Reservation {
        Reservation {
            buffers: self.clone(),
            bytes: 0,
            limit: limits.buffered_bytes,
        }
    }

    pub(crate) fn used(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Reservation {
    /// Sets bytes aside until there are `bytes` in all.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), ForwardError> {
        let more = bytes.saturating_sub(self.bytes);
        let reserved = self
            .buffers
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(more).filter(|sum| *sum <= self.limit)
            });
        if reserved.is_err() {
            return Err(ForwardError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "Waypost is at its limit of buffered request bodies. Try again in a second.",
            )
            .after(1));
        }
        self.bytes += more;
        Ok(())
    }

    /// Gives back what is beyond `bytes`.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let less = self.bytes.saturating_sub(bytes);
        self.buffers.0.fetch_sub(less, Ordering::Relaxed);
        self.bytes -= less;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.buffers.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> ForwardingLimits {
        ForwardingLimits {
            requests: 3,
            requests_per_agent: 2,
            buffered_bytes: 10,
            ..ForwardingLimits::default()
        }
    }

    #[test]
    fn the_page_on_security_states_these_limits() {
        let page = include_str!("../../../docs/security.md");
        let limits = ForwardingLimits::default();
        let mib = 1024 * 1024;
        for line in [
            format!(
                "| connecting, name and TLS included | {} seconds |",
                limits.connect.as_secs()
            ),
            format!(
                "| until the answer begins | {} seconds |",
                limits.first_byte.as_secs()
            ),
            format!(
                "| pause within an answer | {} seconds |",
                limits.idle.as_secs()
            ),
            format!(
                "| an answer that is no stream of events | {} seconds |",
                limits.whole.as_secs()
            ),
            format!(
                "| request body, decoded | {} MiB |",
                limits.body_bytes / mib
            ),
            format!(
                "| all request bodies that wait for an answer | {} MiB |",
                limits.buffered_bytes / mib
            ),
            format!(
                "| requests at once, in all and per agent | {} and {} |",
                limits.requests, limits.requests_per_agent
            ),
        ] {
            assert!(page.contains(&line), "docs/security.md lacks: {line}");
        }
    }

    #[test]
    fn an_agent_has_a_limit_and_all_of_them_have_one() {
        let (slots, limits) = (Slots::default(), limits());
        let code = |agent| slots.take(&limits, agent).err().map(|error| error.code);
        let first = slots.take(&limits, "a").ok();
        let _second = slots.take(&limits, "a").ok().unwrap();
        assert_eq!(code("a").as_deref(), Some("agent_busy"));
        let third = slots.take(&limits, "b").ok().unwrap();
        assert_eq!(code("c").as_deref(), Some("overloaded"));
        drop(first);
        assert_eq!(code("a"), None);
        drop(third);
        assert_eq!(slots.0.lock().unwrap().agents.len(), 1);
    }

    #[test]
    fn bodies_share_a_limit_and_give_it_back() {
        let (buffers, limits) = (Buffers::default(), limits());
        let mut one = buffers.reserve(&limits);
        let mut other = buffers.reserve(&limits);
        assert!(one.grow_to(4).is_ok() && one.grow_to(6).is_ok() && one.grow_to(3).is_ok());
        assert_eq!(other.grow_to(5).unwrap_err().code, "overloaded");
        assert!(other.grow_to(4).is_ok());
        one.shrink_to(7);
        assert_eq!(buffers.used(), 10);
        one.shrink_to(1);
        assert_eq!(buffers.used(), 5);
        drop(one);
        assert!(other.grow_to(10).is_ok());
    }
}
