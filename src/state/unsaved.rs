//! Unsaved changes.

use crate::dom::{LeaveWatch, Leaving, watch_leaving};
use leptos::prelude::*;

/// Whether the page has unsaved changes, and how it was about to be left.
#[derive(Clone, Copy)]
pub struct Unsaved {
    dirty: RwSignal<bool>,
    held: RwSignal<Option<Leaving>>,
    /// The address of the form.
    at: StoredValue<String>,
    _watch: StoredValue<LeaveWatch, LocalStorage>,
}

impl Unsaved {
    /// No unsaved changes. Starts watching, which has to happen before the router starts.
    #[must_use]
    pub fn new() -> Self {
        let dirty = RwSignal::new(false);
        let held = RwSignal::new(None);
        let at = StoredValue::new(String::new());
        let watch = watch_leaving(
            move || dirty.get_untracked().then(|| at.get_value()),
            move |leaving| held.set(Some(leaving)),
        );
        Self {
            dirty,
            held,
            at,
            _watch: StoredValue::new_local(watch),
        }
    }

    /// Guards a form at an address, for as long as the component that calls this is on the page.
    pub fn guard(self, address: String, dirty: Signal<bool>) {
        self.held.set(None);
        self.at.set_value(address);
        Effect::new(move || self.dirty.set(dirty.get()));
        on_cleanup(move || {
            self.dirty.set(false);
            self.held.set(None);
        });
    }

    /// Call before navigating by code: true if the form asks first.
    #[must_use]
    pub fn holds(self, address: &str) -> bool {
        let dirty = self.dirty.get_untracked();
        if dirty {
            self.held.set(Some(Leaving::To(address.to_owned())));
        }
        dirty
    }

    /// Stops guarding: the changes are saved or discarded.
    pub fn release(self) {
        self.dirty.set(false);
        self.held.set(None);
    }

    /// The reader stays.
    pub fn stay(self) {
        if self.held.with_untracked(Option::is_some) {
            self.held.set(None);
        }
    }

    /// How the page was about to be left, while that is being asked.
    #[must_use]
    pub fn held(self) -> Option<Leaving> {
        self.held.get()
    }
}

impl Default for Unsaved {
    fn default() -> Self {
        Self::new()
    }
}

/// The unsaved changes of the page.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_unsaved() -> Unsaved {
    use_context().expect("the app provides what is unsaved")
}
