//! Saving a text as a file.

use leptos::prelude::{document, set_timeout};
use std::time::Duration;
use web_sys::js_sys::Array;
use web_sys::wasm_bindgen::{JsCast, JsValue};

/// How long the browser may take to begin reading what it was given.
const READ_BY_THEN: Duration = Duration::from_secs(60);

/// Saves a text as a file. False if the browser blocks it.
pub fn save_as(name: &str, media_type: &str, text: &str) -> bool {
    let parts = Array::of1(&JsValue::from_str(text));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options);
    let address = blob.and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob));
    let link = document().create_element("a");
    let (Ok(address), Ok(link)) = (address, link) else {
        return false;
    };
    let Ok(link) = link.dyn_into::<web_sys::HtmlAnchorElement>() else {
        return false;
    };
    link.set_href(&address);
    link.set_download(name);
    link.click();
    let free = move || {
        // Only an address that was never made is refused.
        let _ = web_sys::Url::revoke_object_url(&address);
    };
    set_timeout(free, READ_BY_THEN);
    true
}
