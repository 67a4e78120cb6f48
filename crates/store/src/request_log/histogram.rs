//! Durations, counted by their size.

use std::time::Duration;

/// Each bucket ends a tenth above the one before.
const GROWTH: f64 = 1.1;

/// The end of the first bucket, in microseconds.
const FIRST: f64 = 100.0;

/// How many buckets there are: the last one ends after 50 minutes and takes what is longer.
const BUCKETS: usize = 182;

/// Counts of durations in buckets, so that percentiles are at most 5 % off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// By bucket, without empty ones at the end.
    counts: Vec<u64>,
}

impl Histogram {
    /// Counts a duration.
    pub fn add(&mut self, duration: Duration) {
        self.add_many(bucket(duration), 1);
    }

    /// Counts everything that another histogram has counted.
    pub fn merge(&mut self, other: &Self) {
        for (at, count) in other.counts.iter().enumerate() {
            if *count > 0 {
                self.add_many(at, *count);
            }
        }
    }

    fn add_many(&mut self, at: usize, count: u64) {
        let at = at.min(BUCKETS - 1);
        if self.counts.len() <= at {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] = self.counts[at].saturating_add(count);
    }

    /// The duration that this share of what was counted does not exceed, `share` from 0 to 1; `None` if
    /// nothing was counted.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let total: u64 = self
            .counts
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count));
        if total == 0 {
            return None;
        }
        let rank = ((total as f64 * share).ceil() as u64).clamp(1, total);
        let mut seen = 0_u64;
        for (at, count) in self.counts.iter().enumerate() {
            seen = seen.saturating_add(*count);
            if seen >= rank {
                return Some(middle(at));
            }
        }
        None
    }

    /// The counts in few bytes: for each bucket that is not empty, how many buckets it is after the one
    /// before, and its count.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut before = 0;
        for (at, count) in self.counts.iter().enumerate() {
            if *count > 0 {
                push_number(&mut bytes, (at - before) as u64);
                push_number(&mut bytes, *count);
                before = at;
            }
        }
        bytes
    }

    /// The histogram of these bytes. What cannot be read is left out.
    #[must_use]
    pub fn from_bytes(mut bytes: &[u8]) -> Self {
        let mut histogram = Self::default();
        let mut at = 0_usize;
        while let (Some(step), Some(count)) = (take_number(&mut bytes), take_number(&mut bytes)) {
            at = at.saturating_add(usize::try_from(step).unwrap_or(usize::MAX));
            if at >= BUCKETS {
                break;
            }
            histogram.add_many(at, count);
        }
        histogram
    }
}

fn bucket(duration: Duration) -> usize {
    let micros = duration.as_micros() as f64;
    if micros < FIRST {
        return 0;
    }
    let at = (micros / FIRST).ln() / GROWTH.ln();
    (at as usize + 1).min(BUCKETS - 1)
}

/// A duration in a bucket that is equally far from both ends.
fn middle(at: usize) -> Duration {
    let exponent = i32::try_from(at).unwrap_or(i32::MAX);
    let micros = FIRST * GROWTH.powi(exponent) / GROWTH.sqrt();
    Duration::from_secs_f64(micros / 1_000_000.0)
}

/// Seven bits in each byte, the lowest first; the eighth says that more follow.
fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_at_most_five_per_cent_off() {
        for micros in [150, 1_000, 47_000, 900_000, 30_000_000, 900_000_000] {
            let mut histogram = Histogram::default();
            let duration = Duration::from_micros(micros);
            histogram.add(duration);
            let found = histogram.quantile(0.5).unwrap().as_secs_f64();
            let off = (found / duration.as_secs_f64() - 1.0).abs();
            assert!(off < 0.05, "{micros}: {found}");
        }
    }

    #[test]
    fn percentiles_are_of_what_was_counted() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        for millis in 1..=100 {
            histogram.add(Duration::from_millis(millis));
        }
        for (share, millis) in [(0.5, 50.0), (0.95, 95.0), (1.0, 100.0), (0.0, 1.0)] {
            let found = histogram.quantile(share).unwrap().as_secs_f64() * 1000.0;
            assert!((found / millis - 1.0).abs() < 0.06, "{share}: {found}");
        }
    }

    #[test]
    fn bytes_give_the_same_counts_and_any_bytes_are_read() {
        let mut histogram = Histogram::default();
        for micros in [0, 1, 500, 500, 70_000, u64::MAX] {
            histogram.add(Duration::from_micros(micros));
        }
        for _ in 0..1000 {
            histogram.add(Duration::from_secs(1));
        }
        let bytes = histogram.to_bytes();
        assert!(bytes.len() < 20, "{}", bytes.len());
        assert_eq!(Histogram::from_bytes(&bytes), histogram);
        let mut twice = histogram.clone();
        twice.merge(&histogram);
        assert_eq!(twice.quantile(0.9), histogram.quantile(0.9));
        for bytes in [&[][..], &[1], &[0xff; 40], &[200, 200, 1, 1]] {
            assert_eq!(Histogram::from_bytes(bytes).quantile(0.5), None);
        }
    }
}
