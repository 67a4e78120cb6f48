//! Announcements for screen readers.

use leptos::prelude::*;

/// The one polite live region of the page.
#[derive(Clone, Copy)]
pub struct Announcer {
    text: RwSignal<String>,
    /// Counts announcements, so that a repeated text is announced again.
    turn: RwSignal<bool>,
}

impl Announcer {
    /// An announcer without announcements.
    #[must_use]
    pub fn new() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            turn: RwSignal::new(false),
        }
    }

    /// Announces a sentence.
    pub fn say(self, text: impl Into<String>) {
        self.turn.update(|turn| *turn = !*turn);
        // Backticks are visual only.
        self.text.set(text.into().replace('`', ""));
    }

    /// The text of the live region. Every other text ends in a no-break space, because assistive
    /// technology announces only changes.
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
