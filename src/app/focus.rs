//! Where the focus goes after each navigation.

use super::page::Page;
use crate::dom;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// After a navigation to another page, moves the focus to its heading, so that keyboard and screen
/// reader start there. A change of the query alone (a filter, a typed ref) is not a navigation.
pub(super) fn follow_navigation() {
    let pathname = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = pathname.get();
        // A redirect leaves no page, and the first page keeps the focus it opens with.
        let left_page = before.is_some_and(|before| {
            let (left, page) = (Page::at(&before), Page::at(&now));
            // Requests moves the focus between its list and the request beside it.
            let within = left == Page::Requests && page == Page::Requests;
            before != now && left != Page::Start && !within
        });
        if left_page {
            // The page is drawn by then.
            request_animation_frame(|| {
                // A page that opens with a focused field keeps the focus there.
                if !dom::modal_open() {
                    dom::focus_heading();
                }
            });
        }
        now
    });
}
