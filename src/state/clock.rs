//! The clock for relative times.

use crate::dom;
use leptos::prelude::*;
use std::time::Duration;

/// A clock that ticks often enough for "2 min ago".
#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<i64>,
}

impl Clock {
    /// A clock that runs for as long as the page.
    #[must_use]
    pub fn start() -> Self {
        let now = RwSignal::new(dom::now());
        dom::every(Duration::from_secs(20), move || now.set(dom::now()));
        Self { now }
    }

    /// The time, in Unix seconds.
    #[must_use]
    pub fn now(self) -> Signal<i64> {
        self.now.into()
    }
}

/// The clock of the page.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_clock() -> Clock {
    use_context().expect("the app provides the clock")
}
