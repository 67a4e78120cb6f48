//! npm packages. Those of tests/e2e: wasm-opt and esbuild for the build, a browser driver and axe for
//! the tests. Those of tests/e2e/clients: what sends requests. And what forwarding is compared with.

use crate::error::{Context, Failure, Outcome};
use crate::layout;
use crate::runner::{Runner, find};
use std::fs;
use std::path::PathBuf;

/// The oldest Node whose test runner has what the tests use.
const NODE_MAJOR: u32 = 20;

/// Installs what building and testing need.
pub(crate) fn packages(runner: &Runner) -> Outcome {
    install(runner, "tests/e2e", &[])
}

/// Installs the clients that the end-to-end tests send requests with: SDKs and a coding agent. What
/// they could draw pictures with is left out.
pub(crate) fn clients(runner: &Runner) -> Outcome {
    install(runner, "tests/e2e/clients", &["--omit=optional"])
}

/// Installs what the lock file of a folder names, unless that very lock file has been installed before.
fn install(runner: &Runner, name: &str, options: &[&str]) -> Outcome {
    let folder = layout::root().join(name);
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).context(format_args!("cannot read {}", lock.display()))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    node(runner)?;
    runner.step(&format!("npm ci in {name}"), || {
        let npm = runner.command("npm").args(["ci", "--prefix"]).arg(&folder);
        runner.run(npm.args(options))?;
        fs::write(&stamp, &wanted).context(format_args!("cannot write {}", stamp.display()))
    })
}

/// The program that starts Portkey's gateway, installed if need be.
pub(crate) fn portkey(runner: &Runner) -> Outcome<PathBuf> {
    install(runner, "tests/e2e/peers", &[])?;
    let gateway = "node_modules/@portkey-ai/gateway/build/start-server.js";
    Ok(layout::e2e().join("peers").join(gateway))
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
