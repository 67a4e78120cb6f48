//! Traffic.

use super::transport::Call;
use super::{Answer, Api};
use waypost_api_types::{Traffic, TrafficBy, TrafficWindow};

impl Api {
    /// The traffic of a window, busiest first.
    pub fn traffic(self, window: TrafficWindow, by: TrafficBy) -> Answer<Traffic> {
        let path = format!("/traffic?window={}&by={}", window.name(), by.name());
        Call::get(path).read(self)
    }
}
