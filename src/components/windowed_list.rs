//! A long list with only the visible rows in the page.
//!
//! The page holds the same number of rows whatever the list holds: those in view, a few around
//! them, and the current one, so that the keyboard's place is never lost by scrolling. It is a
//! grid to assistive technology: `aria-rowcount` says how long it is, `aria-rowindex` where a row
//! stands. Up, Down, Page Up, Page Down, Ctrl+Home and Ctrl+End move between rows, Left, Right,
//! Home and End between the controls of one, Tab goes through the current row and on.
//!
//! The stylesheet decides what scrolls: the list in a frame, or, on a narrow screen, the page.

use crate::dom;
use crate::format::thousands;
use leptos::ev::{self, KeyboardEvent};
use leptos::html::{Div, ElementType};
use leptos::prelude::*;
use std::sync::Arc;

/// Rows kept beyond each edge of the view, so that a small scroll shows no gap.
const OVERSCAN: usize = 6;

/// The most rows on paper: more would keep the browser busy for minutes.
const PRINTED: usize = 1_000;

/// Room for the frame's own rules, in pixels.
const BORDERS: f64 = 2.0;

/// What can be focused in a row.
const CONTROLS: &str = ":is(a[href],button,input,select):not(:disabled)";

/// The keys of the rows in order. A key identifies one row for as long as it is listed.
pub type Keys = Arc<Vec<Arc<str>>>;

/// A row that is to be built.
#[derive(Clone)]
pub struct WindowedRow {
    /// Its key.
    pub key: Arc<str>,
    /// Its place in the list, from 0.
    pub index: usize,
    current: RwSignal<usize>,
}

impl WindowedRow {
    /// The `tabindex` for every control of the row: only the current row takes part in tabbing.
    pub fn tabindex(&self) -> impl Fn() -> i32 + Copy + Send + Sync + 'static {
        let (index, current) = (self.index, self.current);
        move || if current.get() == index { 0 } else { -1 }
    }
}

/// The element while the list is on the page. What waits for a frame, and what the browser tells of
/// an element that is just leaving, may come when the list has left.
fn here(element: NodeRef<Div>) -> Option<<Div as ElementType>::Output> {
    element.try_get_untracked().flatten()
}

/// How far the list is scrolled, whether it scrolls in its frame or with the page.
fn scroll_of(frame: &<Div as ElementType>::Output) -> f64 {
    f64::from(frame.scroll_top()) + dom::hidden_above(frame)
}

/// How much fits: measured, so that text size, width and theme may change it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Measure {
    frame: f64,
    head: f64,
    row: f64,
}

impl Measure {
    fn view(self) -> f64 {
        (self.frame - self.head).max(self.row)
    }

    /// How many whole rows one page of the keyboard is.
    fn page(self) -> usize {
        whole(self.view() / self.row).saturating_sub(1).max(1)
    }
}

/// The windowed list.
#[component]
pub fn WindowedList(
    /// What the list is, for assistive technology.
    #[prop(into)]
    label: String,
    /// The keys of all rows.
    #[prop(into)]
    keys: Signal<Keys>,
    /// Changes when the list is another one (a new filter), which scrolls back to its beginning.
    #[prop(into)]
    about: Signal<String>,
    /// The cells of the head, each with `role="columnheader"`.
    head: AnyView,
    /// How many columns there are.
    columns: usize,
    /// Builds the cells of a row, each with `role="gridcell"`.
    #[prop(into)]
    row: Callback<WindowedRow, AnyView>,
) -> impl IntoView {
    let frame = NodeRef::<Div>::new();
    let head_rows = NodeRef::<Div>::new();
    let probe = NodeRef::<Div>::new();
    let measure = RwSignal::new(Measure::default());
    let scrolled = RwSignal::new(0.0);
    let current = RwSignal::new(0_usize);
    let inside = StoredValue::new(false);
    let last_control = StoredValue::new(0_usize);

    let take_measure = move || {
        let (Some(frame), Some(head), Some(probe)) = (here(frame), here(head_rows), here(probe))
        else {
            return;
        };
        let taken = Measure {
            frame: f64::from(frame.client_height()).min(dom::window_height()),
            head: f64::from(head.offset_height()),
            row: f64::from(probe.offset_height()).max(1.0),
        };
        if measure.try_get_untracked().is_some_and(|old| old != taken) {
            measure.set(taken);
        }
    };
    let watch = StoredValue::new_local(None);
    Effect::new(move || {
        if let (Some(frame), Some(probe)) = (frame.get(), probe.get()) {
            take_measure();
            watch.set_value(dom::watch_size(&[&frame, &probe], take_measure));
        }
    });

    let follow_scroll = move || {
        if let Some(frame) = here(frame) {
            scrolled.try_set(scroll_of(&frame));
        }
    };
    let page_scrolled = window_event_listener(ev::scroll, move |_| follow_scroll());
    on_cleanup(move || page_scrolled.remove());

    // Paper does not scroll: the rows are in the page while the browser prints it.
    let printing = RwSignal::new(false);
    let before_print = window_event_listener(ev::beforeprint, move |_| printing.set(true));
    let after_print = window_event_listener(ev::afterprint, move |_| printing.set(false));
    on_cleanup(move || {
        before_print.remove();
        after_print.remove();
    });
    let left_out = move || {
        let all = keys.with(|keys| keys.len());
        (printing.get() && all > PRINTED).then(|| {
            let (printed, all) = (thousands(PRINTED as u64), thousands(all as u64));
            let text = format!("Printed: the first {printed} of {all} rows.");
            view! { <p class="print-only small">{text}</p> }
        })
    };

    let rows = Memo::new(move |_| {
        let (measure, scrolled, current) = (measure.get(), scrolled.get(), current.get());
        let printing = printing.get();
        keys.with(|keys| {
            let shown = if printing {
                (0..keys.len().min(PRINTED)).collect()
            } else {
                in_window(keys.len(), scrolled, measure, current)
            };
            shown
                .into_iter()
                .map(|index| (index, keys[index].clone()))
                .collect::<Vec<_>>()
        })
    });

    let focus_current = move |control: usize| {
        if let Some(frame) = here(frame) {
            let row = current.try_get_untracked().unwrap_or_default() + 2;
            dom::focus_nth(
                &frame,
                &format!("[aria-rowindex=\"{row}\"] {CONTROLS}"),
                control,
            );
        }
    };
    let reveal = move |index: usize| {
        let Some(frame) = here(frame) else {
            return;
        };
        let measure = measure.get_untracked();
        let top = revealed(f64::from(frame.scroll_top()), index, measure);
        frame.set_scroll_top(whole(top).try_into().unwrap_or(i32::MAX));
        let top = measure.head + measure.row * real(index) - f64::from(frame.scroll_top());
        dom::show_part(&frame, top..top + measure.row);
    };

    // A list that shrinks keeps a current row, and one whose focused row went away keeps the
    // focus: on the row that took its place.
    Effect::new(move |_| {
        let count = keys.with(|keys| keys.len());
        if current.get_untracked() >= count {
            current.set(count.saturating_sub(1));
        }
        request_animation_frame(move || {
            if inside.try_get_value() == Some(true) && dom::nothing_focused() {
                focus_current(last_control.try_get_value().unwrap_or_default());
            }
        });
    });
    // The row that keeps the focus while it is scrolled out of view is moved in the page, which
    // takes the focus from it.
    Effect::new(move || {
        rows.track();
        queue_microtask(move || {
            if inside.try_get_value() == Some(true) && dom::nothing_focused() {
                focus_current(last_control.try_get_value().unwrap_or_default());
            }
        });
    });
    Effect::new(move |before: Option<String>| {
        let now = about.get();
        if before.is_some_and(|before| before != now) {
            current.set(0);
            if let Some(frame) = here(frame) {
                frame.set_scroll_top(0);
                if dom::hidden_above(&frame) > 0.0 {
                    dom::show_part(&frame, 0.0..0.0);
                }
            }
        }
        now
    });

    let on_key = move |event: KeyboardEvent| {
        let count = keys.with_untracked(|keys| keys.len());
        let Some((_, control)) = dom::place_in_row(&event, CONTROLS) else {
            return;
        };
        if count == 0 || event.alt_key() || event.meta_key() {
            return;
        }
        let Some(step) = step(&event.key(), event.ctrl_key()) else {
            return;
        };
        event.prevent_default();
        let at = current.get_untracked();
        let (row, control) = step.from(at, control, count, measure.get_untracked().page());
        if row == at {
            // At once: the next key, held down, goes on from where this one leads.
            focus_current(control);
            return;
        }
        current.set(row);
        reveal(row);
        // The row is in the page only after the frame's effects have run.
        request_animation_frame(move || focus_current(control));
    };
    let on_focus_in = move |event: leptos::ev::FocusEvent| {
        inside.try_set_value(true);
        let Some((row, control)) = dom::place_in_row(&event, CONTROLS) else {
            return;
        };
        last_control.try_set_value(control);
        if let Some(index) = row.checked_sub(2)
            && current.try_get_untracked().is_some_and(|old| old != index)
        {
            current.set(index);
        }
    };
    let on_focus_out = move |event: leptos::ev::FocusEvent| {
        // A control that leaves the page takes the focus along and is no longer connected a frame
        // later; one that was left by the reader is.
        let left = dom::connection_of(&event);
        request_animation_frame(move || {
            let gone = left.is_some_and(|left| !left());
            let elsewhere = here(frame).is_none_or(|frame| !dom::focus_within(&frame));
            if !gone && elsewhere {
                inside.try_set_value(false);
            }
        });
    };

    view! {
        <div
            class="windowed"
            role="grid"
            aria-label=label
            aria-rowcount=move || keys.with(|keys| keys.len() + 1).to_string()
            aria-colcount=columns.to_string()
            // A short list takes no more room than its rows; its height is for the stylesheet.
            style:max-block-size=move || {
                let measure = measure.get();
                (measure.row >= 1.0)
                    .then(|| {
                        let rows = measure.row * real(keys.with(|keys| keys.len()));
                        format!("{}px", rows + measure.head + BORDERS)
                    })
            }
            node_ref=frame
            on:scroll=move |_| follow_scroll()
            on:keydown=on_key
            on:focusin=on_focus_in
            on:focusout=on_focus_out
        >
            <div class="windowed-head" role="rowgroup" node_ref=head_rows>
                <div class="windowed-row" role="row" aria-rowindex="1">
                    {head}
                </div>
            </div>
            <div
                class="windowed-body"
                role="rowgroup"
                style:block-size=move || {
                    let height = measure.get().row * real(keys.with(|keys| keys.len()));
                    pixels(height)
                }
            >
                <For each=move || rows.get() key=|(index, key)| (*index, key.clone()) let((index, key))>
                    <div
                        class="windowed-row"
                        role="row"
                        aria-rowindex=(index + 2).to_string()
                        style:inset-block-start=move || {
                            pixels(measure.get().row * real(index))
                        }
                    >
                        {row.run(WindowedRow { key, index, current })}
                    </div>
                </For>
            </div>
            <div class="windowed-row windowed-probe" aria-hidden="true" node_ref=probe></div>
        </div>
        {left_out}
    }
}

/// A keyboard move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Row(isize),
    Page(isize),
    FirstRow,
    LastRow,
    Control(isize),
    FirstControl,
    LastControl,
}

fn step(key: &str, ctrl: bool) -> Option<Step> {
    Some(match (key, ctrl) {
        ("ArrowDown", false) => Step::Row(1),
        ("ArrowUp", false) => Step::Row(-1),
        ("PageDown", false) => Step::Page(1),
        ("PageUp", false) => Step::Page(-1),
        ("Home", true) => Step::FirstRow,
        ("End", true) => Step::LastRow,
        ("ArrowRight", false) => Step::Control(1),
        ("ArrowLeft", false) => Step::Control(-1),
        ("Home", false) => Step::FirstControl,
        ("End", false) => Step::LastControl,
        _ => return None,
    })
}

impl Step {
    /// The row and the control that the step leads to. A control beyond the last one of its row is
    /// for the browser to cut down, since only it knows how many there are.
    fn from(self, row: usize, control: usize, count: usize, page: usize) -> (usize, usize) {
        let last = count - 1;
        let moved = |by: isize| row.saturating_add_signed(by).min(last);
        match self {
            Self::Row(by) => (moved(by), control),
            Self::Page(by) => (moved(by * page.cast_signed()), control),
            Self::FirstRow => (0, control),
            Self::LastRow => (last, control),
            Self::Control(by) => (row, control.saturating_add_signed(by)),
            Self::FirstControl => (row, 0),
            Self::LastControl => (row, usize::MAX),
        }
    }
}

/// The rows to hold in the page: those in view, some around them, and the current one.
fn in_window(count: usize, scrolled: f64, measure: Measure, current: usize) -> Vec<usize> {
    if count == 0 || measure.row < 1.0 {
        return Vec::new();
    }
    let fits = whole((measure.view() / measure.row).ceil()) + 1;
    let first = whole(scrolled / measure.row).min(count.saturating_sub(fits));
    let start = first.saturating_sub(OVERSCAN);
    let end = (first + fits + OVERSCAN).min(count);
    let current = current.min(count - 1);
    let mut rows: Vec<usize> = (start..end).collect();
    if current < start {
        rows.insert(0, current);
    } else if current >= end {
        rows.push(current);
    }
    rows
}

/// How far to scroll so that a row is in view, moving as little as possible.
fn revealed(scrolled: f64, index: usize, measure: Measure) -> f64 {
    let top = measure.row * real(index);
    let lowest = top + measure.row - measure.view();
    scrolled.min(top).max(lowest).max(0.0)
}

/// Pixels and rows are far below the numbers that a float cannot hold.
#[allow(clippy::cast_precision_loss)]
fn real(number: usize) -> f64 {
    number as f64
}

/// A length for the stylesheet. Heights are whole pixels; writing fractions would bring the whole
/// machinery of decimal floats into the download.
fn pixels(length: f64) -> String {
    format!("{}px", whole(length))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURE: Measure = Measure {
        frame: 440.0,
        head: 40.0,
        row: 40.0,
    };

    #[test]
    fn the_page_holds_the_same_number_of_rows_whatever_the_list_holds() {
        let most = 10 + 1 + 2 * OVERSCAN + 1;
        for count in [100, 5_000, 100_000] {
            for scrolled in [0.0, 1_999.0, real(count) * 40.0] {
                for current in [0, 50, count - 1] {
                    let rows = in_window(count, scrolled, MEASURE, current);
                    assert!(rows.len() <= most, "{} of {count}", rows.len());
                    assert!(rows.contains(&current));
                    assert!(rows.is_sorted());
                }
            }
        }
    }

    #[test]
    fn every_row_in_view_is_held() {
        let rows = in_window(1_000, 4_015.0, MEASURE, 0);
        for index in 100..=110 {
            assert!(rows.contains(&index), "{index}");
        }
    }

    #[test]
    fn a_list_shorter_than_the_view_is_held_whole() {
        assert_eq!(in_window(3, 0.0, MEASURE, 9), [0, 1, 2]);
        assert!(in_window(0, 0.0, MEASURE, 0).is_empty());
    }

    #[test]
    fn a_list_that_shrank_below_the_scroll_position_shows_its_end() {
        let rows = in_window(20, 90_000.0, MEASURE, 0);
        assert!(rows.contains(&19) && rows.contains(&10));
    }

    #[test]
    fn a_row_is_revealed_with_the_least_movement() {
        assert_eq!(revealed(0.0, 3, MEASURE), 0.0);
        assert_eq!(revealed(0.0, 10, MEASURE), 40.0);
        assert_eq!(revealed(4_000.0, 10, MEASURE), 400.0);
    }

    #[test]
    fn steps_stay_inside_the_list() {
        assert_eq!(Step::Row(-1).from(0, 2, 10, 5), (0, 2));
        assert_eq!(Step::Page(1).from(7, 0, 10, 5), (9, 0));
        assert_eq!(Step::LastRow.from(0, 1, 10, 5), (9, 1));
        assert_eq!(Step::Control(-1).from(4, 0, 10, 5), (4, 0));
        assert_eq!(step("a", false), None);
    }
}
