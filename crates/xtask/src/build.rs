//! `cargo xtask build`: the dashboard, compressed, inside the control plane's binary.

use crate::error::{Context, Outcome};
use crate::layout::files;
use crate::runner::Runner;
use crate::{dashboard, layout, size, tools};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the dashboard is made of. A folder stands for every file below it.
const DASHBOARD_INPUTS: [&str; 15] = [
    ".cargo/config.toml",
    "Cargo.toml",
    "Cargo.lock",
    "index.html",
    "rust-toolchain.toml",
    "src",
    "style",
    "public",
    "crates/routing/Cargo.toml",
    "crates/routing/src",
    "crates/api-types/Cargo.toml",
    "crates/api-types/src",
    "crates/xtask/src/dashboard",
    "crates/xtask/src/dashboard.rs",
    "tests/e2e/package-lock.json",
];

/// Kinds of file that are worth compressing.
const COMPRESSED: [&str; 5] = ["wasm", "js", "css", "html", "svg"];

/// Builds the dashboard alone and says what a visitor loads of it.
pub(crate) fn build_dashboard(runner: &Runner) -> Outcome {
    tools::for_building(runner)?;
    dashboard(runner)?;
    publish_dashboard()?;
    size::report()
}

/// Builds what is out of date and gives the binary.
pub(crate) fn build(runner: &Runner) -> Outcome<PathBuf> {
    tools::for_building(runner)?;
    dashboard(runner)?;
    publish_dashboard()?;
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

/// Builds the dashboard, unless it is up to date, into a folder that only this command reads: the
/// control plane may be compiling with what is in `dist`. [`publish_dashboard`] puts it there.
pub(crate) fn dashboard(runner: &Runner) -> Outcome {
    let folder = layout::built_dashboard();
    let stamp = layout::stamps().join("dashboard");
    let wanted = format!("{:016x}", fingerprint(&DASHBOARD_INPUTS)?);
    let built = fs::read_to_string(&stamp).unwrap_or_default();
    if built == format!("{wanted} {:016x}", content(&folder)?) {
        println!("The dashboard is up to date.");
        return Ok(());
    }
    // Gone before the build begins, so that a build that is broken off is not taken for a whole one.
    let _ = fs::remove_file(&stamp);
    runner.step("dashboard, release build", || {
        dashboard::build(runner, &folder)
    })?;
    runner.step("dashboard, compressing", || compress(&folder))?;
    let built = format!("{wanted} {:016x}", content(&folder)?);
    fs::write(&stamp, built).context(format_args!("cannot write {}", stamp.display()))
}

/// Makes `dist` equal to the dashboard that was built last. Nothing is written where it is, so that
/// the control plane is not compiled again.
fn publish_dashboard() -> Outcome {
    publish(&layout::built_dashboard(), &layout::dist())
}

fn publish(built: &Path, dist: &Path) -> Outcome {
    if content(built)? == content(dist)? {
        return Ok(());
    }
    let context = format!("cannot write {}", dist.display());
    if dist.exists() {
        fs::remove_dir_all(dist).context(&context)?;
    }
    for path in files(built)? {
        let target = dist.join(path.strip_prefix(built).unwrap_or(&path));
        fs::create_dir_all(target.parent().unwrap_or(dist)).context(&context)?;
        fs::copy(&path, &target).context(&context)?;
    }
    Ok(())
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

/// A number that changes with the name or the content of any of these files of the repository.
fn fingerprint(inputs: &[&str]) -> Outcome<u64> {
    let mut hasher = DefaultHasher::new();
    for input in inputs {
        let path = layout::root().join(input);
        input.hash(&mut hasher);
        if path.is_dir() {
            content(&path)?.hash(&mut hasher);
        } else {
            // A file that is not there counts too: making it is a change.
            fs::read(&path).ok().hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// A number that changes with the name or the content of any file below a folder. It is the same for
/// equal folders in different places, and for a folder that is empty or missing.
fn content(folder: &Path) -> Outcome<u64> {
    let mut hasher = DefaultHasher::new();
    let paths = if folder.exists() {
        files(folder)?
    } else {
        Vec::new()
    };
    for path in paths {
        path.strip_prefix(folder).unwrap_or(&path).hash(&mut hasher);
        let bytes = fs::read(&path).context(format_args!("cannot read {}", path.display()))?;
        bytes.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it is writable");
        fs::write(path, text).expect("it is writable");
    }

    #[test]
    fn what_was_built_replaces_what_was_published() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let [built, dist] = ["built", "dist"].map(|name| folder.path().join(name));
        write(&built.join("snippets/inline.js"), "1");
        write(&dist.join("old.js"), "0");
        publish(&built, &dist).expect("it is writable");
        assert_eq!(
            files(&dist).expect("it is there"),
            [dist.join("snippets/inline.js")]
        );
        assert_eq!(content(&built).ok(), content(&dist).ok());
    }

    #[test]
    fn nothing_is_written_where_nothing_changed() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let [built, dist] = ["built", "dist"].map(|name| folder.path().join(name));
        write(&built.join("app.js"), "1");
        publish(&built, &dist).expect("it is writable");
        let time = || fs::metadata(&dist).and_then(|about| about.modified()).ok();
        let before = time();
        publish(&built, &dist).expect("it is writable");
        assert_eq!(before, time());
    }

    #[test]
    fn content_has_names_in_it() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        write(&one.join("a"), "1");
        write(&other.join("b"), "1");
        assert_ne!(content(&one).ok(), content(&other).ok());
        assert_eq!(
            content(&folder.path().join("missing")).ok(),
            content(&folder.path().join("none")).ok()
        );
    }
}
