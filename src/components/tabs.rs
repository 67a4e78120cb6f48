//! Tabs with an address each.

use leptos::prelude::*;
use leptos_router::components::A;

/// One tab.
#[derive(Clone)]
pub struct Tab {
    /// Its address.
    pub href: String,
    /// What it says.
    pub label: &'static str,
    /// The count, if known.
    pub count: Signal<Option<String>>,
}

/// A row of tabs: links, of which the current one is marked.
#[component]
pub fn Tabs(
    /// The label of the row of tabs.
    #[prop(into)]
    label: String,
    /// The tabs.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let items = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <li>
                    <A href=tab.href>
                        {tab.label}
                        {move || {
                            tab.count.get().map(|count| view! { " " <span class="count">{count}</span> })
                        }}
                    </A>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{items}</ul>
        </nav>
    }
}
