//! The machine that figures come from.

use crate::runner::Runner;
use std::fs;

/// The machine and the day, in one line.
pub(crate) fn line(runner: &Runner) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rustc = runner
        .output(runner.command("rustc").arg("--version"))
        .unwrap_or_else(|| "rustc".into());
    let day = runner
        .output(runner.command("date").args(["-u", "+%Y-%m-%d"]))
        .unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").ok();
    let load = load
        .as_deref()
        .and_then(|text| text.split(' ').next())
        .map(|load| format!(", {load} on average waiting for a core"))
        .unwrap_or_default();
    format!("{day}, {}, {cores} cores{load}, {rustc}", processor())
}

/// What the processor calls itself.
fn processor() -> String {
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    match model {
        Some((_, model)) => model.trim().to_owned(),
        None => std::env::consts::ARCH.to_owned(),
    }
}
