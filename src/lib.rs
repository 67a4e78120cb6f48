//! The Waypost dashboard: a Leptos single-page app, compiled to WebAssembly.
//!
//! In reading order: [`app`] puts contexts, router and shell together; [`paths`] knows every
//! address; [`state`] holds what outlives a page; [`api`] talks to the control plane; [`pages`] are
//! what a person sees, and [`features`] what several of them share; [`components`] are what pages are
//! made of and know none of the former. [`task`] starts asynchronous work.
//! [`format`](mod@format) turns values into words and [`dom`] is the only module that names web-sys.

// The component macro makes a public function of each private component.
#![allow(unreachable_pub)]
// Views are deeply nested types.
#![recursion_limit = "512"]

pub mod api;
pub mod app;
pub mod base_path;
pub mod components;
pub mod dom;
pub mod explain;
pub mod features;
pub mod format;
mod lazy;
pub mod pages;
pub mod paths;
pub mod state;
pub mod task;
