//! Starting other programs.

use crate::error::{Context, Failure, Outcome};
use crate::{layout, step};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that runs in the repository and finds the project's tools first.
pub(crate) fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(layout::root()).env("PATH", tool_path());
    // What cargo tells a program about the package it runs would look to the next cargo like
    // settings of its own and make it build again.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// The cargo that runs xtask.
pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// Runs a command to its end, its output shown.
pub(crate) fn finish(command: &mut Command) -> Outcome {
    step::flush();
    let status = command
        .status()
        .context(format_args!("cannot start `{}`", words(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{}`: {status}", words(command))))
    }
}

/// Runs a command to its end and gives what it printed, which is shown too.
pub(crate) fn captured(command: &mut Command) -> Outcome<String> {
    step::flush();
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context(format_args!("cannot start `{}`", words(command)))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{text}");
    match output.status.success() {
        true => Ok(text),
        false => Err(Failure::new(format!(
            "`{}`: {}",
            words(command),
            output.status
        ))),
    }
}

/// What a command prints, or nothing where it cannot be started or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A command as a person would type it.
pub(crate) fn words(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// Where a program is on the search path, if it is.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&tool_path())
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// The search path: the project's tools, then the user's own.
///
/// The project's come first because trunk takes wasm-bindgen and wasm-opt from the path and stops
/// where their version is another than it wants.
fn tool_path() -> OsString {
    let mut folders = vec![
        layout::cargo_tools().join("bin"),
        layout::e2e().join("node_modules/.bin"),
    ];
    if let Some(path) = env::var_os("PATH") {
        folders.extend(env::split_paths(&path));
    }
    env::join_paths(folders).unwrap_or_default()
}
