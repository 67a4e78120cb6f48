//! `cargo xtask run`: Waypost, built if need be, on this machine.

use crate::build;
use crate::command::{command, finish};
use crate::error::Outcome;
use crate::step::heading;

/// Builds what is out of date and serves until it is stopped. The control plane prints the link.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let binary = build::build()?;
    heading("Waypost · stop it with Ctrl+C");
    finish(command(binary).arg("serve").args(arguments))
}
