//! The command line as scripts meet it: the binary itself, its output and its exit status.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod agent;
mod postgres;
mod providers;
mod route;
mod secrets;
mod serve;
mod serving;
mod stop;
mod support;
