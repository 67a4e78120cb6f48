//! Dialogs: the focus goes in, and comes back to where it was.

use crate::stage::{Stage, drawn, focused};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::components::Dialog;

async fn stage_with_dialog(open: RwSignal<bool>) -> Stage {
    Stage::show(move || {
        view! {
            <button id="opener" on:click=move |_| open.set(true)>"Configure"</button>
            <button id="other">"Refresh"</button>
            <Dialog open=open title="Configure litellm">
                <button id="inside">"Save"</button>
            </Dialog>
        }
    })
    .await
}

async fn open_from_button(stage: &Stage) {
    stage
        .find("#opener")
        .focus()
        .expect("a button takes the focus");
    stage.press("#opener").await;
}

#[wasm_bindgen_test]
async fn a_dialog_is_modal_named_by_its_title_and_takes_the_focus() {
    let stage = stage_with_dialog(RwSignal::new(false)).await;
    assert_eq!(stage.count("dialog"), 0);
    open_from_button(&stage).await;
    assert_eq!(stage.count("dialog:modal"), 1);
    let title = stage
        .attribute("dialog", "aria-labelledby")
        .expect("it is named");
    assert_eq!(stage.text(&format!("#{title}")), "Configure litellm");
    assert!(stage.find("dialog").contains(focused().as_deref()));
}

#[wasm_bindgen_test]
async fn a_closed_dialog_gives_the_focus_back_to_its_opener() {
    let open = RwSignal::new(false);
    let stage = stage_with_dialog(open).await;
    open_from_button(&stage).await;
    open.set(false);
    drawn().await;
    assert_eq!(stage.count("dialog"), 0);
    assert_eq!(
        focused().map(|element| element.id()).as_deref(),
        Some("opener")
    );
}

#[wasm_bindgen_test]
async fn what_the_browser_closes_is_closed_for_the_page_too() {
    let open = RwSignal::new(false);
    let stage = stage_with_dialog(open).await;
    open_from_button(&stage).await;
    // What Escape comes to.
    let dialog: web_sys::HtmlDialogElement = stage.find("dialog").unchecked_into();
    dialog.close();
    drawn().await;
    assert!(!open.get_untracked());
    assert_eq!(stage.count("dialog"), 0);
    assert_eq!(
        focused().map(|element| element.id()).as_deref(),
        Some("opener")
    );
}

async fn stage_with_input(open: RwSignal<bool>, dirty: RwSignal<bool>) -> Stage {
    let stage = Stage::show(move || {
        view! {
            <button id="opener" on:click=move |_| open.set(true)>"Configure"</button>
            <Dialog open=open title="Configure litellm" dirty=dirty>
                <input id="inside" />
            </Dialog>
        }
    })
    .await;
    open_from_button(&stage).await;
    stage
        .find("#inside")
        .focus()
        .expect("a field takes the focus");
    stage
}

#[wasm_bindgen_test]
async fn escape_asks_before_it_discards_input_and_keeps_it_as_often_as_wanted() {
    let open = RwSignal::new(false);
    let stage = stage_with_input(open, RwSignal::new(true)).await;
    for key in ["Escape", "Escape"] {
        assert!(!stage.key("Escape").await, "the browser does not close it");
        assert_eq!(stage.count(".dialog-question"), 1);
        assert_eq!(
            focused()
                .and_then(|button| button.text_content())
                .as_deref(),
            Some("Keep editing")
        );
        stage.key(key).await;
        assert_eq!(stage.count(".dialog-question"), 0);
        assert_eq!(focused().map(|field| field.id()).as_deref(), Some("inside"));
        assert!(open.get_untracked());
    }
    stage.key("Escape").await;
    stage.press(".dialog-question [data-kind=danger]").await;
    assert!(!open.get_untracked());
}

#[wasm_bindgen_test]
async fn without_input_escape_is_the_browsers() {
    let open = RwSignal::new(false);
    let stage = stage_with_input(open, RwSignal::new(false)).await;
    assert!(stage.key("Escape").await);
    assert_eq!(stage.count(".dialog-question"), 0);
}

#[wasm_bindgen_test]
async fn a_form_in_a_dialog_does_not_send_the_form_around_it() {
    let sent = RwSignal::new(Vec::new());
    let open = RwSignal::new(false);
    let send = move |event: leptos::ev::SubmitEvent, form| {
        event.prevent_default();
        sent.update(|sent| sent.push(form));
    };
    let stage = Stage::show(move || {
        view! {
            <form on:submit=move |event| send(event, "page")>
                <button id="opener" type="button" on:click=move |_| open.set(true)>"Replace"</button>
                <Dialog open=open title="Replace a model">
                    <form on:submit=move |event| send(event, "dialog")>
                        <button id="inside">"Replace model"</button>
                    </form>
                </Dialog>
            </form>
        }
    })
    .await;
    open_from_button(&stage).await;
    stage.press("#inside").await;
    assert_eq!(sent.get_untracked(), ["dialog"]);
}

#[wasm_bindgen_test]
async fn a_dialog_that_opens_before_another_is_gone_keeps_the_focus() {
    let (closing, opening) = (RwSignal::new(true), RwSignal::new(false));
    let stage = Stage::show(move || {
        view! {
            <Dialog open=closing title="Import agents">
                <button id="inside">"Import"</button>
            </Dialog>
            <Dialog open=opening title="Search">
                <input id="search" autofocus="" />
            </Dialog>
        }
    })
    .await;
    opening.set(true);
    leptos::task::tick().await;
    closing.set(false);
    drawn().await;
    assert_eq!(stage.count("dialog"), 1);
    assert_eq!(
        focused().map(|element| element.id()).as_deref(),
        Some("search")
    );
}
