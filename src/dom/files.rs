//! Chosen and dropped files.

use web_sys::js_sys::Reflect;
use web_sys::js_sys::futures::JsFuture;
use web_sys::wasm_bindgen::{JsCast, JsValue};

/// A file of the reader's, not read yet.
pub struct LocalFile(web_sys::File);

impl LocalFile {
    /// Its name, without a folder.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Its path below the directory that was chosen, or its name if it was chosen alone.
    #[must_use]
    pub fn path(&self) -> String {
        let path = Reflect::get(&self.0, &JsValue::from_str("webkitRelativePath"));
        let path = path.ok().and_then(|path| path.as_string());
        path.filter(|path| !path.is_empty())
            .unwrap_or_else(|| self.name())
    }

    /// How many bytes it holds.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.0.size()
    }

    /// Its text, with a replacement character for what is no UTF-8; `None` where it cannot be read.
    pub async fn text(&self) -> Option<String> {
        JsFuture::from(self.0.text()).await.ok()?.as_string()
    }
}

fn files(list: Option<web_sys::FileList>) -> Vec<LocalFile> {
    let Some(list) = list else {
        return Vec::new();
    };
    let files = (0..list.length()).filter_map(|at| list.item(at));
    files.map(LocalFile).collect()
}

/// Makes an input for files take whole directories.
pub fn take_directories(input: &web_sys::HtmlInputElement) {
    input.set_webkitdirectory(true);
}

/// Takes the files out of an input, so that the same ones can be chosen again.
#[must_use]
pub fn take_files(input: &web_sys::HtmlInputElement) -> Vec<LocalFile> {
    let taken = files(input.files());
    input.set_value("");
    taken
}

/// The files that were dropped.
#[must_use]
pub fn dropped_files(event: &web_sys::DragEvent) -> Vec<LocalFile> {
    files(event.data_transfer().and_then(|data| data.files()))
}

/// Rejects files dragged over a place that takes none; the browser would open them instead of the
/// page.
pub fn refuse_files(event: &web_sys::DragEvent) {
    let target = event.target();
    // A file field accepts them natively.
    let field = target.is_some_and(|target| target.has_type::<web_sys::HtmlInputElement>());
    if field || event.default_prevented() || !drags_files(event) {
        return;
    }
    event.prevent_default();
    if let Some(data) = event.data_transfer() {
        data.set_drop_effect("none");
    }
}

/// Whether what is dragged over the page are files.
#[must_use]
pub fn drags_files(event: &web_sys::DragEvent) -> bool {
    let types = event.data_transfer().map(|data| data.types());
    types.is_some_and(|types| types.includes(&"Files".into(), 0))
}
