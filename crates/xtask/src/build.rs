//! `cargo xtask build`: the dashboard, compressed, inside the control plane's binary.

use crate::error::{Context, Outcome};
use crate::runner::Runner;
use crate::{layout, size, split, tools};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the dashboard is made of. A folder stands for every file below it.
const DASHBOARD_INPUTS: [&str; 14] = [
    ".cargo/config.toml",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "index.html",
    "rust-toolchain.toml",
    "src",
    "style",
    "public",
    "crates/routing/Cargo.toml",
    "crates/routing/src",
    "crates/api-types/Cargo.toml",
    "crates/api-types/src",
    "crates/xtask/src/split.rs",
];

/// Kinds of file that are worth compressing.
const COMPRESSED: [&str; 5] = ["wasm", "js", "css", "html", "svg"];

/// Builds the dashboard alone and says what a visitor loads of it.
pub(crate) fn build_dashboard(runner: &Runner) -> Outcome {
    tools::for_building(runner)?;
    dashboard(runner)?;
    size::report()
}

/// Builds what is out of date and gives the binary.
pub(crate) fn build(runner: &Runner) -> Outcome<PathBuf> {
    tools::for_building(runner)?;
    dashboard(runner)?;
    runner.step("control plane, release build", || {
        runner.run(runner.cargo().args([
            "build",
            "--release",
            "--package",
            "waypost-control-plane",
        ]))
    })?;
    size::report()?;
    let binary = layout::release_binary();
    println!("\n{}", binary.display());
    Ok(binary)
}

/// Builds the dashboard into `dist`, unless it is there already.
pub(crate) fn dashboard(runner: &Runner) -> Outcome {
    let stamp = layout::stamps().join("dashboard");
    let wanted = format!("{:016x}", fingerprint(&DASHBOARD_INPUTS)?);
    let built = fs::read_to_string(&stamp).unwrap_or_default();
    if built == format!("{wanted} {:016x}", fingerprint(&["dist"])?) {
        println!("The dashboard is up to date.");
        return Ok(());
    }
    // Gone before trunk begins, so that a build that is broken off is not taken for a whole one.
    let _ = fs::remove_file(&stamp);
    runner.step("dashboard, release build", || {
        let trunk = runner
            .command("trunk")
            .args(["build", "--release", "--offline"])
            // trunk reads this variable as a yes or no and stops at the common value 1.
            .env_remove("NO_COLOR");
        runner.run(split::prepare(trunk)?)?;
        split::place()
    })?;
    runner.step("dashboard, compressing", || compress(&layout::dist()))?;
    fs::create_dir_all(layout::stamps()).context("cannot make a folder for stamps")?;
    let content = format!("{wanted} {:016x}", fingerprint(&["dist"])?);
    fs::write(&stamp, content).context(format_args!("cannot write {}", stamp.display()))
}

/// Writes a `.br` neighbour of each file that is worth it.
fn compress(folder: &Path) -> Outcome {
    for path in files(folder)? {
        let kind = path.extension().and_then(|kind| kind.to_str());
        if !kind.is_some_and(|kind| COMPRESSED.contains(&kind)) {
            continue;
        }
        let content = fs::read(&path).context(format_args!("cannot read {}", path.display()))?;
        let mut name = path.clone().into_os_string();
        name.push(".br");
        let neighbour = PathBuf::from(name);
        let context = format!("cannot write {}", neighbour.display());
        // The largest window that every browser takes.
        let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 22);
        writer.write_all(&content).context(&context)?;
        let compressed = writer.into_inner();
        // A file that grows is served as it is.
        if compressed.len() < content.len() {
            fs::write(&neighbour, compressed).context(&context)?;
        }
    }
    Ok(())
}

/// A number that changes with the name or the content of any of these files.
fn fingerprint(inputs: &[&str]) -> Outcome<u64> {
    let mut hasher = DefaultHasher::new();
    for input in inputs {
        let path = layout::root().join(input);
        let paths = if path.is_dir() {
            files(&path)?
        } else {
            vec![path]
        };
        for path in paths {
            path.hash(&mut hasher);
            // A file that is not there counts too: making it is a change.
            fs::read(&path).ok().hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// Every file below a folder, in a fixed order.
pub(crate) fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let context = format!("cannot read {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).context(&context)? {
        let path = entry.context(&context)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
