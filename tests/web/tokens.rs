//! A token's text, which is shown once.

use crate::replace_model::server_with_agent;
use crate::save::until;
use crate::server::Server;
use crate::stage::{Stage, drawn, focused};
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

const CREATE: &str = "[aria-labelledby=tokens] .row-actions button";
const COPY: &str = "dialog[open] .dialog-foot > .button:last-child";
const DONE: &str = "dialog[open] .dialog-foot > .button:nth-last-child(2)";
const QUESTION: &str = "dialog[open] .dialog-question";

/// The dialog right after the token was created.
async fn created() -> (Server, Stage) {
    let server = server_with_agent();
    server.change("/api/v1/tokens", r#"{ "items": [], "next_cursor": null }"#);
    server.open_at("/agents/named/bot");
    let stage = Stage::show(App).await;
    until(&stage, CREATE).await;
    stage.press(CREATE).await;
    until(&stage, "dialog[open] button[type=submit]").await;
    stage
        .find("dialog[open] input")
        .focus()
        .expect("a field takes the focus");
    stage.press("dialog[open] button[type=submit]").await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("POST /api/v1/tokens null")
    );
    let answer = r#"{
        "id": "t1", "kind": "agent", "agent": "bot", "label": "", "hint": "wxyz",
        "created_at": 0, "created_by": "system", "last_used_at": null, "expires_at": null,
        "token": "wpa_secret-wxyz"
    }"#;
    server.finish(201, answer).await;
    until(&stage, ".token-text").await;
    drawn().await;
    (server, stage)
}

#[wasm_bindgen_test]
async fn the_focus_is_on_the_button_that_copies_it() {
    let (_server, stage) = created().await;
    assert_eq!(stage.text(COPY), "Copy token", "where “Create token” was");
    assert_eq!(focused().as_ref(), Some(&*stage.find(COPY)));
}

#[wasm_bindgen_test]
async fn it_is_not_lost_by_closing_the_dialog_before_it_was_copied() {
    let (_server, stage) = created().await;
    stage.press(DONE).await;
    assert_eq!(stage.count("dialog[open]"), 1);
    assert!(
        stage
            .text(QUESTION)
            .starts_with("Close without copying the token?")
    );
    // “Back to the token”, then Escape, which asks the same.
    stage.press("dialog[open] .dialog-question button").await;
    assert_eq!(stage.count(QUESTION), 0);
    assert!(!stage.key("Escape").await);
    assert_eq!(stage.count(QUESTION), 1);
    stage
        .press("dialog[open] .dialog-question [data-kind=danger]")
        .await;
    assert_eq!(stage.count("dialog"), 0);
}

#[wasm_bindgen_test]
async fn a_token_that_was_copied_is_closed_without_a_question() {
    let (_server, stage) = created().await;
    let event = leptos::ev::Event::new("copy").expect("an event can be made");
    stage
        .find(".token-text")
        .dispatch_event(&event)
        .expect("the event is heard");
    drawn().await;
    stage.press(DONE).await;
    assert_eq!(stage.count("dialog"), 0);
}

#[wasm_bindgen_test]
async fn the_open_page_says_when_a_token_was_used_without_keeping_the_session_alive() {
    const USED: &str = "[aria-labelledby=tokens] tbody tr td:nth-of-type(2)";
    let token = |used: &str| {
        format!(
            r#"{{
                "items": [{{
                    "id": "t1", "kind": "agent", "agent": "bot", "label": "ci", "hint": "wxyz",
                    "created_at": 0, "created_by": "system", "last_used_at": {used},
                    "expires_at": null
                }}],
                "next_cursor": null
            }}"#
        )
    };
    let server = server_with_agent();
    server.change("/api/v1/tokens", &token("null"));
    server.open_at("/agents/named/bot");
    let stage = Stage::show(App).await;
    until(&stage, USED).await;
    assert_eq!(stage.text(USED), "Never");
    assert_eq!(server.polls("/api/v1/tokens"), [false]);
    server.change("/api/v1/tokens", &token("1000"));
    server.pass_time().await;
    assert_ne!(stage.text(USED), "Never");
    assert_eq!(server.polls("/api/v1/tokens"), [true]);
}
