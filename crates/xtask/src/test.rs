//! `cargo xtask test`: every check. Failures that are found quickly come first.

use crate::error::{Failure, Outcome};
use crate::plan::{Check, Lane, Plan};
use crate::runner::{Runner, find};
use crate::{build, deployment, layout, tools};
use std::path::{Path, PathBuf};
use xshell::Cmd;

const TOOLCHAIN: &str = "toolchain";
const FMT: &str = "fmt";
const TEST_SERVERS: &str = "test servers";
const TOOLS: &str = "tools";
const DASHBOARD: &str = "build dashboard";
const CONTROL_PLANE: &str = "build control plane";

/// Checks of one lane run in this order, one after the other. Installing waits for the network, and
/// the last crate of the dashboard keeps one core busy for minutes: both leave room for the
/// foreground. Cargo locks a folder per profile and target, so that builds of the two lanes do not
/// wait for each other. Only the last build touches `dist`, which the control plane embeds.
const CHECKS: [Check; 14] = [
    check(TOOLCHAIN, Lane::Foreground, &[], tools::toolchain),
    check(FMT, Lane::Foreground, &[], fmt),
    check(
        TEST_SERVERS,
        Lane::Background,
        &[TOOLCHAIN, FMT],
        tools::for_native_tests,
    ),
    check(TOOLS, Lane::Background, &[], tools::everything),
    check(DASHBOARD, Lane::Background, &[], build::dashboard),
    check("clippy native", Lane::Foreground, &[], clippy_native),
    check("clippy wasm32", Lane::Foreground, &[], clippy_wasm),
    // Some talk to a real keychain, a real OpenBao, a real PostgreSQL and moto.
    check("tests native", Lane::Foreground, &[TEST_SERVERS], native),
    check(
        "API on PostgreSQL",
        Lane::Foreground,
        &[TEST_SERVERS],
        api_on_postgres,
    ),
    check(
        "vectors in the browser",
        Lane::Foreground,
        &[TOOLS],
        vectors_in_the_browser,
    ),
    check(
        "components in the browser",
        Lane::Foreground,
        &[TOOLS],
        components_in_the_browser,
    ),
    check(
        "deployment files",
        Lane::Foreground,
        &[TOOLS],
        deployment::check,
    ),
    check(
        CONTROL_PLANE,
        Lane::Foreground,
        &[DASHBOARD],
        build_control_plane,
    ),
    check("end to end", Lane::Foreground, &[CONTROL_PLANE], end_to_end),
];

const fn check(
    name: &'static str,
    lane: Lane,
    needs: &'static [&'static str],
    run: fn(&Runner) -> Outcome,
) -> Check {
    Check {
        name,
        lane,
        needs,
        run,
    }
}

/// The target of everything that runs in a browser.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Runs every check, or those whose name contains the argument, and stops at the first failure.
pub(crate) fn test(runner: &Runner, arguments: &[String]) -> Outcome {
    let wanted = arguments.join(" ");
    let checks: Vec<Check> = CHECKS
        .into_iter()
        .filter(|check| check.name.contains(&wanted))
        .collect();
    if checks.is_empty() {
        let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        return Err(Failure::new(format!(
            "no check is called {wanted:?}; there are: {}",
            names.join(", ")
        )));
    }
    Plan::new(checks).run(runner)
}

fn fmt(runner: &Runner) -> Outcome {
    runner.run(runner.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy_native(runner: &Runner) -> Outcome {
    runner.run(runner.cargo().args([
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

fn clippy_wasm(runner: &Runner) -> Outcome {
    let mut clippy = runner
        .cargo()
        .args(["clippy", "--target", WASM, "--all-targets"]);
    for package in ["waypost-dashboard", "waypost-routing", "waypost-api-types"] {
        clippy = clippy.args(["--package", package]);
    }
    runner.run(clippy.args(["--", "-D", "warnings"]))?;
    // The dashboard as it is released: its later parts are modules of their own.
    runner.run(runner.cargo().args([
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

fn native(runner: &Runner) -> Outcome {
    runner.run(runner.cargo().args(["test", "--workspace"]))
}

/// The API's tests ran on SQLite among the others.
fn api_on_postgres(runner: &Runner) -> Outcome {
    let tests = [
        "test",
        "--package",
        "waypost-control-plane",
        "--test",
        "api",
    ];
    let cargo = runner.cargo().args(tests);
    runner.run(cargo.env("WAYPOST_TEST_DATABASE", "postgres"))
}

fn vectors_in_the_browser(runner: &Runner) -> Outcome {
    runner.run(in_the_browser(runner.cargo().args([
        "test",
        "--package",
        "waypost-routing",
        "--target",
        WASM,
        "--tests",
    ])))
}

fn components_in_the_browser(runner: &Runner) -> Outcome {
    runner.run(in_the_browser(runner.cargo().args([
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
pub(crate) fn in_the_browser(command: Cmd<'_>) -> Cmd<'_> {
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

/// Where a program is that the operating system brings.
pub(crate) fn program(name: &str) -> PathBuf {
    find(name).unwrap_or_else(|| Path::new("/usr/bin").join(name))
}

fn build_control_plane(runner: &Runner) -> Outcome {
    build::build(runner).map(drop)
}

fn end_to_end(runner: &Runner) -> Outcome {
    let litellm = tools::for_testing(runner)?;
    let python = tools::clients(runner)?;
    let nginx = tools::nginx(runner)?;
    runner.run(
        runner
            .command("node")
            .arg(layout::e2e().join("run.mjs"))
            .env("WAYPOST_BINARY", layout::release_binary())
            .env("WAYPOST_LITELLM", litellm)
            .env("WAYPOST_PYTHON", python)
            .env("WAYPOST_NGINX", nginx)
            .env("WAYPOST_CHROMIUM", program("chromium")),
    )
}
