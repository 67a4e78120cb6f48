//! `cargo xtask dev`: the dashboard rebuilt on every change, with the control plane beside it.

use crate::error::{Context, Failure, Outcome};
use crate::runner::{Runner, heading};
use crate::{layout, tools};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;
use xshell::Cmd;

/// Runs `trunk serve`, which passes `/api` on, and the control plane, until either of them ends.
///
/// Ctrl+C reaches both, since they belong to the terminal's foreground group as xtask does.
pub(crate) fn dev(runner: &Runner, arguments: &[String]) -> Outcome {
    tools::for_developing(runner)?;
    runner.step("control plane, debug build", || {
        runner.run(
            runner
                .cargo()
                .args(["build", "--package", "waypost-control-plane"]),
        )
    })?;
    heading("trunk serve and the control plane · stop both with Ctrl+C");
    println!(
        "The dashboard that is rebuilt is at http://127.0.0.1:8701. The sign-in link works there, \
         too, with 8701 in place of 8700."
    );
    let control_plane = runner
        .command(layout::target().join("debug/waypost"))
        .arg("serve")
        .args(arguments);
    let trunk = runner
        .command("trunk")
        .args(["serve", "--offline"])
        // trunk reads this variable as a yes or no and stops at the common value 1.
        .env_remove("NO_COLOR");
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
    fn start(command: Cmd<'_>) -> Outcome<Self> {
        let words = command.to_string();
        let child = Command::from(command)
            .spawn()
            .context(format_args!("cannot start `{words}`"))?;
        Ok(Self { child, words })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
