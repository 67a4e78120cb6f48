//! Where a form begins: in the first field that one would fill in or change.

use crate::dom;
use crate::state::use_announcer;
use leptos::prelude::*;

/// Announces the heading of a form page, then focuses its first field. A dialog does the same by
/// itself: it is named by its heading, and opens with the focus in the field with `autofocus`.
///
/// `field` is a selector of the field.
pub(crate) fn focus_first_field(heading: String, field: &'static str) {
    let announcer = use_announcer();
    // A navigation focuses the heading of the page in the next frame; this comes after it.
    request_animation_frame(move || {
        request_animation_frame(move || {
            // A reader who types already, or has opened a dialog, is not interrupted.
            if !dom::typing() && !dom::modal_open() && dom::focus(field) {
                announcer.say(heading);
            }
        });
    });
}
