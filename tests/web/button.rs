//! Buttons that rest stay where they are, and do nothing.

use crate::stage::{Stage, drawn};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::Button;

#[wasm_bindgen_test]
async fn a_busy_button_says_so_keeps_the_focus_and_does_nothing() {
    let busy = RwSignal::new(false);
    let presses = RwSignal::new(0);
    let stage = Stage::show(move || {
        view! { <Button busy=busy press=move || presses.update(|presses| *presses += 1)>"Refresh"</Button> }
    })
    .await;
    stage.press("button").await;
    assert_eq!(presses.get_untracked(), 1);

    stage
        .find("button")
        .focus()
        .expect("a button takes the focus");
    busy.set(true);
    drawn().await;
    stage.press("button").await;
    assert_eq!(presses.get_untracked(), 1);
    assert_eq!(
        stage.attribute("button", "aria-busy").as_deref(),
        Some("true")
    );
    assert!(stage.find("button").matches(":focus").expect("a selector"));
}

#[wasm_bindgen_test]
async fn a_disabled_button_says_why_instead_of_doing_what_it_is_for() {
    let disabled = RwSignal::new(true);
    let said = RwSignal::new("");
    let stage = Stage::show(move || {
        view! {
            <Button
                disabled=disabled
                press=move || said.set("done")
                refused=move || said.set("not yet")
            >
                "Save"
            </Button>
        }
    })
    .await;
    assert_eq!(
        stage.attribute("button", "aria-disabled").as_deref(),
        Some("true")
    );
    stage.press("button").await;
    assert_eq!(said.get_untracked(), "not yet");
    disabled.set(false);
    drawn().await;
    stage.press("button").await;
    assert_eq!(said.get_untracked(), "done");
}
