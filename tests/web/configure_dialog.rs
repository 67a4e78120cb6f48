//! The Configure dialog: it opens in the field that one would change first, and keeps what it refuses.

use crate::save::{edge, server, submit, until, until_gone};
use crate::stage::{Stage, drawn, focused};
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

const CONFIGURE: &str = "button[aria-label=\"Configure edge\"]";
const BASE_URL: &str = "dialog[open] input[placeholder=\"https://gateway.example/v1\"]";
const KEY: &str = "dialog[open] .secret input";

/// The dialog of this gateway.
async fn open(edge: &str) -> Stage {
    let server = server();
    let page = format!(r#"{{ "items": [{edge}], "next_cursor": null, "problems": [] }}"#);
    server.change("/api/v1/providers", &page);
    server.open_at("/models/gateways");
    let stage = Stage::show(App).await;
    until(&stage, CONFIGURE).await;
    server.pass_time().await;
    stage.press(CONFIGURE).await;
    until(&stage, KEY).await;
    drawn().await;
    stage
}

#[wasm_bindgen_test]
async fn a_gateway_that_is_not_set_up_opens_in_its_base_url() {
    let builtin = edge("http://localhost:4000", 8)
        .replace(r#""layer": "workspace""#, r#""layer": "builtin""#)
        .replace(r#""from": "workspace""#, r#""from": "builtin""#);
    let stage = open(&builtin).await;
    assert_eq!(focused().as_ref(), Some(&*stage.find(BASE_URL)));
}

#[wasm_bindgen_test]
async fn a_gateway_with_its_own_base_url_opens_in_its_key() {
    let stage = open(&edge("https://edge.example/v1", 8)).await;
    assert_eq!(focused().as_ref(), Some(&*stage.find(KEY)));
}

/// The fields of the time limits, in the order of the dialog.
const LIMITS: &str = "dialog[open] input[inputmode=numeric]";

#[wasm_bindgen_test]
async fn time_limits_show_their_defaults_and_an_error_names_the_field_and_keeps_the_text() {
    let server = server();
    server.change_setting(
        r#""time_limits": { "connect_ms": 1500, "first_byte_ms": 600000, "idle_ms": 300000, "answer_ms": 900000 }"#,
    );
    let view = edge("https://edge.example/v1", 8).replace(
        r#""problems""#,
        r#""limits": { "idle_seconds": 30 }, "problems""#,
    );
    let page = format!(r#"{{ "items": [{view}], "next_cursor": null, "problems": [] }}"#);
    server.change("/api/v1/providers", &page);
    server.open_at("/models/gateways");
    let stage = Stage::show(App).await;
    until(&stage, CONFIGURE).await;
    server.pass_time().await;
    let line = "time limits: idle 30 s";
    for _ in 0..200 {
        if stage.text("table").contains(line) {
            break;
        }
        drawn().await;
    }
    assert!(
        stage.text("table").contains(line),
        "{}",
        stage.text("table")
    );
    stage.press(CONFIGURE).await;
    until(&stage, LIMITS).await;
    drawn().await;
    assert_eq!(
        stage.attributes(LIMITS, "placeholder"),
        [
            "1.5 (default)",
            "600 (default)",
            "300 (default)",
            "900 (default)"
        ]
    );

    let connect = "dialog[open] input[placeholder=\"1.5 (default)\"]";
    stage.enter_into(connect, "61").await;
    until(&stage, "dialog[open] .field-error").await;
    let error = "Connect: enter whole seconds from 1 to 60";
    assert!(stage.text("dialog[open] .field-error").contains(error));
    stage.press("dialog[open] button[type=submit]").await;
    drawn().await;
    assert_eq!(server.waiting(), None, "nothing is saved");
    let input: web_sys::HtmlInputElement =
        leptos::wasm_bindgen::JsCast::unchecked_into(stage.find(connect));
    assert_eq!(input.value(), "61", "what was typed stays");
    assert_eq!(stage.attributes(LIMITS, "aria-invalid"), ["true"]);

    stage.enter_into(connect, " 3 ").await;
    until_gone(&stage, "dialog[open] .field-error").await;
    submit(&stage).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("PATCH /api/v1/providers/edge \"8\"")
    );
}
