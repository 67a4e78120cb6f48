//! Reading the repository's files, and telling code from comments and strings.

use std::fs;
use std::path::PathBuf;

/// A file of the repository.
pub(crate) struct File {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

impl File {
    /// The code alone: comments and the contents of strings are blank, and the unit tests, which
    /// stand at the end of a file, are left out.
    pub(crate) fn code(&self) -> String {
        let code = blank_comments_and_strings(&self.text);
        match code.find("#[cfg(test)]") {
            Some(tests) => code[..tests].to_owned(),
            None => code,
        }
    }

    /// Whether the code has this name as a whole word.
    pub(crate) fn names(&self, name: &str) -> bool {
        has_word(&self.code(), name)
    }
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

/// Replaces comments and the contents of strings and characters by spaces. Line breaks stay.
fn blank_comments_and_strings(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let end = end_of_blank(&letters, at);
        if end > at {
            for letter in &letters[at..end] {
                code.push(if *letter == '\n' { '\n' } else { ' ' });
            }
            at = end;
        } else {
            code.push(letters[at]);
            at += 1;
        }
    }
    code
}

/// Where the comment, string or character that begins here ends; `at` where none begins.
fn end_of_blank(letters: &[char], at: usize) -> usize {
    let next = letters.get(at + 1).copied();
    match letters[at] {
        '/' if next == Some('/') => find(letters, at, "\n"),
        '/' if next == Some('*') => find(letters, at + 2, "*/"),
        '"' => end_of_string(letters, at + 1),
        '\'' if next == Some('\\') => find(letters, at + 3, "'"),
        '\'' if letters.get(at + 2) == Some(&'\'') => at + 3,
        'r' if at == 0 || !letters[at - 1].is_alphanumeric() => {
            let hashes = letters[at + 1..]
                .iter()
                .take_while(|letter| **letter == '#')
                .count();
            if letters.get(at + 1 + hashes) == Some(&'"') {
                let close = format!("\"{}", "#".repeat(hashes));
                find(letters, at + 2 + hashes, &close)
            } else {
                at
            }
        }
        _ => at,
    }
}

fn end_of_string(letters: &[char], mut at: usize) -> usize {
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    letters.len()
}

/// The place behind the next `close`.
fn find(letters: &[char], from: usize, close: &str) -> usize {
    let close: Vec<char> = close.chars().collect();
    (from..letters.len())
        .find(|at| letters[*at..].starts_with(&close))
        .map_or(letters.len(), |at| at + close.len())
}

#[test]
fn comments_and_strings_are_no_code() {
    let text =
        "let a = \"axum \\\" b\"; // axum\n/* axum */ let c = '\"'; let d = r#\"axum\"#; x::<'a>()";
    let code = blank_comments_and_strings(text);
    assert!(!code.contains("axum"), "{code}");
    for kept in ["let a =", "let c =", "let d =", "x::<'a>()"] {
        assert!(code.contains(kept), "{kept} in {code}");
    }
}

#[test]
fn words_are_whole() {
    assert!(has_word("use axum::Router;", "axum"));
    assert!(!has_word("use axum_extra::Router;", "axum"));
    assert!(!has_word("my_axum", "axum"));
}
