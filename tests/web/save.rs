//! A save that ends after its dialog was closed: the dashboard keeps working and reports how the
//! save ended.

use crate::server::Server;
use crate::stage::{Stage, drawn};
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

/// The gateway `edge` as JSON.
pub(crate) fn edge(base_url: &str, version: u64) -> String {
    format!(
        r#"{{
            "name": "edge", "kind": "gateway", "layer": "workspace",
            "base_url": {{ "value": "{base_url}", "from": "workspace" }},
            "entry_base_url": "{base_url}", "base_url_problem": null, "api_key_env": null,
            "default_headers": {{}}, "docs": null, "notable_models": [], "replaces": null,
            "key": {{
                "state": "missing", "from": null, "secret_name": "edge/api-key",
                "hint": null, "set_at": null, "bound_origin": null
            }},
            "allow_private": false, "new_models": "inherit",
            "models": {{ "enabled": 0, "total": 0, "absent": 0 }},
            "last_refresh": null, "last_test": null, "refreshing": false, "managed": false,
            "problems": [], "version": {version}
        }}"#
    )
}

/// The answer to a save with an old version.
fn precondition_failed(current: &str) -> String {
    format!(
        r#"{{
            "code": "version_conflict", "status": 412, "title": "Precondition Failed",
            "detail": "edge changed in the meantime.", "current": {current}
        }}"#
    )
}

/// A control plane with the gateway `edge` and nothing else.
pub(crate) fn server() -> Server {
    let edge = edge("https://edge.example/v1", 7);
    let session = r#"{ "role": "admin", "expires_at": 4000000000, "version": "0" }"#;
    let providers = format!(r#"{{ "items": [{edge}], "next_cursor": null, "problems": [] }}"#);
    let settings = r#"{
        "managed_gateway": "edge", "new_models_start_disabled": false, "data_dir": "/",
        "secrets": { "backend": "file", "available": true, "description": "", "problem": null },
        "providers_file": {
            "path": "/", "state": "missing", "entry_count": 0, "read_at": null, "problems": []
        },
        "version": "0", "sample": false, "revision": 1
    }"#;
    Server::start(&format!(
        r#"{{
            "/api/v1/workspace": {{
                "session": {session}, "providers": {providers}, "sources": [],
                "settings": {settings}
            }},
            "/api/v1/session": {session},
            "/api/v1/providers": {providers},
            "/api/v1/sources": {{ "items": [], "next_cursor": null }},
            "/api/v1/snapshot": {{ "managed_gateway": "edge" }},
            "/api/v1/settings": {settings}
        }}"#
    ))
}

/// Waits until something is in the page, for as long as a slow machine may take to draw it.
pub(crate) async fn until(stage: &Stage, selector: &str) {
    for _ in 0..200 {
        if stage.count(selector) > 0 {
            return;
        }
        drawn().await;
    }
    stage.find(selector);
}

/// Waits until something is no longer in the page.
pub(crate) async fn until_gone(stage: &Stage, selector: &str) {
    for _ in 0..200 {
        if stage.count(selector) == 0 {
            return;
        }
        drawn().await;
    }
    panic!("{selector} is still in the page");
}

/// Submits the form of the open dialog once that is enabled.
pub(crate) async fn submit(stage: &Stage) {
    until(
        stage,
        "dialog[open] button[type=submit]:not([aria-disabled=true])",
    )
    .await;
    stage.press("dialog[open] button[type=submit]").await;
}

/// Opens the entry's form, enters another base URL, saves it and closes the form while the save runs.
async fn save_and_close() -> (Server, Stage) {
    let server = server();
    let stage = Stage::show(App).await;
    until(&stage, CONFIGURE).await;
    stage.press(CONFIGURE).await;
    until(&stage, BASE_URL).await;
    stage.enter_into(BASE_URL, "https://mine.example/v1").await;
    submit(&stage).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("PATCH /api/v1/providers/edge \"7\"")
    );
    let dialog: web_sys::HtmlDialogElement =
        leptos::wasm_bindgen::JsCast::unchecked_into(stage.find("dialog[open]"));
    // What Escape does.
    dialog.close();
    drawn().await;
    drawn().await;
    assert_eq!(stage.count("dialog"), 0, "the form is closed");
    (server, stage)
}

const CONFIGURE: &str = "button[aria-label=\"Configure edge\"]";
const BASE_URL: &str = "dialog[open] input[placeholder=\"https://gateway.example/v1\"]";

#[wasm_bindgen_test]
async fn a_save_that_fails_after_its_dialog_closed_is_reported() {
    let (server, stage) = save_and_close().await;
    let theirs = edge("https://other.example/v1", 8);
    server.finish(412, &precondition_failed(&theirs)).await;
    until(&stage, ".toast[data-tone=bad]").await;
    assert!(
        stage
            .text(".toast")
            .starts_with("Saving edge failed: edge changed in the meantime."),
        "{}",
        stage.text(".toast")
    );
    assert_eq!(server.waiting(), None, "nothing is written over");
    // The dashboard goes on.
    stage.press(CONFIGURE).await;
    until(&stage, "dialog[open]").await;
}

#[wasm_bindgen_test]
async fn a_save_that_only_a_refresh_overtook_is_sent_again_although_its_dialog_closed() {
    let (server, stage) = save_and_close().await;
    let theirs = edge("https://edge.example/v1", 8);
    server.finish(412, &precondition_failed(&theirs)).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("PATCH /api/v1/providers/edge \"8\"")
    );
    server
        .finish(200, &edge("https://edge.example/v1", 9))
        .await;
    until(&stage, ".toast[data-tone=ok]").await;
    assert!(stage.text(".toast").starts_with("edge saved."));
}
