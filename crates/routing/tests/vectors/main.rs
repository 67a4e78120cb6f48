//! Observed behaviour as cases: the same JSON files natively and in the browser.
//!
//! Each area of the files is read by one adapter into the public interface, so that a case that
//! is added to a file runs without new code. `areas.rs` holds that no area is left out.

#![allow(clippy::unwrap_used, reason = "a case of another shape fails its test")]

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod agents;
mod areas;
mod catalog;
mod headers;
mod precedence;
mod providers_file;
mod refs;
mod routing;
mod support;
mod urls;
