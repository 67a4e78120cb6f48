//! Server data that several pages show.

use crate::api::{Answer, ApiError};
use crate::dom;
use crate::task::spawn_detached;
use leptos::prelude::*;
use std::sync::Arc;

/// A value of this age is not worth another request when a page opens.
const FRESH_SECONDS: i64 = 5;

type Load<T> = Box<dyn Fn() -> Answer<T>>;

/// How far the loading of some data is, whatever its type.
#[derive(Clone, Copy)]
pub struct LoadStatus {
    /// Whether there is data.
    pub loaded: Signal<bool>,
    /// When it was last loaded, in Unix seconds.
    pub loaded_at: Signal<i64>,
    /// Whether it is loading.
    pub loading: Signal<bool>,
    /// Why the last load failed, for people.
    pub error: Signal<Option<String>>,
}

/// A value loaded from the server. The last good value stays while it reloads and if that fails;
/// [`Cached::error`] and [`Cached::read_at`] tell how old it is.
pub struct Cached<T: Send + Sync + 'static> {
    value: RwSignal<Option<Arc<T>>>,
    error: RwSignal<Option<ApiError>>,
    reading: RwSignal<u32>,
    read_at: RwSignal<i64>,
    /// Numbers the loads, so that a slow old answer does not replace a newer one.
    latest: StoredValue<u64>,
    load: StoredValue<Load<T>, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Cached<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Cached<T> {}

impl<T: PartialEq + Send + Sync + 'static> Cached<T> {
    /// A value that is not loaded yet, and its loader.
    pub fn new(load: impl Fn() -> Answer<T> + 'static) -> Self {
        Self {
            value: RwSignal::new(None),
            error: RwSignal::new(None),
            reading: RwSignal::new(0),
            read_at: RwSignal::new(0),
            latest: StoredValue::new(0),
            load: StoredValue::new_local(Box::new(load)),
        }
    }

    /// Reads it again.
    pub fn reload(self) {
        let Some(future) = self.load.try_with_value(|load| load()) else {
            return;
        };
        let turn = self.latest.get_value() + 1;
        self.latest.set_value(turn);
        self.reading.update(|reading| *reading += 1);
        spawn_detached(async move {
            let answer = future.await;
            self.reading
                .update(|reading| *reading = reading.saturating_sub(1));
            if self.latest.try_get_value() == Some(turn) {
                match answer {
                    Ok(value) => self.set(value),
                    Err(error) => self.error.set(Some(error)),
                }
            }
        });
    }

    /// Reads it again, unless it was read within the last few seconds.
    pub fn reload_if_old(self) {
        if dom::now() - self.read_at.get_untracked() > FRESH_SECONDS {
            self.reload();
        }
    }

    /// Sets a value that came with another answer.
    pub fn set(self, value: T) {
        self.error.set(None);
        self.read_at.set(dom::now());
        // An equal value causes no redraw.
        if self
            .value
            .with_untracked(|old| old.as_deref() != Some(&value))
        {
            self.value.set(Some(Arc::new(value)));
        }
    }

    /// Changes the value in place, where there is one.
    pub fn update(self, change: impl FnOnce(&mut T))
    where
        T: Clone,
    {
        if let Some(old) = self.value.get_untracked() {
            let mut value = T::clone(&old);
            change(&mut value);
            self.set(value);
            // A load that began before the change must not undo it.
            self.latest.update_value(|latest| *latest += 1);
        }
    }

    /// Clears it, as when the session ends.
    pub fn forget(self) {
        self.latest.update_value(|latest| *latest += 1);
        self.value.set(None);
        self.error.set(None);
    }

    /// The value; `None` until it is loaded.
    #[must_use]
    pub fn get(self) -> Option<Arc<T>> {
        self.value.get()
    }

    /// The value, without tracking it.
    #[must_use]
    pub fn get_untracked(self) -> Option<Arc<T>> {
        self.value.get_untracked()
    }

    /// Reads from the value; `None` until it is loaded.
    pub fn with<R>(self, ask: impl FnOnce(&T) -> R) -> Option<R> {
        self.value.with(|value| value.as_deref().map(ask))
    }

    /// How far it is loaded.
    #[must_use]
    pub fn status(self) -> LoadStatus {
        let loaded = Memo::new(move |_| self.value.with(Option::is_some));
        LoadStatus {
            loaded: loaded.into(),
            loaded_at: self.read_at.into(),
            loading: Signal::derive(move || self.loading()),
            error: Signal::derive(move || {
                self.error
                    .with(|error| error.as_ref().map(ApiError::message))
            }),
        }
    }

    /// One item of a list, as it is or was last; `None` if it is not in the list now.
    pub fn item<I>(self, find: impl Fn(&T) -> Option<I> + Send + Sync + 'static) -> Option<Memo<I>>
    where
        I: Clone + PartialEq + Send + Sync + 'static,
    {
        let first = find(&*self.get_untracked()?)?;
        Some(Memo::new(move |old: Option<&I>| {
            self.with(&find)
                .flatten()
                .or_else(|| old.cloned())
                .unwrap_or_else(|| first.clone())
        }))
    }

    /// Why the last load failed.
    #[must_use]
    pub fn error(self) -> Option<ApiError> {
        self.error.get()
    }

    /// Whether it is being read.
    #[must_use]
    pub fn loading(self) -> bool {
        self.reading.get() > 0
    }

    /// When it was last loaded, in Unix seconds.
    #[must_use]
    pub fn read_at(self) -> i64 {
        self.read_at.get()
    }
}
