//! Where things are: the repository, its build output and the tools kept for the user.

use crate::error::{Context, Outcome};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The repository, as cargo says it when xtask runs: one build may serve several checkouts.
pub(crate) fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package
        .ancestors()
        .nth(2)
        .expect("xtask lies two folders below the root")
        .to_path_buf()
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The dashboard as it was built last.
pub(crate) fn built_dashboard() -> PathBuf {
    stamps().join("dist")
}

/// The dashboard that the control plane embeds.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// The browser tests, whose `node_modules` also hold wasm-opt.
pub(crate) fn e2e() -> PathBuf {
    root().join("tests/e2e")
}

/// The control plane's binary, as users run it.
pub(crate) fn release_binary() -> PathBuf {
    target().join("release/waypost")
}

/// What xtask keeps between two runs to tell what is up to date.
pub(crate) fn stamps() -> PathBuf {
    target().join("xtask")
}

/// Tools that no package manager of the system brings, kept once per user.
pub(crate) fn tool_cache() -> PathBuf {
    let base = match env::var_os("XDG_CACHE_HOME") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => match env::var_os("HOME") {
            Some(home) => PathBuf::from(home).join(".cache"),
            None => env::temp_dir(),
        },
    };
    base.join("waypost")
}

/// Tools that `cargo install` puts into the user's cache.
pub(crate) fn cargo_tools() -> PathBuf {
    tool_cache().join("cargo")
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
