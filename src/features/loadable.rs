//! A list or page whose data could not be loaded, or not reloaded.

use crate::components::{Notice, RetryButton, Stale, Tone};
use crate::state::{LoadStatus, use_clock};
use leptos::prelude::*;

/// Nothing, unless the last load failed: then why, with a button to try again. Says how old the data
/// is if there is some.
#[component]
pub(crate) fn LoadFailure(
    /// The state of the data.
    status: LoadStatus,
    /// Loads it again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    let now = use_clock().now();
    let error = Memo::new(move |_| status.error.get());
    move || {
        let text = error.get()?;
        Some(if status.loaded.get() {
            view! {
                <Stale
                    text=text
                    read_at=status.loaded_at
                    now=now
                    busy=status.loading
                    retry=retry
                />
            }
            .into_any()
        } else {
            view! {
                <Notice tone=Tone::Bad text=text>
                    <RetryButton busy=status.loading press=retry />
                </Notice>
            }
            .into_any()
        })
    }
}
