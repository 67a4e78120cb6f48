//! What is said to those who cannot see the change.

use leptos::prelude::*;

/// The one polite live region of the page.
#[derive(Clone, Copy)]
pub struct Announcer {
    text: RwSignal<String>,
    /// Counts announcements, so that the same text twice is said twice.
    turn: RwSignal<bool>,
}

impl Announcer {
    /// An announcer that has said nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            turn: RwSignal::new(false),
        }
    }

    /// Says a sentence.
    pub fn say(self, text: impl Into<String>) {
        self.turn.update(|turn| *turn = !*turn);
        // The marks that set code apart are for the eye.
        self.text.set(text.into().replace('`', ""));
    }

    /// What the live region holds. Every other text ends in a no-break space, because assistive
    /// technology says only what differs from before.
    #[must_use]
    pub fn spoken(self) -> Signal<String> {
        Signal::derive(move || {
            let mut text = self.text.get();
            if self.turn.get() && !text.is_empty() {
                text.push('\u{a0}');
            }
            text
        })
    }
}

impl Default for Announcer {
    fn default() -> Self {
        Self::new()
    }
}

/// The announcer of the page.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_announcer() -> Announcer {
    use_context().expect("the app provides the announcer")
}
