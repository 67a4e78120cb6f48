//! Holding navigation while a page has unsaved changes.

use leptos::prelude::{document, window};
use web_sys::wasm_bindgen::JsCast;
use web_sys::wasm_bindgen::JsValue;
use web_sys::wasm_bindgen::closure::Closure;

/// How the page was about to be left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// By a link inside the dashboard, to this address.
    To(String),
    /// By the browser's Back.
    Back,
}

type Listener = Closure<dyn FnMut(web_sys::Event)>;

/// Stops watching when it is dropped.
pub struct LeaveWatch(Vec<(web_sys::EventTarget, &'static str, Listener)>);

impl LeaveWatch {
    fn listen(
        &mut self,
        target: impl Into<web_sys::EventTarget>,
        name: &'static str,
        listener: impl FnMut(web_sys::Event) + 'static,
    ) {
        let target = target.into();
        let listener = Listener::new(listener);
        // Capturing, so that it is heard before the router hears it.
        let added = target.add_event_listener_with_callback_and_bool(
            name,
            listener.as_ref().unchecked_ref(),
            true,
        );
        if added.is_ok() {
            self.0.push((target, name, listener));
        }
    }
}

impl Drop for LeaveWatch {
    fn drop(&mut self) {
        for (target, name, listener) in &self.0 {
            // Only a listener that was added is in the list.
            let _ = target.remove_event_listener_with_callback_and_bool(
                name,
                listener.as_ref().unchecked_ref(),
                true,
            );
        }
    }
}

/// While `unsaved` returns the address of a page with unsaved changes, holds every navigation away
/// from it and passes it to `held`. The browser itself asks before the tab closes.
///
/// To be called before the router starts: browsers call the listeners of the window for `popstate`
/// in the order in which they were added.
#[must_use]
pub fn watch_leaving(
    unsaved: impl Fn() -> Option<String> + Clone + 'static,
    held: impl Fn(Leaving) + Clone + 'static,
) -> LeaveWatch {
    let mut watch = LeaveWatch(Vec::new());

    watch.listen(window(), "beforeunload", {
        let unsaved = unsaved.clone();
        move |event| {
            if unsaved().is_some() {
                event.prevent_default();
            }
        }
    });
    watch.listen(document(), "click", {
        let (unsaved, held) = (unsaved.clone(), held.clone());
        move |event| {
            if let Some(address) = link_of(&event)
                && unsaved().is_some()
            {
                event.prevent_default();
                event.stop_propagation();
                held(Leaving::To(address));
            }
        }
    });
    watch.listen(window(), "popstate", move |event| {
        if let Some(here) = unsaved() {
            event.stop_immediate_propagation();
            // The browser has moved already; the address of the form is put back on top.
            if let Ok(history) = window().history() {
                let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&here));
            }
            held(Leaving::Back);
        }
    });
    watch
}

/// Goes back one entry of the history.
pub fn go_back() {
    if let Ok(history) = window().history() {
        let _ = history.back();
    }
}

/// The address of the in-app link that a plain click is about to follow.
fn link_of(event: &web_sys::Event) -> Option<String> {
    let click: &web_sys::MouseEvent = event.dyn_ref()?;
    if click.button() != 0 || click.ctrl_key() || click.meta_key() || click.shift_key() {
        return None;
    }
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let link = target.closest("a[href]").ok().flatten()?;
    let link: web_sys::HtmlAnchorElement = link.dyn_into().ok()?;
    let elsewhere = link.origin() != window().location().origin().unwrap_or_default();
    let only_fragment = link.get_attribute("href")?.starts_with('#');
    if elsewhere || only_fragment || !link.target().is_empty() {
        return None;
    }
    Some(format!("{}{}", link.pathname(), link.search()))
}
