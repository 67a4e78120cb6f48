//! Running other programs, step by step.

use crate::error::{Failure, Outcome};
use crate::layout;
use crate::timings::{Elapsed, Timings};
use std::cell::Cell;
use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use xshell::{Cmd, Shell};

/// Runs programs in the repository, with the project's tools first on the search path, and keeps
/// the time of every step.
pub(crate) struct Runner {
    shell: Shell,
    /// Background runners keep the output of programs to themselves, so that two never mix.
    background: bool,
    /// Set once a check failed: no runner starts another program.
    stop: Arc<AtomicBool>,
    timings: Arc<Timings>,
    depth: Cell<usize>,
}

impl Runner {
    /// A runner that shows the output of the programs it starts.
    pub(crate) fn new() -> Outcome<Self> {
        Ok(Self {
            shell: shell()?,
            background: false,
            stop: Arc::default(),
            timings: Arc::default(),
            depth: Cell::new(0),
        })
    }

    /// A runner for another thread, which shows the output of programs that fail and no other.
    pub(crate) fn in_background(&self) -> Outcome<Self> {
        Ok(Self {
            shell: shell()?,
            background: true,
            stop: Arc::clone(&self.stop),
            timings: Arc::clone(&self.timings),
            depth: Cell::new(0),
        })
    }

    /// The time of every step so far, of this runner and of those in the background.
    pub(crate) fn timings(&self) -> &Timings {
        &self.timings
    }

    /// Lets no runner start another program.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether [`Self::stop`] was called, here or in another thread.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Runs one thing under a heading and prints how long it took.
    pub(crate) fn step<T>(&self, title: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let suffix = if self.background {
            " · in the background"
        } else {
            ""
        };
        heading(&format!("{title}{suffix}"));
        let start = Instant::now();
        let row = self.timings.begin(title, self.depth.get(), self.background);
        self.depth.set(self.depth.get() + 1);
        let outcome = work();
        self.depth.set(self.depth.get() - 1);
        self.timings.end(row, start.elapsed());
        let end = match &outcome {
            Ok(_) => "done in",
            Err(_) => "failed after",
        };
        println!("── {title}: {end} {}", Elapsed(start.elapsed()));
        outcome
    }

    /// A program to start.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Cmd<'_> {
        // What cargo passes to a program about its package would look like changed settings to the
        // next cargo and make it build again.
        env::vars_os()
            .map(|(name, _)| name)
            .filter(|name| {
                let name = name.to_string_lossy();
                name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
            })
            .fold(self.shell.cmd(program), Cmd::env_remove)
            .quiet()
    }

    /// The cargo that runs xtask.
    pub(crate) fn cargo(&self) -> Cmd<'_> {
        self.command(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
    }

    /// Runs a program to its end, its output shown.
    pub(crate) fn run(&self, command: Cmd<'_>) -> Outcome {
        if self.is_stopped() {
            return Err(Failure::Stopped);
        }
        flush();
        if !self.background {
            return Ok(command.run()?);
        }
        let words = command.to_string();
        let output = command.ignore_status().output()?;
        if output.status.success() {
            return Ok(());
        }
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        // Writing into a string does not fail.
        let _ = write!(text, "`{words}`: {}", output.status);
        Err(Failure::new(text))
    }

    /// Runs a program to its end and returns what it printed, which is shown too.
    pub(crate) fn captured(&self, command: Cmd<'_>) -> Outcome<String> {
        flush();
        let text = command.read()?;
        println!("{text}");
        Ok(text)
    }

    /// What a program prints; `None` if it cannot be started or fails.
    pub(crate) fn output(&self, command: Cmd<'_>) -> Option<String> {
        let text = command.ignore_stderr().read().ok()?;
        Some(text.trim().to_owned())
    }
}

/// A shell in the repository's root that finds the project's tools first.
fn shell() -> Outcome<Shell> {
    let shell = Shell::new()?;
    shell.change_dir(layout::root());
    shell.set_var("PATH", tool_path());
    Ok(shell)
}

/// A line that starts a step.
pub(crate) fn heading(title: &str) {
    println!("\n── {title}");
    flush();
}

/// Writes out what was printed, before a program writes to the same terminal.
fn flush() {
    // A closed terminal is no reason to stop a build.
    let _ = std::io::stdout().flush();
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
pub(crate) fn tool_path() -> OsString {
    let mut folders = vec![
        layout::cargo_tools().join("bin"),
        layout::e2e().join("node_modules/.bin"),
    ];
    if let Some(path) = env::var_os("PATH") {
        folders.extend(env::split_paths(&path));
    }
    env::join_paths(folders).unwrap_or_default()
}
