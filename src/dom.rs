//! Wrappers around browser APIs. No other module names web-sys.
//!
//! Every function is a small, total wrapper: where the browser refuses (no storage, no clipboard),
//! the answer is `None`, `false` or nothing at all, never a panic.

mod event_stream;
mod files;
mod grid;
mod leave;
mod letters;
mod popover;
mod save;
mod start;
mod text;

pub use event_stream::{EventStream, StreamEvent, open_stream};
pub use files::{
    LocalFile, drags_files, dropped_files, refuse_files, take_directories, take_files,
};
pub use grid::{
    SizeWatch, connection_of, focus_nth, focus_within, hidden_above, nothing_focused, place_in_row,
    show_part, watch_size, window_height,
};
pub use leave::{LeaveWatch, Leaving, go_back, watch_leaving};
pub use letters::lower_case;
pub use popover::{
    FocusStep, any_popover_shown, hide_popover, is_innermost, is_target, popover_shown, step_focus,
};
pub use save::save_as;
pub use start::{early_answer, forget_early_answers, remove_start_page};
pub use text::place_caret;

use crate::format::LocalTime;
use leptos::html::ElementType;
use leptos::prelude::{
    GetUntracked, NodeRef, document, on_cleanup, request_animation_frame, set_interval_with_handle,
    set_timeout, window,
};
use std::time::Duration;
use web_sys::js_sys::futures::JsFuture;
use web_sys::js_sys::{Date, Promise};
use web_sys::wasm_bindgen::{JsCast, JsValue};

/// Aborts its request when it is dropped, so that a cancelled future leaves none running.
pub struct AbortGuard(Option<web_sys::AbortController>);

impl AbortGuard {
    /// A guard for one request.
    #[must_use]
    pub fn new() -> Self {
        Self(web_sys::AbortController::new().ok())
    }

    /// What the request listens to.
    #[must_use]
    pub fn signal(&self) -> Option<web_sys::AbortSignal> {
        self.0.as_ref().map(web_sys::AbortController::signal)
    }
}

impl Default for AbortGuard {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// An element that had the focus, to restore it later.
#[derive(Clone)]
pub struct Focused(web_sys::HtmlElement);

impl Focused {
    /// The element that has the focus now; `None` where it is the body.
    #[must_use]
    pub fn now() -> Option<Self> {
        let element = document().active_element()?;
        if element.tag_name() == "BODY" {
            return None;
        }
        element.dyn_into().ok().map(Self)
    }

    /// Focuses it again. False if it is no longer in the page.
    pub fn restore(&self) -> bool {
        self.0.is_connected() && self.0.focus().is_ok()
    }
}

/// The live region while it is inside a modal dialog, because everything outside is inert and not
/// read out. Dropping this moves it back.
pub struct LiveRegionGuest {
    region: web_sys::Element,
    home: web_sys::Node,
}

impl LiveRegionGuest {
    /// Moves the live region into a dialog. `None` where the page has none.
    #[must_use]
    pub fn move_into(dialog: &web_sys::HtmlDialogElement) -> Option<Self> {
        let region = document()
            .query_selector("[data-live-region]")
            .ok()
            .flatten()?;
        let home = region.parent_node()?;
        dialog.append_child(&region).ok()?;
        Some(Self { region, home })
    }
}

impl Drop for LiveRegionGuest {
    fn drop(&mut self) {
        // Refused only where the home would be inside of the region.
        let _ = self.home.append_child(&self.region);
    }
}

/// Focuses the first element that matches; false where there is none.
pub fn focus(selector: &str) -> bool {
    document()
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
        .is_some_and(|element| element.focus().is_ok())
}

/// Focuses the first element that matches, once what is being built is drawn: after the focus of
/// the dialog or page that opens with it.
pub fn focus_when_drawn(selector: &'static str) {
    request_animation_frame(move || {
        request_animation_frame(move || {
            focus(selector);
        });
    });
}

/// Focuses the heading of the page, which carries `tabindex="-1"` for it.
pub fn focus_heading() -> bool {
    focus("main h1")
}

/// After the next frame, focuses the heading of the open dialog, or of the page, if the focused
/// element has left the page.
pub fn focus_heading_if_lost() {
    request_animation_frame(|| {
        if nothing_focused() {
            focus_nearest_heading();
        }
    });
}

/// Focuses the heading of the open dialog, or of the page where none is open.
pub fn focus_nearest_heading() {
    if !focus_dialog_heading() {
        focus_heading();
    }
}

/// For the clean-up of a heading that another one replaces, as when a page has loaded: the focus goes
/// to the new one if the old one had it.
pub fn pass_on_heading_focus() {
    if heading_focused() {
        focus_heading_if_lost();
    }
}

/// Focuses the first element that matches, once what is being built is drawn, if a button has the
/// focus that cannot be used any more.
pub fn focus_instead_of_disabled(selector: &'static str) {
    request_animation_frame(move || {
        let active = document().active_element();
        let rests =
            active.is_some_and(|active| active.matches("[aria-disabled=true]").unwrap_or_default());
        if rests || nothing_focused() {
            focus(selector);
        }
    });
}

/// Focuses the heading of the open dialog; false where none is open.
fn focus_dialog_heading() -> bool {
    const HEADING: &str = "dialog[open] h2";
    let Ok(Some(heading)) = document().query_selector(HEADING) else {
        return false;
    };
    // Only for this: a dialog that opens gives the focus to its first field.
    let _ = heading.set_attribute("tabindex", "-1");
    focus(HEADING)
}

/// Scrolls a strip that is too long for the screen sideways, so that a part of it can be seen. That
/// happens after the next frame: before, the browser would lay the page out twice.
pub fn show_in_strip(strip: &'static str, part: &'static str) {
    request_animation_frame(move || {
        set_timeout(move || scroll_strip(strip, part), Duration::ZERO);
    });
}

fn scroll_strip(strip: &str, part: &str) {
    let find = |selector: &str| {
        let found = document().query_selector(selector).ok().flatten();
        found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    };
    if let (Some(strip), Some(part)) = (find(strip), find(&format!("{strip} {part}"))) {
        let middle = part.offset_left() + part.offset_width() / 2 - strip.offset_left();
        strip.set_scroll_left(middle - strip.client_width() / 2);
    }
}

/// Whether the heading of the page has the focus.
#[must_use]
pub fn heading_focused() -> bool {
    document()
        .active_element()
        .is_some_and(|element| element.matches("main h1").unwrap_or_default())
}

/// The path of the link that an event happened in.
#[must_use]
pub fn link_of(event: &web_sys::Event) -> Option<String> {
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let link = target.closest("a[href]").ok().flatten()?;
    let link: web_sys::HtmlAnchorElement = link.dyn_into().ok()?;
    Some(link.pathname())
}

/// Whether the focus is in something that takes text, so that a single key is not a command.
#[must_use]
pub fn typing() -> bool {
    document().active_element().is_some_and(|element| {
        let kind = element.get_attribute("type").unwrap_or_default();
        let takes_text = match element.tag_name().as_str() {
            "INPUT" => !matches!(kind.as_str(), "checkbox" | "radio" | "button" | "submit"),
            tag => matches!(tag, "TEXTAREA" | "SELECT"),
        };
        takes_text || element.get_attribute("contenteditable").is_some()
    })
}

/// Selects the text of an input.
pub fn select_text(input: &web_sys::HtmlInputElement) {
    input.select();
}

/// Opens a dialog as a modal one. Nothing happens where it is open already.
pub fn show_modal(dialog: &web_sys::HtmlDialogElement) {
    if !dialog.open() {
        // The browser refuses only a dialog that is not in the page.
        let _ = dialog.show_modal();
    }
}

/// Whether a modal dialog is open, so that keys of the page rest.
#[must_use]
pub fn modal_open() -> bool {
    document()
        .query_selector("dialog[open]")
        .ok()
        .flatten()
        .is_some()
}

/// Whether the focus is in a modal dialog that is open.
#[must_use]
pub fn modal_focused() -> bool {
    document().active_element().is_some_and(|element| {
        let dialog = element.closest("dialog[open]");
        dialog.ok().flatten().is_some()
    })
}

/// The element of a reference, once it is mounted.
#[must_use]
pub fn mounted<E>(reference: NodeRef<E>) -> Option<E::Output>
where
    E: ElementType,
    E::Output: JsCast + Clone + 'static,
{
    reference.get_untracked()
}

/// Sets the title of the document.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Sets an attribute of the root element, or removes it.
pub fn set_root_attribute(name: &str, value: Option<&str>) {
    let Some(root) = document().document_element() else {
        return;
    };
    // Only an invalid name is refused, and the names are written in the program.
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// An attribute of the root element.
#[must_use]
pub fn root_attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(name)
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Reads a value that this browser keeps.
#[must_use]
pub fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Reads a value that this tab keeps, also across a reload.
#[must_use]
pub fn stored_in_tab(key: &str) -> Option<String> {
    let storage = window().session_storage().ok().flatten()?;
    storage.get_item(key).ok().flatten()
}

/// Stores a value in this tab, or removes it.
pub fn store_in_tab(key: &str, value: Option<&str>) {
    let Ok(Some(storage)) = window().session_storage() else {
        return;
    };
    // A full or forbidden storage costs what a reload would keep.
    let _ = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
}

/// Stores a value in this browser, or removes it.
pub fn store(key: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    // A full or forbidden storage costs the reader a preference, nothing else.
    let _ = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
}

/// The fragment of the address, without `#`; empty where there is none.
#[must_use]
pub fn location_fragment() -> String {
    let hash = window().location().hash().unwrap_or_default();
    hash.strip_prefix('#').unwrap_or(&hash).to_owned()
}

/// The origin that serves the dashboard.
#[must_use]
pub fn location_origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// The path of the address with its query.
#[must_use]
pub fn location_address() -> String {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    path + &location.search().unwrap_or_default()
}

/// The whole address.
#[must_use]
pub fn location_link() -> String {
    window().location().href().unwrap_or_default()
}

/// Loads the document again.
pub fn reload() {
    // Refused only where the document is being unloaded.
    let _ = window().location().reload();
}

/// Whether the keyboard has a Command key.
#[must_use]
pub fn has_command_key() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    platform.starts_with("Mac") || platform.starts_with("iP")
}

/// Scrolls the first element that matches into view, as little as necessary.
pub fn show_nearest(selector: &str) {
    if let Some(element) = document().query_selector(selector).ok().flatten() {
        element.scroll_into_view_with_scroll_into_view_options(&text::nearest());
    }
}

/// Replaces the address without a navigation and without a new history entry.
pub fn replace_address(address: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// The time, in Unix seconds.
#[must_use]
pub fn now() -> i64 {
    // Seconds since 1970 fit an i64 exactly.
    #[allow(clippy::cast_possible_truncation)]
    let seconds = (Date::now() / 1000.0) as i64;
    seconds
}

/// A time in the reader's time zone.
#[must_use]
pub fn local_time(unix_seconds: i64) -> LocalTime {
    // Exact for every time a clock can show.
    #[allow(clippy::cast_precision_loss)]
    let date = Date::new(&JsValue::from_f64(unix_seconds as f64 * 1000.0));
    LocalTime {
        year: date.get_full_year(),
        month: date.get_month() + 1,
        day: date.get_date(),
        weekday: date.get_day(),
        hour: date.get_hours(),
        minute: date.get_minutes(),
        second: date.get_seconds(),
    }
}

/// The first second of a day in the reader's time zone, in Unix seconds. The day is written
/// `2026-11-30`; `None` for anything else.
#[must_use]
pub fn start_of_day(iso_date: &str) -> Option<i64> {
    let date = Date::new(&JsValue::from_str(&format!("{iso_date}T00:00:00")));
    let milliseconds = date.get_time();
    // Seconds since 1970 fit an i64 exactly.
    #[allow(clippy::cast_possible_truncation)]
    milliseconds
        .is_finite()
        .then_some((milliseconds / 1000.0) as i64)
}

/// A time as ISO 8601, for `datetime` attributes.
#[must_use]
pub fn iso_time(unix_seconds: i64) -> String {
    #[allow(clippy::cast_precision_loss)]
    let date = Date::new(&JsValue::from_f64(unix_seconds as f64 * 1000.0));
    date.to_iso_string().into()
}

/// Whether the tab is visible.
#[must_use]
pub fn visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Runs something again and again until the current reactive owner is cleaned up.
pub fn every(interval: Duration, run: impl Fn() + 'static) {
    if let Ok(handle) = set_interval_with_handle(run, interval) {
        on_cleanup(move || handle.clear());
    }
}

/// Waits. For polling the control plane, never for the page to become ready.
pub async fn pause(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve, _reject| {
        // A window always takes a timer; without one the wait simply never ends.
        let _ =
            window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = JsFuture::from(promise).await;
}

/// Copies a text; false where the browser refuses.
pub async fn copy(text: &str) -> bool {
    // An insecure context has no clipboard at all, which web-sys cannot say in its types.
    let clipboard: JsValue = window().navigator().clipboard().into();
    if clipboard.is_undefined() {
        return false;
    }
    let promise = window().navigator().clipboard().write_text(text);
    JsFuture::from(promise).await.is_ok()
}
