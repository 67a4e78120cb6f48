//! Requests that change something on the server. They finish although the form or dialog that sent
//! them is closed, and their failure is always reported.

use super::{Toasts, use_toasts};
use crate::api::ApiError;
use crate::task::spawn_detached;
use leptos::prelude::*;
use std::future::Future;

/// Sends writes for one component.
#[derive(Clone, Copy)]
pub struct Writes {
    /// Whether a write runs. It lives as long as the component.
    busy: RwSignal<bool>,
    /// The dialog in which outcomes are shown.
    dialog: Option<RwSignal<bool>>,
    toasts: Toasts,
}

impl Writes {
    /// The same for a component whose outcomes are shown in a dialog: while that is closed, a
    /// failure goes to a toast.
    #[must_use]
    pub fn in_dialog(self, open: RwSignal<bool>) -> Self {
        Self {
            dialog: Some(open),
            ..self
        }
    }

    /// Whether a write runs.
    #[must_use]
    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// Sends a write.
    ///
    /// `call` takes plain values and `done` contexts of the app: both run although the component is
    /// gone. `show` may use the component's signals. It runs only while the component is on the page
    /// and its dialog open; otherwise a failure becomes a toast that begins with `what`, such as
    /// "Saving litellm".
    pub fn send<T: 'static, R: 'static>(
        self,
        what: impl Into<String>,
        call: impl Future<Output = Result<T, ApiError>> + 'static,
        done: impl FnOnce(T) -> R + 'static,
        show: impl FnOnce(Result<R, ApiError>) + 'static,
    ) {
        let what = what.into();
        self.busy.try_set(true);
        spawn_detached(async move {
            let answer = call.await;
            let shown = self.is_shown();
            self.busy.try_set(false);
            match answer.map(done) {
                outcome if shown => show(outcome),
                Err(error) => self.fail(&what, &error),
                Ok(_) => {}
            }
        });
    }

    /// Sends a write whose failure always goes to a toast.
    pub fn send_with_toast<T: 'static>(
        self,
        what: impl Into<String>,
        call: impl Future<Output = Result<T, ApiError>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        let what = what.into();
        let about = what.clone();
        self.send(what, call, done, move |outcome| {
            if let Err(error) = outcome {
                self.fail(&about, &error);
            }
        });
    }

    fn fail(self, what: &str, error: &ApiError) {
        self.toasts
            .failed(format!("{what} failed: {}", error.message()));
    }

    /// Whether the component is on the page, and its dialog open.
    #[must_use]
    pub fn is_shown(self) -> bool {
        !self.busy.is_disposed()
            && self
                .dialog
                .is_none_or(|open| open.try_get_untracked() == Some(true))
    }
}

/// What sends the writes of the component that calls this.
///
/// # Panics
/// Outside of the app, which provides the toasts.
#[must_use]
pub fn use_writes() -> Writes {
    Writes {
        busy: RwSignal::new(false),
        dialog: None,
        toasts: use_toasts(),
    }
}
