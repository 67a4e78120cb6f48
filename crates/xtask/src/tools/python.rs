//! A real LiteLLM proxy for the tests, in its own virtual environment.

use crate::error::{Failure, Outcome};
use crate::layout;
use crate::runner::Runner;
use std::path::{Path, PathBuf};

/// A release that was looked at: 1.82.7, 1.82.8 and 1.107.0 are compromised.
const LITELLM: &str = "1.97.0";

/// The newest FastAPI that this LiteLLM can import.
const FASTAPI: &str = "0.136.3";

/// The LiteLLM program, installed if need be.
pub(crate) fn litellm(runner: &Runner) -> Outcome<PathBuf> {
    let home = layout::tool_cache().join(format!("litellm-{LITELLM}"));
    let program = home.join("bin/litellm");
    if program.is_file() && is_complete(runner, &home) {
        return Ok(program);
    }
    let python = ["python3", "python"]
        .into_iter()
        .find(|program| {
            runner
                .output(runner.command(program).args(["-c", "import sys, venv"]))
                .is_some()
        })
        .ok_or_else(|| {
            Failure::new(
                "Python 3.10 or newer with its venv module is needed for the tests (on Debian: \
                 apt-get install python3 python3-venv)",
            )
        })?;
    runner.step(
        &format!("LiteLLM {LITELLM} into {}", home.display()),
        || {
            runner.run(runner.command(python).args(["-m", "venv"]).arg(&home))?;
            runner.run(
                runner
                    .command(home.join("bin/python"))
                    .args(["-m", "pip", "install", "--quiet"])
                    .arg("--disable-pip-version-check")
                    .arg(format!("litellm[proxy]=={LITELLM}"))
                    .arg(format!("fastapi=={FASTAPI}")),
            )
        },
    )?;
    Ok(program)
}

/// Whether an earlier installation came to its end, with these versions.
fn is_complete(runner: &Runner, home: &Path) -> bool {
    let check = format!(
        "from importlib.metadata import version\n\
         assert version('litellm') == '{LITELLM}' and version('fastapi') == '{FASTAPI}'"
    );
    runner
        .output(runner.command(home.join("bin/python")).args(["-c", &check]))
        .is_some()
}
