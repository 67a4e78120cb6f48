//! Percentiles of what was measured.

use serde::Serialize;
use std::time::Duration;

/// From how long on a request is slow: delayed acknowledgements take 40 ms.
const SLOW: Duration = Duration::from_millis(20);

/// Some percentiles of times, in nanoseconds, and how many were slow.
#[derive(Serialize)]
pub(crate) struct Percentiles {
    p50: u128,
    p99: u128,
    max: u128,
    slow: usize,
}

impl Percentiles {
    /// Of at least one time.
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
        Self {
            p50: at(50).as_nanos(),
            p99: at(99).as_nanos(),
            max: at(100).as_nanos(),
            slow: times.iter().filter(|time| **time >= SLOW).count(),
        }
    }
}

/// The number in the middle of at least one.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_times() {
        let times = (1..=200).rev().map(Duration::from_nanos).collect();
        let percentiles = Percentiles::of(times);
        assert_eq!((percentiles.p50, percentiles.p99), (101, 199));
        assert_eq!((percentiles.max, percentiles.slow), (200, 0));
        let slow = Percentiles::of(vec![SLOW, SLOW / 2, 2 * SLOW]);
        assert_eq!(slow.slow, 2);
        let one = Percentiles::of(vec![Duration::from_nanos(7)]);
        assert_eq!((one.p50, one.p99), (7, 7));
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}
