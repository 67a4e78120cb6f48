//! The editor of an agent: what is typed while the control plane answers is not lost.

use crate::replace_model::{AGENT, NEW_MODEL, bot, server_with_agent};
use crate::save::{submit, until, until_gone};
use crate::server::Server;
use crate::stage::{Stage, drawn, focused};
use leptos::wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

const TEXT: &str = ".agent-editor textarea";
const SAVE: &str = ".form-actions button[type=submit]";
const REPLACE: &str = ".form-actions button[type=button]";

async fn open_editor() -> (Server, Stage) {
    let server = server_with_agent();
    server.open_at("/agents/named/bot");
    let stage = Stage::show(App).await;
    until(&stage, TEXT).await;
    (server, stage)
}

fn text(stage: &Stage) -> String {
    let area: web_sys::HtmlTextAreaElement = stage.find(TEXT).unchecked_into();
    area.value()
}

#[wasm_bindgen_test]
async fn what_is_typed_while_a_replacement_is_read_back_stays() {
    let (server, stage) = open_editor().await;
    stage.press(REPLACE).await;
    until(&stage, AGENT).await;
    stage.enter_into(NEW_MODEL, "edge/new").await;
    submit(&stage).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("POST /api/v1/models/replace null")
    );
    server.hold("/api/v1/agents/bot");
    let answer = r#"{
        "items": [{ "agent": "bot", "version": 4, "places": [] }],
        "undo": { "token": "t", "seconds": 10 }
    }"#;
    server.finish(200, answer).await;
    until_gone(&stage, "dialog").await;
    assert_eq!(server.waiting(), None, "the document itself is not saved");
    let typed = "name: bot\nmodel: { primary: edge/typed }\n";
    stage.enter_into(TEXT, typed).await;
    server.change("/api/v1/agents/bot", &bot("edge/new", 4));
    server.release("/api/v1/agents/bot").await;
    assert_eq!(text(&stage), typed);
}

#[wasm_bindgen_test]
async fn what_is_typed_while_the_document_is_saved_stays_and_can_be_saved() {
    let (server, stage) = open_editor().await;
    let first = "name: bot\nmodel: { primary: edge/first }\n";
    stage.enter_into(TEXT, first).await;
    stage.press(SAVE).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("PUT /api/v1/agents/bot \"3\"")
    );
    let second = "name: bot\nmodel: { primary: edge/second }\n";
    stage.enter_into(TEXT, second).await;
    server.finish(200, &bot("edge/first", 4)).await;
    assert_eq!(text(&stage), second);
    stage.press(SAVE).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("PUT /api/v1/agents/bot \"4\"")
    );
    server.finish(200, &bot("edge/second", 5)).await;
    until_gone(&stage, TEXT).await;
}

#[wasm_bindgen_test]
async fn the_focus_stays_on_the_heading_when_the_agent_has_loaded() {
    const HEADING: &str = "main h1";
    let server = server_with_agent();
    server.hold("/api/v1/agents/bot");
    server.open_at("/agents/named/bot");
    let stage = Stage::show(App).await;
    until(&stage, HEADING).await;
    // A navigation focuses the heading of the page, which is still loading then.
    stage
        .find(HEADING)
        .focus()
        .expect("a heading takes the focus");
    server.release("/api/v1/agents/bot").await;
    until(&stage, TEXT).await;
    drawn().await;
    assert_eq!(focused().as_ref(), Some(&*stage.find(HEADING)));
}

/// The agent `bot` with a private address, which may be called or not, as JSON.
fn bot_at_private_address(is_allowed: bool, version: u64) -> String {
    let allowed = if is_allowed {
        r#""http://10.0.0.8""#
    } else {
        ""
    };
    format!(
        r#"{{
            "name": "bot",
            "yaml": "name: bot\nmodel: {{ primary: m, base_url: 'http://10.0.0.8/v1' }}\n",
            "agent": {{ "name": "bot", "model": {{ "primary": "m", "base_url": "http://10.0.0.8/v1" }} }},
            "problems": [], "allow_private": [{allowed}], "version": {version}, "updated_at": 0,
            "updated_by": null
        }}"#
    )
}

#[wasm_bindgen_test]
async fn a_conflict_shows_allowed_addresses_and_takes_them_with_the_version() {
    const SWITCH: &str = ".agent-text [role=switch]";
    let server = server_with_agent();
    server.change("/api/v1/agents/bot", &bot_at_private_address(false, 3));
    server.open_at("/agents/named/bot");
    let stage = Stage::show(App).await;
    until(&stage, SWITCH).await;
    stage.press(SWITCH).await;
    let is_on = || {
        let input: web_sys::HtmlInputElement = stage.find(SWITCH).unchecked_into();
        input.checked()
    };
    assert!(is_on());
    stage
        .enter_into(
            TEXT,
            "name: bot\nmodel: { primary: other, base_url: 'http://10.0.0.8/v1' }\n",
        )
        .await;
    stage.press(SAVE).await;
    let now = bot_at_private_address(false, 4);
    let refusal = format!(
        r#"{{
            "code": "version_conflict", "status": 412, "title": "Precondition Failed",
            "detail": "bot changed in the meantime.", "current": {now}
        }}"#
    );
    server.finish(412, &refusal).await;
    until(&stage, "dialog[open] .version-addresses").await;
    assert_eq!(stage.count("dialog[open] .version-addresses"), 2);
    assert!(
        stage
            .text("dialog[open] .version-addresses")
            .ends_with("None")
    );
    assert_eq!(
        stage.text("dialog[open] .version-addresses mark"),
        "http://10.0.0.8"
    );
    stage
        .press("dialog[open] .dialog-foot button:nth-of-type(2)")
        .await;
    until_gone(&stage, "dialog[open]").await;
    assert!(!is_on(), "the saved version does not allow it");
    assert!(text(&stage).contains("primary: m,"));
    stage.press(".agent-text .notice button").await;
    assert!(is_on(), "as it was before");
    assert!(text(&stage).contains("primary: other"));
}

#[wasm_bindgen_test]
async fn a_document_that_loses_its_route_is_saved_once_that_is_confirmed() {
    const CONFIRM: &str = ".agent-editor .impact-confirm input";
    let server = server_with_agent();
    server.change(
        "/api/v1/snapshot",
        r#"{
            "managed_gateway": "edge",
            "providers": [{
                "name": "edge", "kind": "gateway", "layer": "workspace",
                "base_url": "https://edge.example/v1", "api_key_env": null
            }],
            "secrets": { "stored": { "edge/api-key": "https://edge.example" } },
            "agents": [{ "name": "bot", "model": { "primary": "edge/old" } }]
        }"#,
    );
    server.open_at("/agents/named/bot");
    let stage = Stage::show(App).await;
    until(&stage, TEXT).await;
    let unroutable =
        "name: bot\nmodel: { primary: edge/old }\ngateways: { edge: { api_key_env: NOT_SET } }\n";
    stage.enter_into(TEXT, unroutable).await;
    until(&stage, CONFIRM).await;
    stage.press(SAVE).await;
    assert_eq!(server.waiting(), None, "it is not confirmed");
    assert_eq!(focused().as_ref(), Some(&*stage.find(CONFIRM)));
    stage.press(CONFIRM).await;
    stage.press(SAVE).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("PUT /api/v1/agents/bot \"3\"")
    );
}
