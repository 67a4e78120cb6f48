//! Builds the dashboard: one document with its stylesheet and script, the WebAssembly module of the
//! first page, and the modules of what is loaded later.
//!
//! `cargo xtask dev` leaves the same sources to trunk, which neither bundles nor splits them.

mod binary;
mod chunks;
mod document;
mod imports;
mod modules;
mod order;
mod unused;

use crate::error::{Context, Failure, Outcome};
use crate::layout::{self, files};
use crate::runner::Runner;
use modules::Modules;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use document::Document;

/// The script that starts the dashboard, before the name of its module is filled in.
const START: &str = include_str!("dashboard/start.js");

/// What `start.js` writes in place of that name.
const MAIN_MODULE: &str = "MAIN_MODULE";

/// Builds the dashboard into a folder, whatever that contained before.
pub(crate) fn build(runner: &Runner, folder: &Path) -> Outcome {
    let work = Workshop::new()?;
    recreate(folder)?;
    copy_public(folder)?;
    let modules = modules::build(runner, &work, folder)?;
    let script = bundle_script(runner, &work, &modules)?;
    let document = Document::read()?;
    let stylesheet = bundle_styles(runner, &work, &document.stylesheets())?;
    let page = document.finished(&stylesheet, &script, &modules.main, &modules.table)?;
    write(&folder.join("index.html"), &page)
}

/// Where the pieces lie while they are put together.
struct Workshop(PathBuf);

impl Workshop {
    fn new() -> Outcome<Self> {
        let folder = layout::stamps().join("dashboard-work");
        recreate(&folder)?;
        Ok(Self(folder))
    }

    /// A folder for one kind of piece.
    fn folder(&self, name: &str) -> Outcome<PathBuf> {
        let folder = self.0.join(name);
        fs::create_dir_all(&folder).context(format_args!("cannot make {}", folder.display()))?;
        Ok(folder)
    }
}

/// Makes one script of the glue that wasm-bindgen wrote, its snippets, and what loads modules. Gives
/// its text.
fn bundle_script(runner: &Runner, work: &Workshop, modules: &Modules) -> Outcome<String> {
    let start = modules.glue.join("start.js");
    write(
        &start,
        &START.replace(MAIN_MODULE, &format!("/{}", modules.main)),
    )?;
    let bundle = work.folder("script")?.join("waypost.js");
    runner.run(
        runner
            .command("esbuild")
            .arg(&start)
            .args(["--bundle", "--minify", "--format=esm", "--target=es2022"])
            .args(["--legal-comments=none", "--log-level=warning"])
            // The glue imports the script of the parts once for each of them.
            .arg("--log-override:duplicate-object-key=silent")
            .arg(format!("--outfile={}", bundle.display())),
    )?;
    fs::read_to_string(&bundle).context(format_args!("cannot read {}", bundle.display()))
}

/// Makes one stylesheet of those that the document links, in their order. Gives its text.
fn bundle_styles(runner: &Runner, work: &Workshop, stylesheets: &[String]) -> Outcome<String> {
    let mut all = String::new();
    for name in stylesheets {
        let path = layout::root().join(name);
        let text =
            fs::read_to_string(&path).context(format_args!("cannot read {}", path.display()))?;
        all.push_str(&text);
        all.push('\n');
    }
    let together = work.folder("style")?.join("together.css");
    write(&together, &all)?;
    let minified = together.with_file_name("waypost.css");
    runner.run(
        runner
            .command("esbuild")
            .arg(&together)
            .args(["--minify", "--log-level=warning"])
            .arg(format!("--outfile={}", minified.display())),
    )?;
    fs::read_to_string(&minified).context(format_args!("cannot read {}", minified.display()))
}

/// Copies a file into the dashboard under a name with a digest of its bytes, so that a browser may
/// keep it forever and never mixes two versions. Returns the name. The bytes are final.
fn name_by_content(path: &Path, folder: &Path) -> Outcome<String> {
    let context = format!("cannot read {}", path.display());
    let content = fs::read(path).context(&context)?;
    let hash = Sha256::digest(&content);
    let digits: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let (Some(stem), Some(kind)) = (path.file_stem(), path.extension()) else {
        return Err(Failure::new(context));
    };
    let name = format!(
        "{}-{digits}.{}",
        stem.to_string_lossy(),
        kind.to_string_lossy()
    );
    let target = folder.join(&name);
    fs::write(&target, content).context(format_args!("cannot write {}", target.display()))?;
    Ok(name)
}

fn copy_public(folder: &Path) -> Outcome {
    let public = layout::root().join("public");
    for path in files(&public)? {
        let target = folder.join(path.strip_prefix(&public).unwrap_or(&path));
        let context = format!("cannot write {}", target.display());
        fs::create_dir_all(target.parent().unwrap_or(folder)).context(&context)?;
        fs::copy(&path, &target).context(&context)?;
    }
    Ok(())
}

/// Makes an empty folder.
fn recreate(folder: &Path) -> Outcome {
    let context = format!("cannot empty {}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).context(&context)?;
    }
    fs::create_dir_all(folder).context(&context)
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).context(format_args!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_digest_of_the_bytes_that_are_served() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let dist = folder.path().join("dist");
        fs::create_dir(&dist).expect("the folder is writable");
        let source = folder.path().join("waypost.js");
        let mut names = Vec::new();
        for text in ["1", "2"] {
            write(&source, text).expect("the folder is writable");
            let name = name_by_content(&source, &dist).expect("it can be read");
            let served = fs::read(dist.join(&name)).expect("it is there");
            assert_eq!(served, text.as_bytes());
            let digest = Sha256::digest(served);
            let digits: String = digest[..8]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(name, format!("waypost-{digits}.js"));
            names.push(name);
        }
        assert_ne!(names[0], names[1]);
    }
}
