//! The npm packages of tests/e2e: wasm-opt and esbuild for the build, a browser driver and axe for
//! the tests.

use crate::error::{Context, Failure, Outcome};
use crate::layout;
use crate::runner::{Runner, find};
use std::fs;

/// The oldest Node whose test runner has what the tests use.
const NODE_MAJOR: u32 = 20;

/// Installs what the lock file names, unless that very lock file has been installed before.
pub(crate) fn packages(runner: &Runner) -> Outcome {
    let folder = layout::e2e();
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).context(format_args!("cannot read {}", lock.display()))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    node(runner)?;
    runner.step("npm ci in tests/e2e", || {
        runner.run(runner.command("npm").args(["ci", "--prefix"]).arg(&folder))?;
        fs::write(&stamp, &wanted).context(format_args!("cannot write {}", stamp.display()))
    })
}

/// Whether there is a Node that is new enough, with npm.
fn node(runner: &Runner) -> Outcome {
    let version = runner.output(runner.command("node").arg("--version"));
    let major = version.as_deref().and_then(major);
    if major.is_none_or(|major| major < NODE_MAJOR) || find("npm").is_none() {
        return Err(Failure::new(format!(
            "Node.js {NODE_MAJOR} or newer with npm is needed, and {}. Install it from your \
             system's packages or from nodejs.org.",
            version.map_or_else(
                || "there is none".to_owned(),
                |version| format!("there is {version}")
            )
        )));
    }
    Ok(())
}

/// The first number of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn nodes_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20.20.2"), None);
    }
}
