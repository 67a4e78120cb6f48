//! Whether the control plane answers, and getting back to it without anyone's help.

use crate::api::{Api, in_background};
use crate::task::spawn_detached;
use leptos::ev;
use leptos::prelude::*;
use std::time::Duration;

/// The pause before the first attempt, in milliseconds. Each further one is twice as long.
const FIRST: u64 = 500;

/// The longest pause, in milliseconds.
const LONGEST: u64 = 8_000;

/// The connection to the control plane. Every request reports whether it was answered; once one was
/// not, attempts go on until one is. Coming back to the tab or to the network tries at once.
#[derive(Clone, Copy)]
pub struct Connection {
    lost: RwSignal<bool>,
    attempts: StoredValue<u32>,
    /// The timer of the next attempt. `None` while one is under way.
    next: StoredValue<Option<TimeoutHandle>>,
    api: StoredValue<Option<Api>>,
    back: StoredValue<Option<Callback<()>>>,
}

impl Connection {
    /// A connection that works until a request says otherwise.
    #[must_use]
    pub fn new() -> Self {
        Self {
            lost: RwSignal::new(false),
            attempts: StoredValue::new(0),
            next: StoredValue::new(None),
            api: StoredValue::new(None),
            back: StoredValue::new(None),
        }
    }

    /// Starts reconnecting through `api` whenever the connection is lost. `back` runs each time it
    /// works again. Listens until the caller is cleaned up.
    pub fn watch(self, api: Api, back: impl Into<Callback<()>>) {
        self.api.set_value(Some(api));
        self.back.set_value(Some(back.into()));
        let on_focus = window_event_listener(ev::focus, move |_| self.try_now());
        let on_network = window_event_listener(ev::online, move |_| self.try_now());
        on_cleanup(move || {
            on_focus.remove();
            on_network.remove();
        });
    }

    /// Whether the last request was not answered.
    #[must_use]
    pub fn is_lost(self) -> Signal<bool> {
        self.lost.into()
    }

    /// Notes whether a request was answered, in whatever way.
    pub fn note(self, answered: bool) {
        match (answered, self.lost.get_untracked()) {
            (true, false) => {}
            (true, true) => {
                self.stop_timer();
                self.attempts.set_value(0);
                self.lost.set(false);
                if let Some(back) = self.back.get_value() {
                    back.run(());
                }
            }
            (false, lost) => {
                if !lost {
                    self.lost.set(true);
                }
                if self.next.with_value(Option::is_none) {
                    self.schedule();
                }
            }
        }
    }

    /// Tries at once, unless the connection works.
    pub fn try_now(self) {
        if self.lost.get_untracked() {
            self.stop_timer();
            self.attempt();
        }
    }

    fn schedule(self) {
        let attempts = self.attempts.get_value();
        self.attempts.set_value(attempts.saturating_add(1));
        let pause = Duration::from_millis(pause(attempts));
        let timer = set_timeout_with_handle(
            move || {
                self.next.set_value(None);
                self.attempt();
            },
            pause,
        );
        self.next.set_value(timer.ok());
    }

    /// Asks for the session, which notes the outcome like every other request. It is no use of the
    /// session.
    fn attempt(self) {
        let Some(api) = self.api.get_value() else {
            return;
        };
        let answer = in_background(|| api.session());
        spawn_detached(async move {
            let _ = answer.await;
        });
    }

    fn stop_timer(self) {
        if let Some(timer) = self.next.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }
}

impl Default for Connection {
    fn default() -> Self {
        Self::new()
    }
}

/// How long to wait after so many attempts, in milliseconds.
fn pause(attempts: u32) -> u64 {
    FIRST.saturating_mul(1 << attempts.min(10)).min(LONGEST)
}

/// The connection of this tab.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_connection() -> Connection {
    use_context().expect("the app provides the connection")
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn attempts_become_rarer_up_to_a_limit() {
        let pauses: Vec<u64> = (0..6).map(pause).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 8_000]);
        assert_eq!(pause(u32::MAX), 8_000);
    }
}
