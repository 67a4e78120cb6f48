//! Names that a newcomer guesses: one for each concept, for types, files and pages.

use crate::code::Code;
use crate::source::{File, assert_none, files};
use std::collections::BTreeMap;
use syn::Item;

/// Names that types had, and what their concept is called now.
const RETIRED: [(&str, &str); 13] = [
    ("World", "RoutingTable"),
    ("Worlds", "RoutingHandle"),
    ("Outline", "Plan"),
    ("Decided", "Plan"),
    ("Facts", "Snapshot"),
    (
        "Draft",
        "Scenario for changes that are tried, …Form or …Input otherwise",
    ),
    ("Changing", "…Input"),
    ("Refusal", "ApiError, or DomainError below HTTP"),
    ("Remains", "Deletion"),
    ("Trash", "UndoLog"),
    ("Kept", "UndoEntry"),
    ("Flight", "RefreshHandle"),
    ("Whole", "RequestKey"),
];

/// Types that once had several meanings.
const UNIQUE: [&str; 2] = ["Endpoint", "Verdict"];

/// Names of files that say nothing about their subject.
const VAGUE: [&str; 13] = [
    "ask", "asked", "common", "gone", "helpers", "kept", "misc", "sent", "taken", "told", "util",
    "utils", "whole",
];

/// The code of the workspace, without tests.
fn sources() -> Vec<File> {
    let mut sources = files("crates", ".rs");
    sources.extend(files("src", ".rs"));
    sources.retain(|file| file.path.contains("src/") && !file.path.contains("/tests/"));
    sources
}

/// The name of a type or trait that an item defines.
fn defined(item: &Item) -> Option<String> {
    Some(match item {
        Item::Enum(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        _ => return None,
    })
}

#[test]
fn one_concept_has_one_name() {
    let mut offences = Vec::new();
    let mut homes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in sources() {
        for name in Code::of(&file).items().iter().filter_map(defined) {
            if let Some((_, instead)) = RETIRED.iter().find(|(retired, _)| *retired == name) {
                offences.push(format!("{} defines {name}: it is {instead}", file.path));
            }
            if let Some(unique) = UNIQUE.iter().find(|unique| **unique == name) {
                homes.entry(unique).or_default().push(file.path.clone());
            }
        }
    }
    for name in UNIQUE {
        let homes = homes.remove(name).unwrap_or_default();
        if homes.len() != 1 {
            offences.push(format!(
                "{name} is defined in {homes:?}, and should be once"
            ));
        }
    }
    assert_none("One concept has one name everywhere.", &offences);
}

#[test]
fn files_are_named_after_their_subject() {
    let offences: Vec<String> = sources()
        .into_iter()
        .filter(|file| {
            let parts = file.path.trim_end_matches(".rs").split('/');
            parts.into_iter().any(|part| VAGUE.contains(&part))
        })
        .map(|file| file.path)
        .collect();
    assert_none(
        "A newcomer guesses from its name what a file is about.",
        &offences,
    );
}

#[test]
fn pages_holds_pages_alone() {
    let mut routed = files("src/app", ".rs");
    routed.extend(files("src", "app.rs"));
    let routed: Vec<Vec<String>> = routed
        .iter()
        .flat_map(|file| Code::of(file).paths())
        .filter(|path| path.last().is_some_and(|name| name.ends_with("Page")))
        .collect();
    let is_routed = |module: &str| {
        routed
            .iter()
            .any(|path| path.starts_with(&["crate", "pages", module].map(str::to_owned)))
    };
    let modules = files("src/pages", ".rs").into_iter().filter_map(|file| {
        let name = file.path.strip_prefix("src/pages/")?.strip_suffix(".rs")?;
        (!name.contains('/')).then(|| name.to_owned())
    });
    let modules: Vec<String> = modules.collect();
    assert!(modules.len() >= 10, "only {modules:?} were found");
    let offences: Vec<String> = modules
        .into_iter()
        .filter(|module| !is_routed(module))
        .collect();
    assert_none(
        "What the table of routes does not show is no page: features is for what pages share.",
        &offences,
    );
}
