//! The house rules that the compiler does not know, as tests.
//!
//! Each rule reads the sources as text. A message names the file and the rule, so that whoever
//! breaks one learns why it is there.

mod circles;
mod documents;
mod layers;
mod packages;
mod source;
mod tasks;
mod text;
