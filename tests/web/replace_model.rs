//! The dialog that replaces a model, opened from Route preview: what is entered there is kept until a
//! person discards it.

use crate::save::{edge, server, until, until_gone};
use crate::server::Server;
use crate::stage::Stage;
use leptos::wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

const REPLACE: &str = "button[aria-label=\"Replace model edge/old\"]";
pub(crate) const NEW_MODEL: &str = "dialog[open] input[list]";
pub(crate) const AGENT: &str = "dialog[open] input[type=checkbox]";

/// The agent `bot` with this primary, as JSON.
pub(crate) fn bot(primary: &str, version: u64) -> String {
    format!(
        r#"{{
            "name": "bot", "yaml": "name: bot\nmodel: {{ primary: {primary} }}\n",
            "agent": {{ "name": "bot", "model": {{ "primary": "{primary}" }} }},
            "problems": [], "version": {version}, "updated_at": 0, "updated_by": null
        }}"#
    )
}

fn snapshot(primary: &str) -> String {
    format!(
        r#"{{
            "managed_gateway": "edge",
            "agents": [{{ "name": "bot", "model": {{ "primary": "{primary}" }} }}]
        }}"#
    )
}

/// A control plane with the agent `bot`, whose primary is `edge/old`.
pub(crate) fn server_with_agent() -> Server {
    let server = server();
    let agent = bot("edge/old", 3);
    server.change("/api/v1/snapshot", &snapshot("edge/old"));
    server.change("/api/v1/agents/bot", &agent);
    let agents = format!(r#"{{ "items": [{agent}], "next_cursor": null }}"#);
    server.change("/api/v1/agents", &agents);
    server
}

async fn open_dialog() -> (Server, Stage) {
    let server = server_with_agent();
    server.open_at("/preview?ref=edge/old");
    let stage = Stage::show(App).await;
    until(&stage, REPLACE).await;
    stage.press(REPLACE).await;
    until(&stage, AGENT).await;
    (server, stage)
}

#[wasm_bindgen_test]
async fn it_stays_open_with_its_input_when_the_route_changes() {
    let (server, stage) = open_dialog().await;
    stage.enter_into(NEW_MODEL, "edge/new").await;
    server.change("/api/v1/snapshot", &snapshot("edge/other"));
    let changed = edge("https://other.example/v1", 8);
    let page = format!(r#"{{ "items": [{changed}], "next_cursor": null, "problems": [] }}"#);
    server.change("/api/v1/providers", &page);
    server.pass_time().await;
    until_gone(&stage, REPLACE).await;
    let input: web_sys::HtmlInputElement = stage.find(NEW_MODEL).unchecked_into();
    assert_eq!(input.value(), "edge/new");
}

#[wasm_bindgen_test]
async fn escape_asks_before_it_discards_which_agents_were_chosen() {
    let (_server, stage) = open_dialog().await;
    stage
        .find(AGENT)
        .focus()
        .expect("a checkbox takes the focus");
    stage.press(AGENT).await;
    assert!(!stage.key("Escape").await, "the browser does not close it");
    assert_eq!(stage.count(".dialog-question"), 1);
    stage.key("Escape").await;
    assert_eq!(stage.count(".dialog-question"), 0);
    stage.press(AGENT).await;
    assert!(stage.key("Escape").await, "everything is as it was");
}
