//! `cargo xtask dev`: the dashboard rebuilt on every change, with the control plane beside it.

use crate::command::{cargo, command, finish, words};
use crate::error::{Context, Failure, Outcome};
use crate::step::{heading, step};
use crate::{layout, tools};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

/// Runs `trunk serve`, which passes `/api` on, and the control plane, until either of them ends.
///
/// Ctrl+C reaches both, since they belong to the terminal's foreground group as xtask does.
pub(crate) fn dev(arguments: &[String]) -> Outcome {
    tools::for_building()?;
    step("control plane, debug build", || {
        finish(cargo().args(["build", "--package", "waypost-control-plane"]))
    })?;
    heading("trunk serve and the control plane · stop both with Ctrl+C");
    println!(
        "The dashboard that is rebuilt is at http://127.0.0.1:8701. The sign-in link works there, \
         too, with 8701 in place of 8700."
    );
    let mut control_plane = command(layout::target().join("debug/waypost"));
    control_plane.arg("serve").args(arguments);
    let mut trunk = command("trunk");
    // trunk reads this variable as a yes or no and stops at the common value 1.
    trunk.args(["serve", "--offline"]).env_remove("NO_COLOR");
    let mut running = [Running::start(control_plane)?, Running::start(trunk)?];
    loop {
        for one in &mut running {
            if let Some(status) = one.child.try_wait().context("cannot wait for a program")? {
                return Err(Failure::new(format!("`{}` ended: {status}", one.words)));
            }
        }
        // Waiting for the first of two processes to end is more than the standard library can.
        thread::sleep(Duration::from_millis(200));
    }
}

/// A program that is stopped when xtask stops waiting for it.
struct Running {
    child: Child,
    words: String,
}

impl Running {
    fn start(mut command: Command) -> Outcome<Self> {
        let words = words(&command);
        let child = command
            .spawn()
            .context(format_args!("cannot start `{words}`"))?;
        Ok(Self { child, words })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
