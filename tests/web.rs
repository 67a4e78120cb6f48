//! Components of the dashboard in a real browser: focus, what is tied to what for assistive
//! technology, and how much is in the page. `cargo xtask test` runs them in a headless Chromium.
#![cfg(target_family = "wasm")]

#[path = "web/server.rs"]
mod server;
#[path = "web/stage.rs"]
mod stage;

#[path = "web/agent_editor.rs"]
mod agent_editor;
#[path = "web/background.rs"]
mod background;
#[path = "web/badge.rs"]
mod badge;
#[path = "web/button.rs"]
mod button;
#[path = "web/configure_dialog.rs"]
mod configure_dialog;
#[path = "web/confirm.rs"]
mod confirm;
#[path = "web/conflict.rs"]
mod conflict;
#[path = "web/dialog.rs"]
mod dialog;
#[path = "web/document_editor.rs"]
mod document_editor;
#[path = "web/edit_access.rs"]
mod edit_access;
#[path = "web/field.rs"]
mod field;
#[path = "web/impact.rs"]
mod impact;
#[path = "web/menu.rs"]
mod menu;
#[path = "web/notice.rs"]
mod notice;
#[path = "web/own_keys.rs"]
mod own_keys;
#[path = "web/preview.rs"]
mod preview;
#[path = "web/replace_model.rs"]
mod replace_model;
#[path = "web/requests.rs"]
mod requests;
#[path = "web/retry.rs"]
mod retry;
#[path = "web/route.rs"]
mod route;
#[path = "web/save.rs"]
mod save;
#[path = "web/staged_keys.rs"]
mod staged_keys;
#[path = "web/tokens.rs"]
mod tokens;
#[path = "web/undo.rs"]
mod undo;
#[path = "web/windowed_list.rs"]
mod windowed_list;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
