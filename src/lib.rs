//! The Waypost dashboard: a Leptos single-page app, compiled to WebAssembly.
