//! The project's own commands: `cargo xtask run | test | dev | build | bench`.
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
mod command;
mod dev;
mod error;
mod layout;
mod run;
mod size;
mod step;
mod test;
mod tools;

use error::Failure;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  run [ARGS]    build what is out of date, start Waypost and print the sign-in link;
                ARGS go to `waypost serve`
  test [NAME]   run every check, or those whose name contains NAME
  build         target/release/waypost, with the dashboard inside
  dev           the dashboard under `trunk serve`, rebuilt on every change, with the control
                plane beside it
  bench         how soon the control plane is ready, and what it holds at rest
  tools         install everything the commands above need, and build nothing

Tools that are missing are installed under ${XDG_CACHE_HOME:-~/.cache}/waypost.";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let outcome = match command.as_str() {
        "run" => run::run(&rest),
        "test" => test::test(&rest),
        "build" => build::build().map(drop),
        "dev" => dev::dev(&rest),
        "bench" => bench::bench(),
        "tools" => tools::everything(),
        _ => {
            println!("{USAGE}");
            let asked = matches!(command.as_str(), "" | "help" | "-h" | "--help");
            return ExitCode::from(if asked { 0 } else { 2 });
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Reported) => ExitCode::FAILURE,
        Err(Failure::Message(message)) => {
            println!("\nerror: {message}");
            ExitCode::FAILURE
        }
    }
}
