//! Whether the list follows the log, in a word.

use crate::api::types::{RequestLogState, RequestLogStatus};

/// Whether the list follows what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FeedState {
    /// Requests appear as they end.
    Live,
    /// The reader has paused it.
    Paused,
    /// The stream is not connected yet, or not at the moment.
    Connecting,
    /// The stream cannot be opened. The log is read from time to time.
    Polling {
        /// How often, in seconds.
        seconds: u64,
    },
    /// Nothing is recorded.
    Off,
}

impl FeedState {
    /// The state of a log, a list that may be paused, and a stream that may be connected, or is tried
    /// again after a pause.
    pub(super) fn of(
        log: Option<&RequestLogStatus>,
        paused: bool,
        connected: bool,
        pause: Option<u64>,
    ) -> Self {
        if log.is_some_and(|log| log.state == RequestLogState::Off) {
            Self::Off
        } else if paused {
            Self::Paused
        } else if connected {
            Self::Live
        } else {
            pause.map_or(Self::Connecting, |seconds| Self::Polling { seconds })
        }
    }
}
