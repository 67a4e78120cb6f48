//! What can be undone survives a reload of the page.

use crate::save::{server, until, until_gone};
use crate::stage::Stage;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

const UNDO: &str = ".toast button:not([aria-label])";

/// One change, as a tab keeps it.
const KEPT: &str =
    "0\u{1f}4000000000\u{1f}Deleted bot.\u{1f}t0k3n\u{1f}agent.delete\u{1f}agent:bot";

#[wasm_bindgen_test]
async fn a_change_can_be_undone_after_a_reload_and_once() {
    let server = server();
    server.keep_in_tab("waypost.undo", Some(KEPT));
    let stage = Stage::show(App).await;
    until(&stage, UNDO).await;
    assert!(stage.text(".toast").contains("Deleted bot."));
    assert_eq!(server.kept_in_tab("waypost.undo").as_deref(), Some(KEPT));
    stage.press(UNDO).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("POST /api/v1/undo/t0k3n null")
    );
    until_gone(&stage, UNDO).await;
    assert_eq!(server.kept_in_tab("waypost.undo"), None);
    let restored =
        r#"{ "kind": "agent", "name": "bot", "default_model": null, "needs_key": false }"#;
    server.finish(200, restored).await;
}

#[wasm_bindgen_test]
async fn what_is_over_is_not_offered() {
    let server = server();
    server.keep_in_tab("waypost.undo", Some(&KEPT.replace("4000000000", "1")));
    let stage = Stage::show(App).await;
    until(&stage, "button[aria-label=\"Configure edge\"]").await;
    assert_eq!(stage.count(".toast"), 0);
}
