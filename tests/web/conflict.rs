//! The question which of two versions is to be stored.

use crate::stage::{Stage, drawn};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{ConflictDialog, ConflictField};

async fn stage(open: RwSignal<bool>, chosen: RwSignal<&'static str>) -> Stage {
    let fields = [
        ConflictField::of("Name", "Edge", "Edge"),
        ConflictField::of("Base URL", "https://b.example", "https://a.example"),
        ConflictField::of("Auth header", "", "x-api-key"),
    ];
    let fields: Vec<ConflictField> = fields.into_iter().flatten().collect();
    let fields = RwSignal::new(fields);
    let stage = Stage::show(move || {
        view! {
            <ConflictDialog
                open=open
                name="Edge"
                by="By session f0695a, just now."
                fields=fields
                save_mine=move || chosen.set("mine")
                take_theirs=move || chosen.set("theirs")
            />
        }
    })
    .await;
    drawn().await;
    stage
}

#[wasm_bindgen_test]
async fn it_shows_both_sides_of_what_differs_and_nothing_else() {
    let stage = stage(RwSignal::new(true), RwSignal::new("")).await;
    assert_eq!(stage.text("h2"), "Edge was changed meanwhile");
    assert_eq!(stage.count("dt"), 2);
    let text = stage.text("dl");
    for part in [
        "https://b.example",
        "https://a.example",
        "nothing",
        "x-api-key",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(stage.text("p").starts_with("By session f0695a, just now."));
}

#[wasm_bindgen_test]
async fn each_of_the_three_answers_can_be_given() {
    let (open, chosen) = (RwSignal::new(true), RwSignal::new(""));
    let stage = stage(open, chosen).await;
    stage.press("footer button:nth-last-child(2)").await;
    assert_eq!(chosen.get_untracked(), "theirs");
    stage.press("footer button:last-child").await;
    assert_eq!(chosen.get_untracked(), "mine");
    // The focus is on what loses nothing.
    stage.press("footer :focus").await;
    assert!(!open.get_untracked(), "one goes on editing");
}
