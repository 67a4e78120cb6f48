//! Caret positions in a text area.

/// Puts the caret at a place, counted in UTF-16 units, and scrolls so that its line can be seen.
/// `lines` is how many lines the text area shows, all of one height.
pub fn place_caret(area: &web_sys::HtmlTextAreaElement, at: u32, lines: u32, line: u32) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // A text area that is in the page takes both.
    let _ = area.focus_with_options(&options);
    let _ = area.set_selection_range(at, at);
    let frame = area.closest(".editor").ok().flatten();
    if let Some(frame) = frame {
        let each = f64::from(area.client_height()) / f64::from(lines.max(1));
        let middle = each * f64::from(line) - f64::from(frame.client_height()) / 2.0;
        // A place on the screen is far inside what an i32 holds.
        #[allow(clippy::cast_possible_truncation)]
        frame.set_scroll_top(middle.max(0.0) as i32);
        frame.set_scroll_left(0);
        frame.scroll_into_view_with_scroll_into_view_options(&nearest());
    }
}

/// Scrolls as little as necessary.
pub(super) fn nearest() -> web_sys::ScrollIntoViewOptions {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options
}
