//! The permission to call a private or loopback address.

use crate::components::{Show, Switch};
use crate::explain::{is_private, origin};
use leptos::prelude::*;

/// The switch that grants the entered origin. It appears where the address is plainly private, or
/// where a check found that it is.
#[component]
pub(crate) fn AllowPrivate(
    /// The base URL as typed.
    base_url: RwSignal<String>,
    /// The origin that was granted. Another one needs another permission.
    granted_for: RwSignal<Option<String>>,
    /// Whether a check was refused because of the address.
    #[prop(into)]
    refused: Signal<bool>,
) -> impl IntoView {
    let typed = Memo::new(move |_| base_url.with(|typed| origin(typed)));
    let is_granted = move || typed.with(|typed| typed.is_some() && *typed == granted_for.get());
    let asks = Memo::new(move |_| {
        let private = base_url.with(|typed| is_private(typed));
        typed.with(Option::is_some) && (private || refused.get() || is_granted())
    });
    let label = Signal::derive(move || {
        let origin = typed.get().unwrap_or_default();
        format!("Allow calls to {origin}")
    });
    view! {
        <Show when=move || asks.get()>
            <Switch
                label=label
                on=Signal::derive(is_granted)
                change=move |on: bool| granted_for.set(typed.get_untracked().filter(|_| on))
                help="This address is on this machine or in a private network. Waypost calls it only if you allow it."
            />
        </Show>
    }
}
