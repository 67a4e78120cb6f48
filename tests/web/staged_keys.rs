//! Keys beside the current one: switching to one, and no way to lose one by a second press.

use crate::save::{edge, server, until, until_gone};
use crate::server::Server;
use crate::stage::{Stage, focused};
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

const CONFIGURE: &str = "button[aria-label=\"Configure edge\"]";
const NEXT: &str = "section[aria-label=\"Next key\"]";
const PREVIOUS: &str = "section[aria-label=\"Previous key\"]";
const REMOVE: &str = "section[aria-label=\"Previous key\"] button[data-kind=danger]";
const QUESTION: &str = "dialog[open] dialog[open]";
const SUBMIT: &str = "dialog[open] button[type=submit]";

/// The providers page with a stored key of `edge`, and with what is beside it.
fn page(beside: &str, version: u64) -> String {
    let edge = edge("https://edge.example/v1", version)
        .replace(r#""state": "missing""#, r#""state": "configured""#)
        .replace(
            r#""hint": null, "set_at": null"#,
            &format!(r#""hint": "1111", "set_at": 1000, {beside}"#),
        );
    format!(r#"{{ "items": [{edge}], "next_cursor": null, "problems": [] }}"#)
}

const WITH_NEXT: &str = r#""next": {
    "set_at": 2000, "hint": "2222", "verification": { "state": "not_verified", "at": null }
}"#;
const WITH_PREVIOUS: &str = r#""previous": { "until": 4000000000, "hint": "1111" }"#;

async fn open(beside: &str) -> (Server, Stage) {
    let server = server();
    server.change("/api/v1/providers", &page(beside, 7));
    server.open_at("/models/gateways");
    let stage = Stage::show(App).await;
    until(&stage, CONFIGURE).await;
    server.pass_time().await;
    (server, stage)
}

#[wasm_bindgen_test]
async fn switching_is_the_primary_step_until_another_key_is_typed() {
    let (_server, stage) = open(WITH_NEXT).await;
    stage.press(CONFIGURE).await;
    until(&stage, NEXT).await;
    let primary = format!("{NEXT} button[data-kind=primary]");
    assert_eq!(stage.text(&primary), "Switch to next key");
    assert_eq!(stage.count(SUBMIT), 0, "there is nothing to save");
    stage
        .enter_into("dialog[open] .secret input", "sk-third")
        .await;
    assert_eq!(stage.count(&primary), 0);
    assert_eq!(stage.count(SUBMIT), 1);
}

#[wasm_bindgen_test]
async fn a_second_press_does_not_remove_the_way_back() {
    let (server, stage) = open(WITH_NEXT).await;
    stage.press(CONFIGURE).await;
    until(&stage, NEXT).await;
    stage
        .press(&format!("{NEXT} button[data-kind=primary]"))
        .await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("POST /api/v1/providers/edge/key/switch \"7\"")
    );
    server.change("/api/v1/providers", &page(WITH_PREVIOUS, 8));
    server.finish(200, "{}").await;
    until(&stage, PREVIOUS).await;
    stage.press(REMOVE).await;
    assert_eq!(server.waiting(), None, "it asks first");
    assert_eq!(
        stage.text(&format!("{QUESTION} h2")),
        "Remove the previous key ••••1111?"
    );
    stage
        .press(&format!("{QUESTION} .dialog-foot button[data-kind=danger]"))
        .await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("DELETE /api/v1/providers/edge/key/previous \"8\"")
    );
    server.change("/api/v1/providers", &page("\"next\": null", 9));
    server.finish(200, "{}").await;
    until_gone(&stage, PREVIOUS).await;
    let dialog = stage.find("dialog[open]");
    assert!(
        dialog.contains(focused().as_deref()),
        "the focus stays in the dialog"
    );
}

#[wasm_bindgen_test]
async fn the_row_says_until_when_the_previous_key_is_kept() {
    let (_server, stage) = open(WITH_PREVIOUS).await;
    until(&stage, ".previous-key a").await;
    let words = stage.text(".previous-key");
    assert!(
        words.starts_with("previous key ••••1111 kept until "),
        "{words}"
    );
    assert_eq!(
        stage.attribute(".previous-key a", "href").as_deref(),
        Some("/models/gateways?configure=edge")
    );
}
