//! The project's own commands: `cargo xtask run | test | dev | build | image | bench | fuzz | screenshots`.
//!
//! Everything that building, running and testing Waypost needs is named here, with its version,
//! and installed with the ordinary package managers where it is missing.
#![allow(
    clippy::print_stdout,
    reason = "a command for people: what it says is what it is for"
)]

use std::process::ExitCode;

mod bench;
mod build;
mod dashboard;
mod deployment;
mod dev;
mod error;
mod fuzz;
mod layout;
mod plan;
mod run;
mod runner;
mod screenshots;
mod size;
mod test;
mod timings;
mod tools;

use error::{Failure, Outcome};
use runner::Runner;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  run [ARGS]    build what is out of date, start Waypost and print the sign-in link;
                ARGS go to `waypost serve`
  test [NAME]   run every check, or those whose name contains NAME
  build         target/release/waypost, with the dashboard inside
  image         target/image, what a container image consists of: a static binary and certificates
  dashboard     dist, the built dashboard alone, and what its first visit loads
  dev           the dashboard under `trunk serve`, rebuilt on every change, with the control
                plane beside it
  bench [NAME] [--against REV | --against-binary PATH] [--quick]
                measure everything, or what NAME names, and write docs/performance.md; routes over
                HTTP are compared with those of an earlier commit or binary; --quick does everything
                of `forwarding` once and writes nothing
  screenshots   take the pictures of README and docs, with the sample workspace and a LiteLLM proxy
  tools         install everything that building and testing need, and build nothing
  fuzz [TARGET] [SECONDS]
                give the readers and the resolver any bytes, each target for a minute or for
                SECONDS; needs a nightly compiler and installs it

Tools that are missing are installed under ${XDG_CACHE_HOME:-~/.cache}/waypost.";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let run: fn(&Runner, &[String]) -> Outcome = match command.as_str() {
        "run" => run::run,
        "test" => test::test,
        "build" => |runner, _| build::build(runner).map(drop),
        "image" => |runner, _| deployment::image(runner),
        "dashboard" => |runner, _| build::build_dashboard(runner),
        "dev" => dev::dev,
        "bench" => bench::bench,
        "fuzz" => fuzz::fuzz,
        "screenshots" => |runner, _| screenshots::screenshots(runner),
        "tools" => |runner, _| tools::everything(runner),
        _ => {
            println!("{USAGE}");
            let asked = matches!(command.as_str(), "" | "help" | "-h" | "--help");
            return ExitCode::from(if asked { 0 } else { 2 });
        }
    };
    finish(Runner::new().and_then(|runner| run(&runner, &rest)))
}

/// Says what went wrong, if anything did.
fn finish(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Reported | Failure::Stopped) => ExitCode::FAILURE,
        Err(Failure::Message(message)) => {
            println!("\nerror: {message}");
            ExitCode::FAILURE
        }
    }
}
