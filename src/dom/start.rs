//! What the document's own script did before the dashboard ran (see `index.html`): it drew what the
//! page will look like, and sent the first API requests.

use leptos::prelude::{document, window};
use web_sys::Response;
use web_sys::js_sys::futures::JsFuture;
use web_sys::js_sys::{Object, Promise, Reflect};
use web_sys::wasm_bindgen::{JsCast, JsValue};

/// The object that the script leaves behind.
const START: &str = "waypostStart";

/// The answer to a request of the script, by the path below `/api/v1`. Each is taken once; `None`
/// if there is none, or if it did not arrive.
pub async fn early_answer(path: &str) -> Option<Response> {
    let answers = early_answers()?;
    let promise: Promise = Reflect::get(&answers, &path.into()).ok()?.dyn_into().ok()?;
    Reflect::delete_property(answers.unchecked_ref::<Object>(), &path.into()).ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// Drops the answers that nothing has taken: after a change they may be old, and without a session
/// they are refusals.
pub fn forget_early_answers() {
    if let Ok(start) = Reflect::get(&window(), &START.into()) {
        // Fails only where there is no such object.
        let _ = Reflect::set(&start, &"early".into(), &JsValue::UNDEFINED);
    }
}

fn early_answers() -> Option<JsValue> {
    let start = Reflect::get(&window(), &START.into()).ok()?;
    let answers = Reflect::get(&start, &"early".into()).ok()?;
    answers.is_object().then_some(answers)
}

/// Removes the static shell.
pub fn remove_start_page() {
    if let Some(page) = document().get_element_by_id("boot") {
        page.remove();
    }
}
