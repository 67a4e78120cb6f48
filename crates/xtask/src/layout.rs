//! Where things are: the repository, its build output and the tools kept for the user.

use std::env;
use std::path::PathBuf;

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

/// The dashboard as trunk and xtask leave it.
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
