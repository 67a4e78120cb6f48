//! Tabs with an address each.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

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
    let pathname = use_location().pathname;
    let items = tabs
        .into_iter()
        .map(|tab| {
            let href = tab.href.clone();
            let current =
                move || pathname.with(|pathname| is_within(pathname, &href)).then_some("page");
            view! {
                <li>
                    <a href=tab.href aria-current=current>
                        {tab.label}
                        {move || {
                            tab.count.get().map(|count| view! { " " <span class="count">{count}</span> })
                        }}
                    </a>
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

/// Whether an address is a place or below it.
#[must_use]
pub fn is_within(pathname: &str, place: &str) -> bool {
    pathname
        .strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_current_on_its_own_and_lower_addresses_only() {
        assert!(is_within("/agents", "/agents"));
        assert!(is_within("/agents/named/bot", "/agents"));
        assert!(!is_within("/agentsmith", "/agents"));
        assert!(!is_within("/", "/agents"));
    }
}
