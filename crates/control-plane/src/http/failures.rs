//! Limits failed sign-ins.
//!
//! A token has 256 random bits and cannot be guessed. The limit tells a client that repeats an
//! invalid link to stop; each one costs the database a read. It counts by address, so that one
//! client cannot lock another out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many failures an address has before it must wait.
const ALLOWED: u32 = 10;
/// How long failures are remembered, from the first one.
const WINDOW: Duration = Duration::from_secs(60);
/// How many addresses are remembered at most.
const ADDRESSES: usize = 10_000;

/// The failures of each address.
#[derive(Default)]
pub struct Failures(Mutex<HashMap<IpAddr, (Instant, u32)>>);

impl Failures {
    /// How many seconds this address must wait; `None` where it need not.
    #[must_use]
    pub fn wait(&self, address: IpAddr, now: Instant) -> Option<u64> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = failures.get(&address)?;
        let left = WINDOW.checked_sub(now.duration_since(*since))?;
        (*count >= ALLOWED).then_some(left.as_secs() + 1)
    }

    /// Counts one failure.
    pub fn record(&self, address: IpAddr, now: Instant) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= ADDRESSES {
            failures.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
        }
        if failures.len() >= ADDRESSES && !failures.contains_key(&address) {
            return;
        }
        let entry = failures.entry(address).or_insert((now, 0));
        if now.duration_since(entry.0) >= WINDOW {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_ten_failures_and_no_other_does() {
        let failures = Failures::default();
        let start = Instant::now();
        let (one, other) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        for _ in 0..ALLOWED {
            assert_eq!(failures.wait(one, start), None);
            failures.record(one, start);
        }
        assert_eq!(failures.wait(one, start), Some(61));
        assert_eq!(failures.wait(other, start), None);
        let later = start + WINDOW + Duration::from_secs(1);
        assert_eq!(failures.wait(one, later), None);
        failures.record(one, later);
        assert_eq!(failures.wait(one, later), None);
    }
}
