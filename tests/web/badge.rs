//! State is a word and a shape.

use crate::stage::{Stage, drawn};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{Badge, Tone};

#[wasm_bindgen_test]
async fn a_badge_says_its_state_in_words_and_shows_it_by_an_attribute() {
    let tone = RwSignal::new(Tone::None);
    let text = RwSignal::new("Not configured".to_owned());
    let stage = Stage::show(move || view! { <Badge tone=tone text=text /> }).await;
    assert_eq!(stage.text(".badge"), "Not configured");
    assert_eq!(
        stage.attribute(".badge", "data-tone").as_deref(),
        Some("none")
    );

    tone.set(Tone::Ok);
    text.set("Configured".to_owned());
    drawn().await;
    assert_eq!(stage.text(".badge"), "Configured");
    assert_eq!(
        stage.attribute(".badge", "data-tone").as_deref(),
        Some("ok")
    );
}
