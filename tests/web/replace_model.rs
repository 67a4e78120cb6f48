//! The dialog that replaces a model, opened from Route preview: what is entered there is kept until a
//! person discards it.

use crate::save::{edge, server, until, until_gone};
use crate::server::Server;
use crate::stage::Stage;
use leptos::wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

const REPLACE: &str = "button[aria-label=\"Replace model edge/old\"]";
const REFRESH: &str = "button[aria-label=\"Refresh edge\"]";
const USED: &str = ".report .user-list li";
const BUTTON: &str = "dialog[open] button[type=submit]";
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

/// A control plane with two agents that name `edge/old`; neither has a route, since nothing has a
/// key.
fn server_with_two_agents() -> Server {
    let server = server_with_agent();
    let yaml = "name: writer\\nmodel: { primary: edge/old, fallback: edge/old }\\n";
    let writer = bot("edge/old", 5)
        .replace("\"bot\"", "\"writer\"")
        .replace("name: bot\\nmodel: { primary: edge/old }\\n", yaml);
    let agents = format!(
        r#"{{ "items": [{}, {writer}], "next_cursor": null }}"#,
        bot("edge/old", 3)
    );
    server.change("/api/v1/agents", &agents);
    server.change(
        "/api/v1/snapshot",
        r#"{
            "managed_gateway": "edge",
            "agents": [
                { "name": "bot", "model": { "primary": "edge/old" } },
                { "name": "writer", "model": { "primary": "edge/old", "fallback": "edge/old" } }
            ]
        }"#,
    );
    server
}

#[wasm_bindgen_test]
async fn the_button_counts_the_agents_that_it_edits() {
    let server = server_with_two_agents();
    server.open_at("/preview?ref=edge/old");
    let stage = Stage::show(App).await;
    until(&stage, REPLACE).await;
    stage.press(REPLACE).await;
    until(&stage, AGENT).await;
    stage.enter_into(NEW_MODEL, "edge/new").await;
    assert_eq!(stage.text(BUTTON), "Replace model · 2 agents");
    stage.press(AGENT).await;
    assert_eq!(stage.text(BUTTON), "Replace model · 1 agent");
}

/// Someone else edits the agent, so that nothing names `edge/old` any more.
async fn move_agent_to_new_model(server: &Server) {
    let agents = format!(
        r#"{{ "items": [{}], "next_cursor": null }}"#,
        bot("edge/new", 4)
    );
    server.change("/api/v1/agents", &agents);
    server.change("/api/v1/snapshot", &snapshot("edge/new"));
    let changed = edge("https://other.example/v1", 8);
    let page = format!(r#"{{ "items": [{changed}], "next_cursor": null, "problems": [] }}"#);
    server.change("/api/v1/providers", &page);
    server.pass_time().await;
}

#[wasm_bindgen_test]
async fn with_no_agent_left_there_is_nothing_to_press() {
    let (server, stage) = open_dialog().await;
    move_agent_to_new_model(&server).await;
    until_gone(&stage, AGENT).await;
    assert_eq!(stage.count("dialog[open] button[type=submit]"), 0);
    assert_eq!(stage.text("dialog[open] .dialog-foot button"), "Close");
}

#[wasm_bindgen_test]
async fn a_report_names_a_removed_model_only_while_an_agent_uses_it() {
    let server = server_with_agent();
    server.open_at("/models/gateways");
    let stage = Stage::show(App).await;
    until(&stage, REFRESH).await;
    stage.press(REFRESH).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("POST /api/v1/providers/edge/refresh null")
    );
    let report = r#"{
        "outcome": "ok", "message": "", "status": 200, "duration_ms": 1, "request": "GET /models",
        "removed": ["old"]
    }"#;
    server.finish(200, report).await;
    until(&stage, USED).await;
    assert!(stage.text(USED).contains("edge/old is used by 1 agent"));
    move_agent_to_new_model(&server).await;
    until_gone(&stage, USED).await;
    assert_eq!(stage.count(".report"), 1, "the report stays");
}
