//! `cargo xtask bench`: how soon the control plane is ready, and what it holds at rest.

use crate::build;
use crate::command::{command, finish};
use crate::error::Outcome;
use crate::layout;
use crate::step::step;

/// Measures the release binary. The limits are the product's; a busy machine may miss them, which
/// is why no test asserts them.
pub(crate) fn bench() -> Outcome {
    let binary = build::build()?;
    step("ready and at rest", || {
        finish(
            command("node")
                .arg(layout::e2e().join("bench.mjs"))
                .env("WAYPOST_BINARY", &binary),
        )
    })
}
