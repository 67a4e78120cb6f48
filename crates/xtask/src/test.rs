//! `cargo xtask test`: every check, in the order in which failures are cheapest.

use crate::command::{cargo, command, finish};
use crate::error::{Failure, Outcome};
use crate::step::Plan;
use crate::{build, layout, tools};
use std::path::Path;
use std::process::Command;

/// A check with the name it goes by.
struct Check {
    name: &'static str,
    run: fn() -> Outcome,
}

const CHECKS: [Check; 9] = [
    Check {
        name: "tools",
        run: install_tools,
    },
    Check {
        name: "fmt",
        run: fmt,
    },
    Check {
        name: "clippy native",
        run: clippy_native,
    },
    Check {
        name: "clippy wasm32",
        run: clippy_wasm,
    },
    Check {
        name: "tests native",
        run: native,
    },
    Check {
        name: "vectors in the browser",
        run: vectors_in_the_browser,
    },
    Check {
        name: "components in the browser",
        run: components_in_the_browser,
    },
    Check {
        name: "build",
        run: build_all,
    },
    Check {
        name: "end to end",
        run: end_to_end,
    },
];

/// The target of everything that runs in a browser.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Runs every check, or those whose name contains the argument, and stops at the first failure.
pub(crate) fn test(arguments: &[String]) -> Outcome {
    let wanted = arguments.join(" ");
    let checks: Vec<&Check> = CHECKS
        .iter()
        .filter(|check| check.name.contains(&wanted))
        .collect();
    if checks.is_empty() {
        let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        return Err(Failure::new(format!(
            "no check is called {wanted:?}; there are: {}",
            names.join(", ")
        )));
    }
    let mut plan = Plan::new(checks.len());
    let outcome = checks
        .into_iter()
        .try_for_each(|check| plan.run(check.name, check.run));
    plan.close();
    outcome
}

fn install_tools() -> Outcome {
    tools::everything()
}

fn fmt() -> Outcome {
    finish(cargo().args(["fmt", "--all", "--check"]))
}

fn clippy_native() -> Outcome {
    finish(cargo().args([
        "clippy",
        "--workspace",
        "--exclude",
        "waypost-dashboard",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn clippy_wasm() -> Outcome {
    let mut clippy = cargo();
    clippy.args(["clippy", "--target", WASM, "--all-targets"]);
    for package in ["waypost-dashboard", "waypost-routing", "waypost-api-types"] {
        clippy.args(["--package", package]);
    }
    finish(clippy.args(["--", "-D", "warnings"]))?;
    // The dashboard as it is released: its later parts are modules of their own.
    finish(cargo().args([
        "clippy",
        "--target",
        WASM,
        "--package",
        "waypost-dashboard",
        "--features",
        "split",
        "--",
        "-D",
        "warnings",
    ]))
}

fn native() -> Outcome {
    finish(cargo().args(["test", "--workspace"]))
}

fn vectors_in_the_browser() -> Outcome {
    finish(in_the_browser(cargo().args([
        "test",
        "--package",
        "waypost-routing",
        "--target",
        WASM,
        "--tests",
    ])))
}

fn components_in_the_browser() -> Outcome {
    finish(in_the_browser(cargo().args([
        "test",
        "--package",
        "waypost-dashboard",
        "--target",
        WASM,
        "--test",
        "web",
    ])))
}

/// Lets `cargo test` for wasm32 run what it builds in a headless Chromium.
pub(crate) fn in_the_browser(command: &mut Command) -> &mut Command {
    let runner = "wasm-bindgen-test-runner";
    let root = layout::root();
    command
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("CHROMEDRIVER", program("chromedriver"))
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        // A debug build of the dashboard takes a while to compile in a browser, too.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
        .env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            root.join("tests/webdriver.json"),
        )
}

fn program(name: &str) -> std::path::PathBuf {
    crate::command::find(name).unwrap_or_else(|| Path::new("/usr/bin").join(name))
}

fn build_all() -> Outcome {
    build::build().map(drop)
}

fn end_to_end() -> Outcome {
    let litellm = tools::for_testing()?;
    finish(
        command("node")
            .arg(layout::e2e().join("run.mjs"))
            .env("WAYPOST_BINARY", layout::release_binary())
            .env("WAYPOST_LITELLM", litellm)
            .env("WAYPOST_CHROMIUM", program("chromium")),
    )
}
