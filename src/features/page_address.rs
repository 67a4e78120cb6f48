//! Keeping what a page shows in its address, so that a link shows the same.

use crate::paths::Path;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::time::Duration;

/// How long a change must rest before it is written: typing is not a series of navigations.
const REST: Duration = Duration::from_millis(250);

/// Writes `shown` into the address when it changes, and hands what the address says to `show` when
/// that changes: by a link, or by Back.
pub(crate) fn keep_in_address<T>(
    address: Memo<T>,
    shown: Signal<T>,
    show: impl Fn(T) + 'static,
    path: impl Fn(T) -> Path + 'static,
) where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    // What this page wrote itself is not read back: by the time it arrives, more may be typed.
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
        // The page may have been left meanwhile.
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
