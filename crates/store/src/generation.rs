//! The number of a state of the configuration.

/// A state of what routing reads. It rises with every commit that changes settings, providers,
/// sources, models or agents, by whichever process, and with nothing else: sessions, audit rows and
/// outcomes leave it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(pub(crate) u64);

impl Generation {
    /// As a number.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}
