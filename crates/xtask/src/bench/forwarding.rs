//! Forwarding under load, beside direct calls, nginx, Portkey and LiteLLM.

use super::figures::{self, Figure};
use super::{Options, bench_target};
use crate::error::{Context, Outcome};
use crate::runner::Runner;
use crate::{build, layout, tools};
use std::fs;

/// The packages that are built for it alone.
const CONTROL_PLANE: &str = "waypost-control-plane";
const LOAD: &str = "waypost-load";

/// Measures the release binary, and what a request costs before anything is sent.
pub(super) fn measure(runner: &Runner, options: &Options) -> Outcome<Option<Vec<Figure>>> {
    let peers = tools::for_forwarding(runner)?;
    let binary = build::build(runner)?;
    runner.run(
        runner
            .cargo()
            .args(["build", "--release", "--package", LOAD]),
    )?;
    let mut script = runner
        .command("node")
        .arg(layout::e2e().join("bench-forwarding.mjs"))
        .env("WAYPOST_BINARY", &binary)
        .env("WAYPOST_LOAD", layout::target().join("release").join(LOAD))
        .env("WAYPOST_NGINX", &peers.nginx)
        .env("WAYPOST_PORTKEY", &peers.portkey)
        .env("WAYPOST_LITELLM", &peers.litellm);
    if options.is_quick {
        script = script.env("WAYPOST_BENCH_QUICK", "1");
    }
    // Before anything is measured under load: what it builds would disturb that.
    let decisions = match options.is_quick {
        true => Vec::new(),
        false => decisions(runner)?,
    };
    let mut measured = figures::of_lines(&runner.captured(script)?)?;
    measured.extend(decisions);
    Ok(Some(measured))
}

/// The lookup of a token and the plan of its request, by criterion.
fn decisions(runner: &Runner) -> Outcome<Vec<Figure>> {
    let folder = layout::target().join("criterion");
    // What another part measured would be reported too.
    if folder.exists() {
        fs::remove_dir_all(&folder).context(format_args!("cannot remove {}", folder.display()))?;
    }
    runner.captured(bench_target(runner, CONTROL_PLANE, "forwarding"))?;
    let figures = figures::of_criterion(&folder)?;
    Ok(figures.into_iter().map(in_the_column_of_waypost).collect())
}

/// The section has columns for other servers, and here the fastest and the median is known.
fn in_the_column_of_waypost(figure: Figure) -> Figure {
    let median = figure.values.last().copied().unwrap_or(f64::NAN);
    Figure {
        values: vec![f64::NAN, f64::NAN, median],
        ..figure
    }
}
