//! The live region and the notices in the corner.

use crate::stage::{Stage, drawn, focused};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{LiveRegion, Toast, ToastList, Tone};

#[wasm_bindgen_test]
async fn the_live_region_is_polite_and_says_what_it_is_given() {
    let text = RwSignal::new(String::new());
    let stage = Stage::show(move || view! { <LiveRegion text=text.into() /> }).await;
    assert_eq!(
        stage.attribute("[role=status]", "aria-live").as_deref(),
        Some("polite")
    );
    text.set("litellm is configured.".to_owned());
    drawn().await;
    assert_eq!(stage.text("[role=status]"), "litellm is configured.");
}

#[wasm_bindgen_test]
async fn a_dismissed_notice_goes_and_the_others_stay() {
    let list = RwSignal::new(
        ["one", "two"]
            .into_iter()
            .zip(1..)
            .map(|(text, id)| Toast {
                id,
                tone: Tone::Ok,
                text: text.to_owned(),
                left: None,
            })
            .collect::<Vec<_>>(),
    );
    let stage = Stage::show(move || {
        let dismiss = move |id| list.update(|list| list.retain(|toast| toast.id != id));
        view! { <ToastList list=list.into() dismiss=dismiss undo=dismiss /> }
    })
    .await;
    assert_eq!(stage.count("li"), 2);
    stage.press("li button").await;
    assert_eq!(stage.count("li"), 1);
    assert!(stage.text("li").starts_with("two"));
}

#[wasm_bindgen_test]
async fn what_can_be_undone_counts_down_and_is_undone_by_its_button() {
    let left = RwSignal::new(10);
    let toast = Toast {
        id: 7,
        tone: Tone::Ok,
        text: "Removed the key of litellm.".to_owned(),
        left: Some(left),
    };
    let list = RwSignal::new(vec![toast]);
    let undone = RwSignal::new(None);
    let stage = Stage::show(move || {
        let undo = move |id| undone.set(Some(id));
        view! { <ToastList list=list.into() dismiss=|_| {} undo=undo /> }
    })
    .await;
    assert!(stage.text("li").contains("10 s"));
    left.set(3);
    drawn().await;
    assert!(stage.text("li").contains("3 s"));
    assert!(
        !stage.find("li").contains(focused().as_deref()),
        "the focus stays"
    );
    stage.press("[aria-keyshortcuts]").await;
    assert_eq!(undone.get_untracked(), Some(7));
}
