//! Limits failed sign-ins.
//!
//! A token has 256 random bits and cannot be guessed. The limit tells a client that repeats an
//! invalid link to stop; each one costs the database a read. It counts by address, so that one
//! client cannot lock another out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many failures an address has before it must wait.
const ALLOWED: u32 = 10;
/// How long failures are remembered, from the first one.
const WINDOW: Duration = Duration::from_secs(60);
/// How many addresses are remembered at most.
const ADDRESSES: usize = 10_000;

/// Under what the failures of addresses beyond them are counted together.
const OTHERS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The failures of each address.
#[derive(Default)]
pub struct Failures(Mutex<HashMap<IpAddr, (Instant, u32)>>);

/// What counts as one address: of IPv6 a network of 64 bits, which one client has to itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

impl Failures {
    /// How many seconds this address must wait; `None` where it need not.
    #[must_use]
    pub fn wait(&self, address: IpAddr, now: Instant) -> Option<u64> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failures.get(&network(address));
        let (since, count) = match failures.len() > ADDRESSES {
            true => known.or_else(|| failures.get(&OTHERS)),
            false => known,
        }?;
        let left = WINDOW.checked_sub(now.duration_since(*since))?;
        (*count >= ALLOWED).then_some(left.as_secs() + 1)
    }

    /// Counts one failure.
    pub fn record(&self, address: IpAddr, now: Instant) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= ADDRESSES {
            failures.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
        }
        let mut address = network(address);
        if failures.len() >= ADDRESSES && !failures.contains_key(&address) {
            address = OTHERS;
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
    fn a_network_of_ipv6_is_one_address() {
        let failures = Failures::default();
        let start = Instant::now();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        for host in 0..ALLOWED {
            failures.record(address(&format!("2001:db8::{host:x}")), start);
        }
        assert!(failures.wait(address("2001:db8::ffff"), start).is_some());
        assert_eq!(failures.wait(address("2001:db8:0:1::1"), start), None);
        // An IPv4 address that is written as one of IPv6 is one address.
        failures.record(address("::ffff:10.0.0.1"), start);
        assert_eq!(failures.wait(address("::ffff:10.0.0.2"), start), None);
    }

    #[test]
    fn addresses_beyond_the_limit_wait_together() {
        let failures = Failures::default();
        let start = Instant::now();
        let address = |number: usize| IpAddr::from((number as u32 + 1).to_be_bytes());
        for number in 0..ADDRESSES {
            failures.record(address(number), start);
        }
        assert_eq!(failures.wait(address(ADDRESSES), start), None);
        for number in 0..ALLOWED as usize {
            failures.record(address(ADDRESSES + number), start);
        }
        assert!(failures.wait(address(2 * ADDRESSES), start).is_some());
        assert_eq!(
            failures.wait(address(0), start),
            None,
            "it has its own count"
        );
    }

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
