//! Load on `POST /api/v1/route`, compared with an earlier Waypost in the same run.

use super::figures::{self, Figure};
use super::{Against, Options};
use crate::error::{Context, Failure, Outcome};
use crate::runner::Runner;
use crate::{build, layout, tools};
use std::fs;
use std::path::{Path, PathBuf};

/// Loads both binaries in turns. Without something to compare with, nothing is measured.
pub(super) fn measure(runner: &Runner, options: &Options) -> Outcome<Option<Vec<Figure>>> {
    let Some(against) = &options.against else {
        println!(
            "Nothing to compare with: name a commit with --against or a binary with --against-binary."
        );
        return Ok(None);
    };
    tools::for_load(runner)?;
    let before = match against {
        Against::Binary(path) => fs::canonicalize(path)
            .context(format_args!("cannot find the binary {}", path.display()))?,
        Against::Revision(revision) => binary_of(runner, revision)?,
    };
    let now = build::build(runner)?;
    let output = runner.captured(
        runner
            .command("node")
            .arg(layout::e2e().join("bench-route.mjs"))
            .env("WAYPOST_AGAINST", before)
            .env("WAYPOST_BINARY", now),
    )?;
    figures::of_lines(&output).map(Some)
}

/// The release binary of a commit, built once in a temporary worktree.
fn binary_of(runner: &Runner, revision: &str) -> Outcome<PathBuf> {
    let commit = runner
        .output(
            runner
                .command("git")
                .args(["rev-parse", "--verify", "--quiet"])
                .arg(format!("{revision}^{{commit}}")),
        )
        .ok_or_else(|| Failure::new(format!("git knows no commit {revision}")))?;
    let kept = layout::stamps().join("against").join(&commit);
    let binary = kept.join("waypost");
    if binary.is_file() {
        return Ok(binary);
    }
    runner.step(&format!("release build of {revision}"), || {
        let worktree = kept.join("worktree");
        remove_worktree(runner, &worktree);
        runner.run(
            runner
                .command("git")
                .args(["worktree", "add", "--force", "--detach"])
                .args([worktree.as_os_str(), commit.as_ref()]),
        )?;
        let built = build_in(runner, &worktree)?;
        // Its target folder takes gigabytes.
        fs::copy(&built, &binary).context(format_args!("cannot write {}", binary.display()))?;
        remove_worktree(runner, &worktree);
        Ok(())
    })?;
    Ok(binary)
}

/// Builds Waypost as the commit itself does.
fn build_in(runner: &Runner, worktree: &Path) -> Outcome<PathBuf> {
    let target = worktree.join("target");
    runner.run(
        runner
            .cargo()
            .args(["run", "--quiet", "--package", "xtask"])
            .arg("--manifest-path")
            .arg(worktree.join("Cargo.toml"))
            .args(["--", "build"])
            .env("CARGO_TARGET_DIR", &target),
    )?;
    Ok(target.join("release/waypost"))
}

/// Removes a worktree, if it is there.
fn remove_worktree(runner: &Runner, worktree: &Path) {
    let remove = runner
        .command("git")
        .args(["worktree", "remove", "--force", "--force"])
        .arg(worktree);
    let _ = runner.output(remove);
}
