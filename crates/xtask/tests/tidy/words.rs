//! Words that texts, comments and documents avoid, because sentences with them read as if
//! translated.

use crate::source::{File, assert_none, files, has_word};

/// Each word or phrase, in lower case, and what to write instead.
const AVOIDED: [(&str, &str); 32] = [
    ("whom", "who it is"),
    ("whoever", "who it is"),
    ("nobody", "who it is"),
    ("somebody", "who it is"),
    ("told", "shown, given, reported"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("mending", "fixing"),
    ("take away", "remove"),
    ("takes away", "removes"),
    ("laid over", "applied to"),
    ("lay over", "apply to"),
    ("by itself", "alone"),
    ("as a whole", "completely"),
    ("what is said", "the message"),
    ("come of", "result from"),
    ("comes of", "results from"),
    ("goes before", "precedes, replaces"),
    ("stand there", "be there"),
    ("stands there", "is there"),
    ("stand in", "be in"),
    ("stands in", "is in"),
    ("stand beside", "be beside"),
    ("stands beside", "is beside"),
    ("stand below", "be below"),
    ("stands below", "is below"),
    ("stand above", "be above"),
    ("stands above", "is above"),
    ("of its own", "its own"),
    ("no fault", "fine, optional"),
    ("in force", "effective, active"),
];

/// Texts that must stay as they are: a migration's digest is recorded wherever it has run, a golden
/// file's inputs have an alias among the words, and this file and `names.rs` quote them.
const FIXED: [&str; 4] = [
    "crates/store/migrations/",
    "crates/routing/tests/golden/",
    "crates/xtask/tests/tidy/names.rs",
    "crates/xtask/tests/tidy/words.rs",
];

/// The avoided words of a text, names of functions and tests included: the line of each, the word, and what to write instead.
fn avoided(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        // The words of a name are joined by `_`.
        let line = line.to_lowercase().replace('_', " ");
        for (word, instead) in AVOIDED {
            if has_word(&line, word) {
                found.push((number + 1, word, instead));
            }
        }
    }
    found
}

/// Everything that people read: sources with their comments and texts, styles, documents.
fn texts() -> Vec<File> {
    let endings = [".rs", ".mjs", ".css", ".sql", ".html", ".md"];
    let mut texts: Vec<File> = endings
        .into_iter()
        .flat_map(|ending| files(".", ending))
        .collect();
    texts.retain(|file| !FIXED.iter().any(|fixed| file.path.starts_with(fixed)));
    texts
}

#[test]
fn texts_avoid_words_that_sound_translated() {
    let offences: Vec<String> = texts()
        .iter()
        .flat_map(|file| {
            let found = avoided(&file.text).into_iter();
            found.map(|(line, word, instead)| {
                format!("{}:{line}: \"{word}\", better: {instead}", file.path)
            })
        })
        .collect();
    assert_none(
        "Plain words are read faster and found by search.",
        &offences,
    );
}

#[test]
fn words_are_found_in_any_case_and_only_whole() {
    let found = |text: &str| avoided(text).len();
    assert_eq!(found("Whom it may concern\nis told"), 2);
    assert_eq!(
        avoided("a\n// in force"),
        [(2, "in force", "effective, active")]
    );
    assert_eq!(found("is_told_at_once, what_stands_in"), 2);
    assert_eq!(found("untold, stands inside"), 0);
}
