//! Whether the signed-in person may make changes, and why not.

use leptos::prelude::*;

/// Why a viewer cannot use a control.
pub const VIEWER_REASON: &str =
    "Viewers can't make changes. Sign in with an administrator's link to edit.";

/// The id of the hidden text that describes every control a viewer cannot use.
pub(super) const REASON_ID: &str = "viewer-reason";

/// Whether the signed-in person may make changes. The app provides it; without it, as in a test of
/// one component, everything may be changed.
#[derive(Clone, Copy)]
pub struct EditAccess {
    denied: Signal<bool>,
    explain: Callback<()>,
}

impl EditAccess {
    /// Access that is denied while `denied` holds. `explain` runs when someone presses a control
    /// that is denied, and shows the reason.
    #[must_use]
    pub fn new(denied: impl Into<Signal<bool>>, explain: impl Into<Callback<()>>) -> Self {
        Self {
            denied: denied.into(),
            explain: explain.into(),
        }
    }

    /// Whether changes are denied.
    #[must_use]
    pub fn denied(self) -> bool {
        self.denied.get()
    }

    /// Why changes are denied, if they are: for a menu entry that says why it cannot be used.
    #[must_use]
    pub fn reason(self) -> Option<String> {
        self.denied().then(|| VIEWER_REASON.to_owned())
    }

    /// If changes are denied, shows the reason and returns true: for handlers that cannot be
    /// disabled, such as a drop of files.
    #[must_use]
    pub fn refuses(self) -> bool {
        let denied = self.denied.get_untracked();
        if denied {
            self.explain.run(());
        }
        denied
    }

    /// The `title` of a denied control.
    #[must_use]
    pub fn title(self) -> Option<&'static str> {
        self.denied().then_some(VIEWER_REASON)
    }

    /// The `aria-describedby` of a denied control.
    pub(super) fn described_by(self) -> Option<&'static str> {
        self.denied().then_some(REASON_ID)
    }
}

/// The access of the signed-in person.
#[must_use]
pub fn use_edit_access() -> EditAccess {
    use_context().unwrap_or_else(|| EditAccess::new(false, || {}))
}
