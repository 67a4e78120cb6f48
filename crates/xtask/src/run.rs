//! `cargo xtask run`: Waypost, built if need be, on this machine.

use crate::build;
use crate::error::Outcome;
use crate::runner::{Runner, heading};

/// Builds what is out of date and serves until it is stopped. The control plane prints the link.
pub(crate) fn run(runner: &Runner, arguments: &[String]) -> Outcome {
    let binary = build::build(runner)?;
    heading("Waypost · stop it with Ctrl+C");
    runner.run(runner.command(binary).arg("serve").args(arguments))
}
