//! The button that tries again what failed.

use crate::stage::{Stage, drawn, focused};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::RetryButton;

async fn stage_with_failure(failed: RwSignal<bool>) -> Stage {
    let stage = Stage::show(move || {
        view! {
            <h1 tabindex="-1">"Catalog"</h1>
            {move || {
                failed.get().then(|| view! { <RetryButton press=move || failed.set(false) /> })
            }}
        }
    })
    .await;
    stage
        .find("button")
        .focus()
        .expect("a button takes the focus");
    stage
}

#[wasm_bindgen_test]
async fn the_focus_of_a_retry_goes_to_the_heading_when_the_failure_is_gone() {
    let stage = stage_with_failure(RwSignal::new(true)).await;
    stage.press("button").await;
    assert_eq!(stage.count("button"), 0);
    assert_eq!(focused().map(|it| it.tag_name()).as_deref(), Some("H1"));
}

#[wasm_bindgen_test]
async fn a_failure_that_goes_without_a_retry_moves_no_focus() {
    let failed = RwSignal::new(true);
    let stage = stage_with_failure(failed).await;
    failed.set(false);
    drawn().await;
    assert_eq!(stage.count("button"), 0);
    assert_eq!(focused().map(|it| it.tag_name()).as_deref(), Some("BODY"));
}
