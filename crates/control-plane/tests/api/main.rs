//! The API as its callers meet it: the whole server in one process, called without a socket.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod access;
mod assets;
mod requests;
mod security;
mod session;
mod support;
