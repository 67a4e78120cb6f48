//! Tools of the Rust world: the wasm target, trunk, wasm-bindgen's command line, what cuts the
//! module apart, and what measures and fuzzes.

use crate::error::{Context, Failure, Outcome};
use crate::layout;
use crate::runner::{Runner, find};
use std::fs;
use std::path::PathBuf;

/// The newest trunk that builds with the pinned toolchain.
const TRUNK: &str = "0.21.14";

/// What cuts the module apart, in a version that knows what the locked `wasm_split_helpers` marks.
const WASM_SPLIT: &str = "wasm_split_cli_support";
const WASM_SPLIT_VERSION: &str = "0.2.4";

/// What runs the browser's side of wasm-bindgen must have the very version of the library.
const WASM_BINDGEN: &str = "wasm-bindgen";

/// The pinned toolchain's target for the dashboard.
pub(crate) fn wasm_target(runner: &Runner) -> Outcome {
    target(runner, "wasm32-unknown-unknown")
}

/// The standard library of a target.
pub(crate) fn target(runner: &Runner, target: &str) -> Outcome {
    let library = runner.output(runner.command("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        target,
    ]));
    if library.is_some_and(|folder| std::path::Path::new(&folder).is_dir()) {
        return Ok(());
    }
    if find("rustup").is_none() {
        return Err(Failure::new(format!(
            "this Rust has no standard library for {target} and there is no rustup to add it. \
             Install Rust with rustup, or your system's package for that target."
        )));
    }
    runner.step(&format!("rustup target add {target}"), || {
        runner.run(runner.command("rustup").args(["target", "add", target]))
    })
}

/// Clippy and rustfmt of the pinned toolchain.
pub(crate) fn components(runner: &Runner) -> Outcome {
    for (program, component) in [("cargo-clippy", "clippy"), ("rustfmt", "rustfmt")] {
        if runner
            .output(runner.command(program).arg("--version"))
            .is_some()
        {
            continue;
        }
        if find("rustup").is_none() {
            return Err(Failure::new(format!(
                "`{program}` is missing and there is no rustup to add it. Install {component} for \
                 the Rust of rust-toolchain.toml."
            )));
        }
        runner.step(&format!("rustup component add {component}"), || {
            runner.run(
                runner
                    .command("rustup")
                    .args(["component", "add", component]),
            )
        })?;
    }
    Ok(())
}

/// Another toolchain than the pinned one.
pub(crate) fn toolchain(runner: &Runner, name: &str) -> Outcome {
    if find("rustup").is_none() {
        return Err(Failure::new(format!(
            "there is no rustup to bring the {name} compiler. Install Rust with rustup."
        )));
    }
    if runner
        .output(
            runner
                .command("rustup")
                .args(["run", name, "cargo", "--version"]),
        )
        .is_some()
    {
        return Ok(());
    }
    runner.step(&format!("rustup toolchain install {name}"), || {
        runner.run(runner.command("rustup").args([
            "toolchain",
            "install",
            name,
            "--profile",
            "minimal",
        ]))
    })
}

/// Runs the fuzz targets.
pub(crate) fn fuzz(runner: &Runner) -> Outcome {
    const VERSION: &str = "0.13.2";
    let installed = runner.output(runner.command("cargo-fuzz").arg("--version"));
    if installed.is_some_and(|text| says_version(&text, VERSION)) {
        return Ok(());
    }
    install(runner, "cargo-fuzz", VERSION, &[])
}

/// Rebuilds the dashboard on every change.
pub(crate) fn trunk(runner: &Runner) -> Outcome {
    let installed = runner.output(runner.command("trunk").arg("--version"));
    if installed.is_some_and(|text| says_version(&text, TRUNK)) {
        return Ok(());
    }
    install(runner, "trunk", TRUNK, &[])
}

/// Cuts the pages that are loaded later out of the dashboard's module.
pub(crate) fn wasm_split(runner: &Runner) -> Outcome {
    // The program does not say its version; cargo keeps a record of what it has installed.
    let record = layout::cargo_tools().join(".crates.toml");
    let wanted = format!("\"{WASM_SPLIT} {WASM_SPLIT_VERSION} ");
    let installed = fs::read_to_string(record).is_ok_and(|record| record.contains(&wanted));
    if installed && find("wasm-split-cli").is_some() {
        return Ok(());
    }
    install(
        runner,
        WASM_SPLIT,
        WASM_SPLIT_VERSION,
        &["--features", "build-binary"],
    )
}

/// Runs the benches that count instructions. It must have the very version of the library.
pub(crate) fn gungraun_runner(runner: &Runner) -> Outcome<PathBuf> {
    const RUNNER: &str = "gungraun-runner";
    let lock = layout::root().join("Cargo.lock");
    let lock = fs::read_to_string(&lock).context(format_args!("cannot read {}", lock.display()))?;
    let version = locked_version(&lock, "gungraun")
        .ok_or_else(|| Failure::new("Cargo.lock names no gungraun"))?;
    let installed = runner.output(runner.command(RUNNER).arg("--version"));
    if !installed.is_some_and(|text| says_version(&text, version)) {
        install(runner, RUNNER, version, &[])?;
    }
    find(RUNNER).ok_or_else(|| Failure::new("gungraun-runner is not where it was installed"))
}

/// Makes the JavaScript that loads the dashboard, and runs its tests in a browser.
pub(crate) fn wasm_bindgen(runner: &Runner) -> Outcome {
    let lock = layout::root().join("Cargo.lock");
    let lock = fs::read_to_string(&lock).context(format_args!("cannot read {}", lock.display()))?;
    let version = locked_version(&lock, WASM_BINDGEN)
        .ok_or_else(|| Failure::new("Cargo.lock names no wasm-bindgen"))?;
    let right = |program: &str| {
        runner
            .output(runner.command(program).arg("--version"))
            .is_some_and(|text| says_version(&text, version))
    };
    if right("wasm-bindgen") && right("wasm-bindgen-test-runner") {
        return Ok(());
    }
    install(runner, "wasm-bindgen-cli", version, &[])
}

/// Builds a tool from its source and keeps it in the user's cache.
///
/// These tools run for seconds in a build, so that optimising them costs more than it saves: with
/// these settings they build in well under half the time.
fn install(runner: &Runner, package: &str, version: &str, options: &[&str]) -> Outcome {
    let title = format!("cargo install {package} {version} (some minutes, once)");
    runner.step(&title, || {
        let work = layout::tool_cache().join("cargo-build");
        runner.run(
            runner
                .cargo()
                .args([
                    "install",
                    "--locked",
                    "--force",
                    package,
                    "--version",
                    version,
                ])
                .args(options)
                .arg("--root")
                .arg(layout::cargo_tools())
                .arg("--target-dir")
                .arg(&work)
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env_remove("CARGO_BUILD_TARGET")
                .env_remove("RUSTFLAGS"),
        )?;
        // Left in place where the installation fails, so that the next try goes on from there.
        fs::remove_dir_all(&work).context(format_args!("cannot remove {}", work.display()))
    })
}

/// Whether the text of `--version` names this version: `trunk 0.21.14`.
fn says_version(text: &str, version: &str) -> bool {
    text.split_whitespace().any(|word| word == version)
}

/// The version that Cargo.lock fixes for a package.
fn locked_version<'lock>(lock: &'lock str, package: &str) -> Option<&'lock str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == name)?;
    lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_whole() {
        assert!(says_version("trunk 0.21.14", "0.21.14"));
        assert!(!says_version("trunk 0.21.140", "0.21.14"));
        assert!(!says_version("", "0.21.14"));
    }

    #[test]
    fn the_lock_file_gives_the_version() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.128\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.128"));
        assert_eq!(locked_version(lock, "b"), None);
    }
}
