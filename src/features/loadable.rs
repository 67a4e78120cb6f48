//! A list or page whose data has to be loaded first.

use crate::components::{Loading, Notice, RetryButton, Show, Stale, Tone};
use crate::state::{LoadStatus, use_clock};
use leptos::prelude::*;

/// What is drawn from loaded data: a placeholder before the first load, and the reason and a button to try
/// again after one that failed.
#[component]
pub(crate) fn Loadable(
    /// The state of the data.
    status: LoadStatus,
    /// Loads it again.
    #[prop(into)]
    retry: Callback<()>,
    /// The label of the placeholder: `Loading providers`.
    label: &'static str,
    /// How many rows the placeholder keeps room for.
    #[prop(default = 3)]
    rows: usize,
    /// What is drawn once there is data.
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <LoadFailure status=status retry=retry />
        <Show
            when=status.loaded
            fallback=move || {
                status
                    .error
                    .with(Option::is_none)
                    .then(|| view! { <Loading label=label rows=rows /> })
            }
        >
            {children()}
        </Show>
    }
}

/// Nothing, unless the last load failed: then why, with a button to try again. Says how old the data
/// is if there is some.
#[component]
fn LoadFailure(
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
