//! The question before a change.

use crate::stage::{Stage, drawn};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::Confirm;

#[wasm_bindgen_test]
async fn it_opens_without_the_failure_of_an_earlier_attempt() {
    let (open, error) = (RwSignal::new(true), RwSignal::new(None::<String>));
    let stage = Stage::show(move || {
        view! {
            <Confirm
                open=open
                title="End the session?"
                body="Signs this browser out at once."
                action="End session"
                error=error
                confirm=move || error.set(Some("The session was not ended.".to_owned()))
            />
        }
    })
    .await;
    drawn().await;
    stage.press("footer button:last-child").await;
    assert_eq!(stage.text("dialog .notice"), "The session was not ended.");
    stage.press("footer button:nth-last-child(2)").await;
    assert_eq!(stage.count("dialog"), 0);
    open.set(true);
    drawn().await;
    assert_eq!(stage.count("dialog"), 1);
    assert_eq!(stage.count("dialog .notice"), 0);
}
