//! Controls that a viewer may not use.

use crate::stage::{Stage, drawn};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{Button, EditAccess, EditFields, Switch};

#[wasm_bindgen_test]
async fn a_viewer_sees_why_a_button_is_disabled_and_it_does_nothing() {
    let denied = RwSignal::new(true);
    let said = RwSignal::new("");
    let stage = Stage::show(move || {
        provide_context(EditAccess::new(denied, move || said.set("explained")));
        view! { <Button edits=true press=move || said.set("saved")>"Save"</Button> }
    })
    .await;
    let attribute = |name| stage.attribute("button", name);
    assert_eq!(attribute("aria-disabled").as_deref(), Some("true"));
    assert!(attribute("title").is_some_and(|title| title.contains("Viewers")));
    assert!(attribute("aria-describedby").is_some());
    stage.press("button").await;
    assert_eq!(said.get_untracked(), "explained");
    // Signed in again as an administrator.
    denied.set(false);
    drawn().await;
    assert_eq!(stage.attribute("button", "title"), None);
    stage.press("button").await;
    assert_eq!(said.get_untracked(), "saved");
}

#[wasm_bindgen_test]
async fn a_viewer_reads_a_form_and_cannot_fill_it_in() {
    let stage = Stage::show(|| {
        provide_context(EditAccess::new(true, || {}));
        view! {
            <EditFields>
                <input />
            </EditFields>
            <Switch label="Passthrough" on=Signal::stored(false) change=|_| {} edits=true />
        }
    })
    .await;
    assert!(stage.text(".notice").contains("Viewers"));
    assert_eq!(stage.count("input:enabled"), 0);
}

#[wasm_bindgen_test]
async fn an_administrator_sees_no_difference() {
    let stage = Stage::show(|| {
        view! {
            <EditFields>
                <input />
            </EditFields>
        }
    })
    .await;
    assert_eq!(stage.count(".notice"), 0);
    assert_eq!(stage.count("input:enabled"), 1);
}
