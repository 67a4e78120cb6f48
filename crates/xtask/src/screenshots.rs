//! `cargo xtask screenshots`: the pictures of README and docs, from the release binary.

use crate::error::Outcome;
use crate::runner::Runner;
use crate::{build, layout, test, tools};

/// Builds what is out of date, starts it with the sample workspace and a real LiteLLM proxy, and
/// writes the pictures to `docs/screenshots`.
pub(crate) fn screenshots(runner: &Runner) -> Outcome {
    let litellm = tools::for_testing(runner)?;
    let binary = build::build(runner)?;
    runner.step("screenshots", || {
        runner.run(
            runner
                .command("node")
                .arg(layout::e2e().join("screenshots.mjs"))
                .env("WAYPOST_BINARY", &binary)
                .env("WAYPOST_LITELLM", &litellm)
                .env("WAYPOST_CHROMIUM", test::program("chromium")),
        )
    })
}
