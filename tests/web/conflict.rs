//! The question which of two versions is to be stored.

use crate::stage::{Stage, drawn};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{ConflictDialog, ConflictField, DeletionConflictDialog};

fn fields() -> RwSignal<Vec<ConflictField>> {
    let fields = [
        ConflictField::of("Name", "Edge", "Edge"),
        ConflictField::of("Base URL", "https://b.example", "https://a.example"),
        ConflictField::of("Auth header", "", "x-api-key"),
    ];
    RwSignal::new(fields.into_iter().flatten().collect())
}

async fn stage(open: RwSignal<bool>, chosen: RwSignal<&'static str>) -> Stage {
    let fields = fields();
    let stage = Stage::show(move || {
        view! {
            <ConflictDialog
                open=open
                name="Edge"
                by="By session f0695a, just now."
                fields=fields
                action="Overwrite with mine"
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
    assert_eq!(stage.text("h2"), "Edge changed in the meantime");
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

#[wasm_bindgen_test]
async fn what_was_changed_is_deleted_only_after_a_confirmation() {
    let (open, chosen) = (RwSignal::new(true), RwSignal::new(""));
    let fields = fields();
    let stage = Stage::show(move || {
        view! {
            <DeletionConflictDialog
                open=open
                name="Edge"
                by="By session f0695a, just now."
                refused="Not deleted."
                fields=fields
                action="Delete anyway · 3 agents"
                keep=move || chosen.set("kept")
                anyway=move || chosen.set("deleted")
            />
        }
    })
    .await;
    drawn().await;
    let text = stage.text("dialog");
    for part in ["Not deleted.", "Stored now", "You saw"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(
        stage.text("footer button:last-child"),
        "Delete anyway · 3 agents"
    );
    // The focus is on what loses nothing.
    stage.press("footer :focus").await;
    assert_eq!(chosen.get_untracked(), "kept");
    stage.press("footer button:last-child").await;
    assert_eq!(chosen.get_untracked(), "deleted");
}
