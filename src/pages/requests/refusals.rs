//! How long the list waits before it tries to open its stream again. Pure: no timer, no browser.

use std::time::Duration;

/// How often in a row a stream ended without having been connected. A control plane that has too many
/// of them ends a stream at once, and a proxy may do so to each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusals(usize);

/// The pauses, in seconds. The last one stays.
const PAUSES: [u64; 3] = [3, 10, 30];

impl Refusals {
    /// Counts an end. Returns the pause before the next try.
    pub(super) fn add(&mut self) -> Duration {
        let pause = PAUSES[self.0.min(PAUSES.len() - 1)];
        self.0 = self.0.saturating_add(1);
        Duration::from_secs(pause)
    }

    /// Begins anew: the stream is connected.
    pub(super) fn clear(&mut self) {
        self.0 = 0;
    }

    /// The current pause in seconds, once this is no single end, as when Waypost restarts.
    pub(super) fn pause_if_refused(self) -> Option<u64> {
        let last = self.0.checked_sub(1)?;
        (last > 0).then(|| PAUSES[last.min(PAUSES.len() - 1)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_until_the_stream_is_connected() {
        let mut refusals = Refusals::default();
        let mut pauses = Vec::new();
        let mut said = Vec::new();
        for _ in 0..4 {
            pauses.push(refusals.add().as_secs());
            said.push(refusals.pause_if_refused());
        }
        assert_eq!(pauses, [3, 10, 30, 30]);
        assert_eq!(said, [None, Some(10), Some(30), Some(30)]);
        refusals.clear();
        assert_eq!(refusals.pause_if_refused(), None);
        assert_eq!(refusals.add().as_secs(), 3);
    }
}
