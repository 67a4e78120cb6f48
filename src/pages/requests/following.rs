//! Whether the list follows the log, in a word.

use crate::api::types::{RequestLogState, RequestLogStatus};

/// Whether the list follows what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Following {
    /// Requests appear as they end.
    Live,
    /// The reader has paused it.
    Paused,
    /// The stream is not connected yet, or not at the moment.
    Connecting,
    /// Nothing is recorded.
    Off,
}

impl Following {
    /// The word for a log, a list that may be paused, and a stream that may be connected.
    pub(super) fn of(log: Option<&RequestLogStatus>, paused: bool, connected: bool) -> Self {
        if log.is_some_and(|log| log.state == RequestLogState::Off) {
            Self::Off
        } else if paused {
            Self::Paused
        } else if connected {
            Self::Live
        } else {
            Self::Connecting
        }
    }
}
