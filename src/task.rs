//! Starting asynchronous work. The only file that names the framework's own spawn functions.
//!
//! A component that is gone takes its signals with it, and reading one of them stops the whole
//! dashboard. So work that belongs to a component ends with it ([`spawn_scoped`], [`Scope`]), a write
//! that has to finish goes through `state::Writes`, and [`spawn_detached`] is for what outlives
//! every page.

use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use std::future::Future;

/// Runs a future until it ends, and uses nothing of a component: contexts of the app only.
pub(crate) fn spawn_detached(future: impl Future<Output = ()> + 'static) {
    leptos::task::spawn_local(future);
}

/// Runs a future for the current reactive owner: once that is cleaned up, the future is dropped,
/// and with it the request it waits for.
pub fn spawn_scoped(future: impl Future<Output = ()> + 'static) {
    leptos::reactive::spawn_local_scoped_with_cancellation(future);
}

/// The lifetime of a component, for work that something inside it starts and that is to go on when
/// only that inner part is gone, such as a dialog.
#[derive(Clone, Copy)]
pub struct Scope(StoredValue<Option<WeakOwner>>);

impl Scope {
    /// The lifetime of the component that calls this.
    #[must_use]
    pub fn current() -> Self {
        Self(StoredValue::new(
            Owner::current().map(|owner| owner.downgrade()),
        ))
    }

    /// Runs a future until it ends or the component is gone.
    pub fn spawn(self, future: impl Future<Output = ()> + 'static) {
        let owner = self.0.try_get_value().flatten();
        if let Some(owner) = owner.and_then(|owner| owner.upgrade()) {
            owner.with(|| spawn_scoped(future));
        }
    }
}
