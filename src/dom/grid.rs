//! What a windowed grid asks of the page: sizes, and which control of which row has the focus.

use leptos::prelude::{document, window};
use web_sys::wasm_bindgen::JsCast;
use web_sys::wasm_bindgen::closure::Closure;

/// Calls back whenever the size of one of its elements changes, until it is dropped.
pub struct SizeWatch {
    observer: web_sys::ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Watches the sizes of elements; `None` where the browser cannot.
#[must_use]
pub fn watch_size(
    elements: &[&web_sys::Element],
    callback: impl FnMut() + 'static,
) -> Option<SizeWatch> {
    let callback = Closure::<dyn FnMut()>::new(callback);
    let observer = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
    for element in elements {
        observer.observe(element);
    }
    Some(SizeWatch {
        observer,
        _callback: callback,
    })
}

/// How much of an element is above the window, in pixels.
#[must_use]
pub fn hidden_above(element: &web_sys::Element) -> f64 {
    (-element.get_bounding_client_rect().top()).max(0.0)
}

/// The height of the window in pixels.
#[must_use]
pub fn window_height() -> f64 {
    let height = window().inner_height().ok();
    height
        .and_then(|height| height.as_f64())
        .unwrap_or_default()
}

/// Scrolls the page as little as necessary so that a part of an element is in view, below the bar at
/// the top of the page. The part is in pixels from the element's upper edge.
pub fn show_part(element: &web_sys::Element, part: std::ops::Range<f64>) {
    let bar = document().query_selector(".top").ok().flatten();
    let bar = bar.map_or(0.0, |bar| bar.get_bounding_client_rect().height());
    let top = element.get_bounding_client_rect().top();
    let above = top + part.start - bar;
    let below = top + part.end - window_height();
    if above < 0.0 || below > 0.0 {
        window().scroll_by_with_x_and_y(0.0, above.min(below.max(0.0)));
    }
}

/// Focuses the nth match below an element, or the last one if there are fewer, without scrolling:
/// the windowed list scrolls itself.
pub fn focus_nth(parent: &web_sys::Element, selector: &str, nth: usize) -> bool {
    let Ok(found) = parent.query_selector_all(selector) else {
        return false;
    };
    let last = found.length().saturating_sub(1);
    let nth = u32::try_from(nth).unwrap_or(u32::MAX).min(last);
    found
        .item(nth)
        .and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok())
        .is_some_and(|element| {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            element.focus_with_options(&options).is_ok()
        })
}

/// The `aria-rowindex` of the row that an event happened in, and which of the row's controls was
/// its target, counted from 0.
#[must_use]
pub fn place_in_row(event: &web_sys::Event, controls: &str) -> Option<(usize, usize)> {
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let row = target.closest("[aria-rowindex]").ok().flatten()?;
    let index = row.get_attribute("aria-rowindex")?.parse().ok()?;
    let found = row.query_selector_all(controls).ok()?;
    let place = (0..found.length())
        .find(|at| {
            found
                .item(*at)
                .is_some_and(|node| node.contains(Some(&target)))
        })
        .unwrap_or(0);
    Some((index, place as usize))
}

/// Answers later whether the target of an event is still in the page.
#[must_use]
pub fn connection_of(event: &web_sys::Event) -> Option<impl Fn() -> bool + use<>> {
    let target: web_sys::Node = event.target()?.dyn_into().ok()?;
    Some(move || target.is_connected())
}

/// Whether the focus is inside an element.
#[must_use]
pub fn focus_within(element: &web_sys::Element) -> bool {
    element.contains(document().active_element().as_deref())
}

/// Whether nothing has the focus, as when the element that had it left the page.
#[must_use]
pub fn nothing_focused() -> bool {
    document()
        .active_element()
        .is_none_or(|element| element.tag_name() == "BODY")
}
