//! Keeping the state of a page in its address, so that a link restores it.

use crate::paths::Path;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::time::Duration;

/// How long input must pause before the address changes.
const REST: Duration = Duration::from_millis(250);

/// Writes `shown` into the address when it changes, and passes the address to `show` when a link or
/// Back changes it.
pub(crate) fn keep_in_address<T>(
    address: Memo<T>,
    shown: Signal<T>,
    show: impl Fn(T) + 'static,
    path: impl Fn(T) -> Path + 'static,
) where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    // The page does not read back its own writes: more may be typed by then.
    let written = StoredValue::new(address.get_untracked());
    Effect::new(move || {
        let now = address.get();
        if written.get_value() != now {
            written.set_value(now.clone());
            show(now);
        }
    });
    let navigate = use_navigate();
    let write = StoredValue::new_local(debounce(REST, move |()| {
        // The page may be gone by now.
        let (Some(now), Some(before)) = (shown.try_get_untracked(), written.try_get_value()) else {
            return;
        };
        if before != now {
            written.set_value(now.clone());
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&path(now).to_string(), options);
        }
    }));
    Effect::new(move || {
        shown.track();
        write.update_value(|write| write(()));
    });
}
