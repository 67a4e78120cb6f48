//! An open tab alone does not keep its session alive.

use crate::save::{EDIT, edge, server, until};
use crate::stage::{Stage, drawn};
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

#[wasm_bindgen_test]
async fn what_a_poll_makes_the_page_read_again_is_marked_as_a_poll_too() {
    let server = server();
    let stage = Stage::show(App).await;
    until(&stage, EDIT).await;
    // The form checks the impact of an edit, for which it loads the snapshot.
    stage.press(EDIT).await;
    until(
        &stage,
        "dialog[open] button[type=submit]:not([aria-disabled=true])",
    )
    .await;
    const READ: [&str; 3] = ["providers", "settings", "snapshot"];
    let polls = |name: &str| server.polls(&format!("/api/v1/{name}"));
    for name in READ {
        assert!(
            polls(name).contains(&false),
            "{name}: a person opened the page"
        );
    }
    let changed = edge("https://other.example/v1", 8);
    let page = format!(r#"{{ "items": [{changed}], "next_cursor": null, "problems": [] }}"#);
    server.change("/api/v1/providers", &page);
    server.pass_time().await;
    for name in READ {
        let mut seen = polls(name);
        for _ in 0..200 {
            if !seen.is_empty() {
                break;
            }
            drawn().await;
            seen = polls(name);
        }
        assert!(
            !seen.is_empty() && seen.iter().all(|poll| *poll),
            "{name}: {seen:?}"
        );
    }
}
