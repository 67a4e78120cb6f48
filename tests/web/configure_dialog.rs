//! The Configure dialog: it opens in the field that one would change first.

use crate::save::{edge, server, until};
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
async fn a_gateway_that_nobody_set_up_opens_in_its_base_url() {
    let builtin = edge("http://localhost:4000", 8)
        .replace(r#""layer": "workspace""#, r#""layer": "builtin""#)
        .replace(r#""from": "workspace""#, r#""from": "builtin""#);
    let stage = open(&builtin).await;
    assert_eq!(focused().as_ref(), Some(&*stage.find(BASE_URL)));
}

#[wasm_bindgen_test]
async fn a_gateway_with_a_base_url_of_its_own_opens_in_its_key() {
    let stage = open(&edge("https://edge.example/v1", 8)).await;
    assert_eq!(focused().as_ref(), Some(&*stage.find(KEY)));
}
