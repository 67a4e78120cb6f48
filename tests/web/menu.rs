//! Menus by keyboard, and definitions of terms.

use crate::stage::{Stage, focused};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::{Definition, Menu, MenuItem, Term};

fn focused_text() -> String {
    focused()
        .and_then(|element| element.text_content())
        .unwrap_or_default()
}

async fn stage_with_menu(deleted: RwSignal<u32>) -> Stage {
    Stage::show(move || {
        let items = move |()| {
            let delete = move || deleted.update(|times| *times += 1);
            vec![
                MenuItem::action("Test", || {}).refused(Some("A check is running.".to_owned())),
                MenuItem::link("Show models", "#models"),
                MenuItem::action("Delete…", delete).danger(),
            ]
        };
        view! { <Menu label="More actions for litellm" items=Callback::new(items) /> }
    })
    .await
}

#[wasm_bindgen_test]
async fn a_menu_opens_on_its_first_entry_and_the_arrows_go_around() {
    let stage = stage_with_menu(RwSignal::new(0)).await;
    assert_eq!(
        stage.count("[role=menuitem]"),
        0,
        "entries are made on demand"
    );
    stage.press("button").await;
    assert_eq!(stage.count(".menu:popover-open"), 1);
    assert_eq!(
        stage.attribute("button", "aria-expanded").as_deref(),
        Some("true")
    );
    assert!(focused_text().starts_with("Test"));
    stage.key("ArrowUp").await;
    assert_eq!(focused_text(), "Delete…");
    stage.key("ArrowDown").await;
    assert!(focused_text().starts_with("Test"));
    stage.key("End").await;
    assert_eq!(focused_text(), "Delete…");
}

#[wasm_bindgen_test]
async fn choosing_an_entry_closes_the_menu_and_gives_the_focus_back() {
    let deleted = RwSignal::new(0);
    let stage = stage_with_menu(deleted).await;
    stage
        .find("button")
        .focus()
        .expect("a button takes the focus");
    stage.press("button").await;
    stage.press(".menu-item[data-tone=bad]").await;
    assert_eq!(deleted.get_untracked(), 1);
    assert_eq!(stage.count(".menu:popover-open"), 0);
    let has_focus = focused().is_some_and(|element| element.class_name().contains("menu-button"));
    assert!(has_focus, "{}", focused_text());
}

#[wasm_bindgen_test]
async fn an_entry_that_cannot_be_used_says_why_and_does_nothing() {
    let stage = stage_with_menu(RwSignal::new(0)).await;
    stage.press("button").await;
    let first = ".menu-item[aria-disabled=true]";
    assert_eq!(stage.text(first), "TestA check is running.");
    stage.press(first).await;
    assert_eq!(stage.count(".menu:popover-open"), 1);
}

#[wasm_bindgen_test]
async fn a_definition_is_described_by_its_text_and_shows_it_on_a_press() {
    let stage = Stage::show(|| view! { <Definition term=Term::Passthrough /> }).await;
    let id = stage
        .attribute("button", "aria-describedby")
        .expect("it is described");
    assert_eq!(stage.text(&format!("#{id}")), Term::Passthrough.meaning());
    assert_eq!(stage.count(".definition-text:popover-open"), 0);
    stage.press("button").await;
    assert_eq!(stage.count(".definition-text:popover-open"), 1);
}
