//! The house rules that the compiler does not know, as tests.
//!
//! A message names the file and the rule, with the reason for it.

mod circles;
mod code;
mod documents;
mod layers;
mod modules;
mod names;
mod packages;
mod source;
mod tasks;
mod text;
mod words;
