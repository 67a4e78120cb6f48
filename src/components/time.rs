//! Times.

use crate::{dom, format};
use leptos::prelude::*;

/// How long ago something was, with the exact time as a tooltip.
#[component]
pub fn RelativeTime(
    /// When, in Unix seconds.
    #[prop(into)]
    at: Signal<i64>,
    /// The time now, in Unix seconds.
    now: Signal<i64>,
) -> impl IntoView {
    view! {
        <time datetime=move || dom::iso_time(at.get()) title=move || dom::local_time(at.get()).date_time()>
            {move || format::ago(now.get(), at.get())}
        </time>
    }
}
