//! Where the focus goes after each navigation.

use crate::dom;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Whether an address only leads on to another.
fn redirects(address: &str) -> bool {
    matches!(address, "/" | "/models" | "/sign-in")
}

/// After a navigation to another page, moves the focus to its heading, so that the keyboard and a
/// screen reader begin where the eye does. What changes only the query (a filter, a ref that is
/// typed) is no navigation.
pub(super) fn follow_navigation() {
    let pathname = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = pathname.get();
        // What a redirection leaves is no page, and what the first page opens with keeps its focus.
        let left_page = before.is_some_and(|before| before != now && !redirects(&before));
        if left_page {
            // The page is drawn by then.
            request_animation_frame(|| {
                // A page that opens with a field of its own to type in keeps the focus there.
                if !dom::modal_open() {
                    dom::focus_heading();
                }
            });
        }
        now
    });
}
