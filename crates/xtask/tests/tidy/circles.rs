//! Modules that import one another can only be read together, so there are no circles.

use crate::modules::{Modules, Siblings};
use crate::source::{assert_none, files};
use std::collections::BTreeSet;

/// The folders with the sources of each crate.
fn crates() -> BTreeSet<String> {
    let roots = files("crates", "lib.rs")
        .into_iter()
        .chain(files("crates", "main.rs"));
    let folders = roots.filter_map(|file| Some(file.path.rsplit_once('/')?.0.to_owned()));
    let mut folders: BTreeSet<String> = folders.filter(|folder| folder.ends_with("/src")).collect();
    folders.insert("src".to_owned());
    folders
}

#[test]
fn modules_import_one_another_in_one_direction() {
    let (mut levels, mut offences) = (0, Vec::new());
    assert!(crates().len() >= 8, "only {:?} were found", crates());
    for folder in &crates() {
        for (parent, siblings) in Modules::below(folder).siblings() {
            levels += 1;
            let circles = circles(&siblings).into_iter();
            offences.extend(circles.map(|circle| {
                let below = if parent.is_empty() { "" } else { "::" };
                format!("{folder}: {parent}{below}{{{}}}", circle.join(" → "))
            }));
        }
    }
    assert!(levels >= 30, "only {levels} levels were found");
    assert_none(
        "A module knows those below it: move what both need into a module that both may know.",
        &offences,
    );
}

/// For each module that is part of a circle, the shortest one, beginning and ending with it. Each
/// circle is listed once.
fn circles(imports: &Siblings) -> Vec<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for start in imports.keys() {
        let Some(circle) = way_back(imports, start) else {
            continue;
        };
        let members: BTreeSet<String> = circle.iter().cloned().collect();
        if seen.insert(members) {
            found.push(circle);
        }
    }
    found
}

fn way_back(imports: &Siblings, start: &str) -> Option<Vec<String>> {
    let mut visited = BTreeSet::new();
    let mut ways = std::collections::VecDeque::from([vec![start.to_owned()]]);
    while let Some(way) = ways.pop_front() {
        for next in imports.get(way.last()?).into_iter().flatten() {
            let mut longer = way.clone();
            longer.push(next.clone());
            if next == start {
                return Some(longer);
            }
            if visited.insert(next.clone()) {
                ways.push_back(longer);
            }
        }
    }
    None
}

#[test]
fn circles_are_found_once() {
    let imports = [
        ("api", vec!["dom"]),
        ("app", vec!["pages"]),
        ("dom", vec![]),
        ("pages", vec!["state"]),
        ("state", vec!["app", "api"]),
    ];
    let imports = imports.into_iter().map(|(module, named)| {
        let named = named.into_iter().map(str::to_owned).collect();
        (module.to_owned(), named)
    });
    assert_eq!(
        circles(&imports.collect()),
        [["app", "pages", "state", "app"]]
    );
}
