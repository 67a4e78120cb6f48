//! An agent's own keys: nothing typed is lost when another save was faster, and a refused key says so.

use crate::replace_model::{bot, server_with_agent};
use crate::save::{submit, until, until_gone};
use crate::server::Server;
use crate::stage::Stage;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

const ADD: &str =
    "section[aria-labelledby=own-keys] > .row-actions button:not([aria-disabled=true])";
const KEY: &str = "dialog[open] input[type=password]";

const SNAPSHOT: &str = r#"{
    "managed_gateway": "edge",
    "providers": [{
        "name": "edge", "kind": "gateway", "layer": "workspace",
        "base_url": "https://edge.example/v1"
    }],
    "agents": [{ "name": "bot", "id": "0123456789abcdef", "model": { "primary": "edge/old" } }]
}"#;

/// The agent `bot` with an own key, as JSON.
fn bot_with_key(refused_at: &str, version: u64) -> String {
    let key = format!(
        r#""keys": [{{
            "gateway": "edge", "state": "configured", "hint": "1234", "set_at": 0,
            "bound_origin": "https://edge.example", "refused_at": {refused_at}
        }}], "version""#
    );
    bot("edge/old", version).replace(r#""version""#, &key)
}

async fn open(agent: &str) -> (Server, Stage) {
    let server = server_with_agent();
    server.change("/api/v1/agents/bot", agent);
    server.change("/api/v1/snapshot", SNAPSHOT);
    server.open_at("/agents/named/bot");
    let stage = Stage::show(App).await;
    until(&stage, "#own-keys").await;
    (server, stage)
}

#[wasm_bindgen_test]
async fn a_key_that_another_save_got_ahead_of_is_kept_and_saved_again() {
    let (server, stage) = open(&bot("edge/old", 3)).await;
    until(&stage, ADD).await;
    stage.press(ADD).await;
    until(&stage, KEY).await;
    stage.enter_into(KEY, "sk-own-0123456789").await;
    submit(&stage).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("PUT /api/v1/agents/bot/keys/edge \"3\"")
    );
    let now = bot_with_key("null", 5);
    let refusal = format!(
        r#"{{
            "code": "version_conflict", "status": 412, "title": "Precondition Failed",
            "detail": "bot changed in the meantime.", "current": {now}
        }}"#
    );
    server.finish(412, &refusal).await;
    until(&stage, "dialog[open] .notice[data-tone=bad]").await;
    let notice = stage.text("dialog[open] .notice[data-tone=bad]");
    assert!(notice.contains("which ends with 1234"), "{notice}");
    submit(&stage).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("PUT /api/v1/agents/bot/keys/edge \"5\""),
        "what was typed is saved on the new version"
    );
}

#[wasm_bindgen_test]
async fn a_key_that_its_gateway_refused_says_so() {
    let refused = "section[aria-labelledby=own-keys] .verification[data-tone=bad]";
    let (server, stage) = open(&bot_with_key("1700000000", 3)).await;
    until(&stage, refused).await;
    assert!(stage.text(refused).starts_with("Refused "));
    server.change("/api/v1/agents/bot", &bot_with_key("null", 3));
    server.pass_time().await;
    until_gone(&stage, refused).await;
}
