//! `docs/codes.md` shows the table in `codes.rs`.
//!
//! After a change, `WAYPOST_BLESS=1 cargo test -p waypost-routing --test codes` rewrites it.

#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use waypost_routing::codes::{ALL, Code, CodeKind};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/codes.md");

const SECTIONS: [(CodeKind, &str, &str); 3] = [
    (
        CodeKind::Error,
        "Errors",
        "A ref, a value, an entry of a file or a document is rejected. A rejected resolution has one of\n\
         these in `error.code`.",
    ),
    (
        CodeKind::Warning,
        "Warnings",
        "Something is accepted that an administrator should know about: in the `warnings` of a\n\
         resolution, or among the problems of a file.",
    ),
    (
        CodeKind::Reason,
        "Reasons",
        "Why a rule took a request or not: the `reason` of an entry in a resolution's `trace`.",
    ),
];

fn of_kind(kind: CodeKind) -> impl Iterator<Item = &'static Code> {
    ALL.iter().filter(move |code| code.kind == kind)
}

fn page() -> String {
    let mut page = String::from(
        "# Codes\n\n\
         Codes are stable: scripts can compare them. Messages may change. A test keeps the first three\n\
         tables equal to `crates/routing/src/codes.rs`, another one checks that the last two tables have every code of the API and\n\
         of forwarding.\n",
    );
    for (kind, title, introduction) in SECTIONS {
        writeln!(
            page,
            "\n## {title}\n\n{introduction}\n\n| code | meaning |\n|---|---|"
        )
        .unwrap();
        for code in of_kind(kind) {
            writeln!(page, "| `{}` | {} |", code.code, code.meaning).unwrap();
        }
    }
    page
}

#[test]
fn the_page_shows_the_table() {
    let page = page();
    let shown = std::fs::read_to_string(PATH).unwrap();
    // What the control plane adds is checked there.
    let (tables, rest) = shown.split_once("\n## API errors").unwrap();
    if std::env::var_os("WAYPOST_BLESS").is_some() {
        std::fs::write(PATH, format!("{page}\n## API errors{rest}")).unwrap();
    } else {
        assert!(tables == page, "docs/codes.md must begin with:\n{page}");
    }
}

#[test]
fn a_code_means_one_thing_and_says_so_in_a_sentence() {
    for (kind, ..) in SECTIONS {
        let codes: Vec<&str> = of_kind(kind).map(|code| code.code).collect();
        let distinct: BTreeSet<&str> = codes.iter().copied().collect();
        assert_eq!(codes.len(), distinct.len());
    }
    for code in ALL {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        assert!(code.code.bytes().all(is_plain), "{}", code.code);
        assert!(code.meaning.ends_with('.'), "{}", code.code);
        assert!(!code.meaning.contains('|'), "{}", code.code);
    }
}
