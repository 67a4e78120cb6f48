//! Reading the repository's files.

use std::fs;
use std::path::PathBuf;

/// A file of the repository.
pub(crate) struct File {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

/// The repository's root.
///
/// As cargo says it when the tests run, since one build may serve several checkouts.
pub(crate) fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.join("../..")
}

/// One file by its path from the root.
pub(crate) fn file(path: &str) -> File {
    let text = fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("cannot read {path}: {error}"));
    File {
        path: path.to_owned(),
        text,
    }
}

/// Every file below a folder whose name ends so. Build output and installed packages are no part
/// of the repository.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<File> {
    let mut found = Vec::new();
    collect(folder.trim_end_matches('/'), ending, &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn collect(folder: &str, ending: &str, found: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(root().join(folder)) else {
        return;
    };
    for entry in entries {
        let entry = entry.expect("a folder that can be listed can be read on");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder == "." {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let is_folder = entry.file_type().expect("its kind is known").is_dir();
        let is_foreign = matches!(name.as_str(), "node_modules" | "target" | "dist" | ".git");
        if is_folder && !is_foreign {
            collect(&path, ending, found);
        } else if !is_folder && name.ends_with(ending) {
            found.push(file(&path));
        }
    }
}

/// Every Rust file of the repository.
pub(crate) fn rust() -> Vec<File> {
    files(".", ".rs")
}

/// Fails with all the offences at once.
#[track_caller]
pub(crate) fn assert_none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}\n  {}", offences.join("\n  "));
}

/// Whether a text has a name that is not part of a longer one.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    })
}

#[test]
fn words_are_whole() {
    assert!(has_word("use axum::Router;", "axum"));
    assert!(!has_word("use axum_extra::Router;", "axum"));
    assert!(!has_word("my_axum", "axum"));
}
