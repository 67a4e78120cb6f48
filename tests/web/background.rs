//! An open tab alone does not keep its session alive.

use crate::save::{edge, server, until};
use crate::server::Server;
use crate::stage::{Stage, drawn};
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

/// What is read when the page opens.
const FIRST: [&str; 2] = ["workspace", "snapshot"];

/// What is read again when a poll finds that the providers have changed.
const AGAIN: [&str; 3] = ["providers", "settings", "snapshot"];

/// The next reads of a path: for each, whether it was marked as a poll.
async fn reads(server: &Server, name: &str) -> Vec<bool> {
    for _ in 0..200 {
        let seen = server.polls(&format!("/api/v1/{name}"));
        if !seen.is_empty() {
            return seen;
        }
        drawn().await;
    }
    panic!("{name} is not read");
}

#[wasm_bindgen_test]
async fn what_a_poll_makes_the_page_read_again_is_marked_as_a_poll_too() {
    let server = server();
    let stage = Stage::show(App).await;
    let configure = "button[aria-label=\"Configure edge\"]";
    until(&stage, configure).await;
    // The form shows the impact of a change, for which it loads the snapshot.
    stage.press(configure).await;
    until(&stage, "dialog[open]").await;
    for name in FIRST {
        let by_person = reads(&server, name).await;
        assert!(
            by_person.contains(&false),
            "{name}: a person opened the page"
        );
    }
    let changed = edge("https://other.example/v1", 8);
    let page = format!(r#"{{ "items": [{changed}], "next_cursor": null, "problems": [] }}"#);
    server.change("/api/v1/providers", &page);
    server.pass_time().await;
    for name in AGAIN {
        let by_poll = reads(&server, name).await;
        assert!(by_poll.iter().all(|poll| *poll), "{name}: {by_poll:?}");
    }
}
