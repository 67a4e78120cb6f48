//! A place in the page where one test shows one component.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::futures::JsFuture;
use web_sys::js_sys::{Promise, Reflect};

/// Holds what a test shows, and takes it off the page when the test is over.
pub(crate) struct Stage {
    root: web_sys::HtmlElement,
    mounted: Option<Box<dyn std::any::Any>>,
}

impl Stage {
    /// Shows a view and waits until it is drawn.
    pub(crate) async fn show<F, N>(view: F) -> Self
    where
        F: FnOnce() -> N + 'static,
        N: IntoView + 'static,
    {
        let root: web_sys::HtmlElement = document()
            .create_element("main")
            .expect("an element can be made")
            .unchecked_into();
        let body = document().body().expect("the page has a body");
        body.append_child(&root).expect("the body takes children");
        let mounted = leptos::mount::mount_to(root.clone(), view);
        drawn().await;
        Self {
            root,
            mounted: Some(Box::new(mounted)),
        }
    }

    /// The first element that matches.
    pub(crate) fn find(&self, selector: &str) -> web_sys::HtmlElement {
        self.root
            .query_selector(selector)
            .expect("the selector is valid")
            .unwrap_or_else(|| panic!("nothing matches {selector} in {}", self.html()))
            .unchecked_into()
    }

    /// How many elements match.
    pub(crate) fn count(&self, selector: &str) -> u32 {
        self.root
            .query_selector_all(selector)
            .expect("the selector is valid")
            .length()
    }

    /// An attribute of the first element that matches.
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        self.find(selector).get_attribute(name)
    }

    /// An attribute of each element that matches and has it.
    pub(crate) fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let found = self
            .root
            .query_selector_all(selector)
            .expect("the selector is valid");
        (0..found.length())
            .filter_map(|at| found.item(at))
            .filter_map(|node| {
                node.unchecked_into::<web_sys::Element>()
                    .get_attribute(name)
            })
            .collect()
    }

    /// The text of the first element that matches.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.find(selector).text_content().unwrap_or_default()
    }

    /// The input that is shown.
    pub(crate) fn input(&self) -> web_sys::HtmlInputElement {
        self.find("input").unchecked_into()
    }

    /// Puts a text into the input as typing does.
    pub(crate) async fn enter(&self, text: &str) {
        self.enter_into("input", text).await;
    }

    /// Puts a text into the first input that matches, as typing does.
    pub(crate) async fn enter_into(&self, selector: &str, text: &str) {
        let input: web_sys::HtmlInputElement = self.find(selector).unchecked_into();
        input.set_value(text);
        let event = leptos::ev::Event::new("input").expect("an event can be made");
        input.dispatch_event(&event).expect("the event is heard");
        drawn().await;
    }

    /// Chooses a value of the first select that matches, as a person does.
    pub(crate) async fn choose(&self, selector: &str, value: &str) {
        let select: web_sys::HtmlSelectElement = self.find(selector).unchecked_into();
        select.set_value(value);
        let event = leptos::ev::Event::new("change").expect("an event can be made");
        select.dispatch_event(&event).expect("the event is heard");
        drawn().await;
    }

    /// Presses what matches and waits until the page shows what came of it.
    pub(crate) async fn press(&self, selector: &str) {
        self.find(selector).click();
        drawn().await;
    }

    /// Presses a key on what has the focus; whether nothing prevented what the browser does then.
    pub(crate) async fn key(&self, key: &str) -> bool {
        let event = leptos::ev::Event::new("keydown").expect("an event can be made");
        event.init_event_with_bubbles_and_cancelable("keydown", true, true);
        // As good as a real one for a listener that reads the key, and no more code in the build.
        let is_set =
            Reflect::set(&event, &"key".into(), &key.into()).expect("an event is an object");
        assert!(is_set);
        let target = focused().expect("something has the focus");
        let passed = target.dispatch_event(&event).expect("the event is heard");
        drawn().await;
        passed
    }

    fn html(&self) -> String {
        self.root.inner_html()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.mounted.take());
        self.root.remove();
    }
}

/// The element that has the focus.
pub(crate) fn focused() -> Option<web_sys::Element> {
    document().active_element()
}

/// Waits until the browser has drawn twice: once for what changed, and once for what was asked for
/// after that, such as moving the focus.
pub(crate) async fn drawn() {
    for _ in 0..2 {
        let frame = Promise::new(&mut |resolve, _| {
            request_animation_frame(move || {
                resolve
                    .call0(&JsValue::NULL)
                    .expect("a promise can be kept");
            });
        });
        JsFuture::from(frame).await.expect("a frame is drawn");
    }
}
