//! Short notices of what was done elsewhere than where one looks.

use super::Announcer;
use crate::components::{Toast, Tone};
use leptos::prelude::*;
use std::time::Duration;

/// How long a good notice stays. Bad ones stay until they are dismissed.
const STAY: Duration = Duration::from_secs(6);

/// The notices on the page. Each is announced, too.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
    announcer: Announcer,
}

impl Toasts {
    /// No notices yet.
    #[must_use]
    pub fn new(announcer: Announcer) -> Self {
        Self {
            list: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
            announcer,
        }
    }

    /// The notices, oldest first.
    #[must_use]
    pub fn list(self) -> Signal<Vec<Toast>> {
        self.list.into()
    }

    /// Says that something was done. The notice goes by itself.
    pub fn done(self, text: impl Into<String>) {
        let id = self.push(Tone::Ok, text.into());
        set_timeout(move || self.dismiss(id), STAY);
    }

    /// Says that something failed. The notice stays until it is dismissed.
    pub fn failed(self, text: impl Into<String>) {
        self.push(Tone::Bad, text.into());
    }

    /// Takes a notice away.
    pub fn dismiss(self, id: u64) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }

    fn push(self, tone: Tone, text: String) -> u64 {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.announcer.say(text.clone());
        self.list.update(|list| list.push(Toast { id, tone, text }));
        id
    }
}

/// The notices of the page.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_toasts() -> Toasts {
    use_context().expect("the app provides the toasts")
}
