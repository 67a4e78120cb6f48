//! Short notices about actions.

use super::Announcer;
use crate::components::{Toast, Tone};
use crate::dom;
use crate::format::count;
use leptos::prelude::*;
use std::time::Duration;

/// How long a good notice stays. Bad ones stay until they are dismissed.
const STAY: Duration = Duration::from_secs(6);

/// The notices on the page. Each is announced, too.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
    /// The undo action of a notice, by its id, which it is called with.
    undo: StoredValue<Vec<(u64, Callback<u64>)>>,
    announcer: Announcer,
}

impl Toasts {
    /// No notices yet.
    #[must_use]
    pub fn new(announcer: Announcer) -> Self {
        Self {
            list: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
            undo: StoredValue::new(Vec::new()),
            announcer,
        }
    }

    /// The notices, oldest first.
    #[must_use]
    pub fn list(self) -> Signal<Vec<Toast>> {
        self.list.into()
    }

    /// Shows that something was done. The notice disappears after a while.
    pub fn done(self, text: impl Into<String>) {
        let id = self.push(Tone::Ok, text.into(), None);
        set_timeout(move || self.dismiss(id), STAY);
    }

    /// Shows that something failed. The notice stays until it is dismissed.
    pub fn failed(self, text: impl Into<String>) {
        self.push(Tone::Bad, text.into(), None);
    }

    /// Shows that something was done that can be undone for some seconds. The notice counts down
    /// and disappears at zero, when `over` is called, also if the notice was dismissed before.
    /// Returns its id and the seconds that are left.
    pub fn undoable(
        self,
        text: String,
        seconds: i64,
        undo: Callback<u64>,
        over: Callback<u64>,
    ) -> (u64, RwSignal<i64>) {
        let left = RwSignal::new(seconds);
        let id = self.push(Tone::Ok, text, Some(left));
        self.undo.update_value(|all| all.push((id, undo)));
        self.count_down(id, left, dom::now() + seconds, over);
        (id, left)
    }

    /// By the clock, because timers are slow in background tabs.
    fn count_down(self, id: u64, left: RwSignal<i64>, until: i64, over: Callback<u64>) {
        let tick = move || {
            let now = until - dom::now();
            left.set(now);
            if now > 0 {
                self.count_down(id, left, until, over);
            } else {
                self.dismiss(id);
                over.run(id);
            }
        };
        set_timeout(tick, Duration::from_secs(1));
    }

    /// Undoes the action of a notice. Works once.
    pub fn undo(self, id: u64) {
        let found = self
            .undo
            .with_value(|all| all.iter().find(|(of, _)| *of == id).map(|(_, undo)| *undo));
        self.dismiss(id);
        // The button that had the focus is gone.
        dom::focus_heading();
        if let Some(undo) = found {
            undo.run(id);
        }
    }

    /// Undoes the last action that can be undone. False if there is none.
    pub fn undo_last(self) -> bool {
        let last = self.undo.with_value(|all| all.last().map(|(id, _)| *id));
        if let Some(id) = last {
            self.undo(id);
        }
        last.is_some()
    }

    /// Dismisses a notice.
    pub fn dismiss(self, id: u64) {
        self.undo
            .update_value(|all| all.retain(|(of, _)| *of != id));
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }

    fn push(self, tone: Tone, text: String, left: Option<RwSignal<i64>>) -> u64 {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.announcer.say(match left {
            Some(left) => {
                let seconds = left.get_untracked().unsigned_abs();
                let seconds = count(seconds, "second", "seconds");
                format!("{text} Press Control+Z within {seconds} to undo.")
            }
            None => text.clone(),
        });
        self.list.update(|list| {
            list.push(Toast {
                id,
                tone,
                text,
                left,
            });
        });
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
