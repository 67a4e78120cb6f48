//! The three layers as one list, once the names of custom sources are taken into account.

use super::file::FileState;
use crate::store::{StoredProvider, StoredSource};
use std::collections::BTreeSet;
use waypost_api_types::{FileProblem, FileSeverity};
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::catalog::{BlockedName, ProviderEntry};

/// Every entry of every layer, and what is wrong with the providers file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// The entries that are loaded.
    pub entries: Vec<ProviderEntry>,
    /// The names that faulty entries of the providers file have blocked.
    pub blocked: Vec<BlockedName>,
    /// What is wrong with the providers file.
    pub problems: Vec<FileProblem>,
}

/// The code of an entry whose name a custom source has.
pub const NAME_TAKEN: &str = "name_taken";

impl Layers {
    /// Puts the layers together.
    ///
    /// An entry of the file with a source's slug is not loaded. The source keeps the name, which is
    /// not blocked, so that editing the file cannot break a source.
    #[must_use]
    pub fn new(file: &FileState, workspace: &[StoredProvider], sources: &[StoredSource]) -> Self {
        let slugs: BTreeSet<&str> = sources.iter().map(|source| source.slug.as_str()).collect();
        let mut problems = file.problems.clone();
        for entry in &file.entries {
            if slugs.contains(entry.name.as_str()) {
                problems.push(name_taken(file, &entry.name));
            }
        }
        let loaded = file
            .entries
            .iter()
            .filter(|entry| !slugs.contains(entry.name.as_str()));
        let entries = builtin()
            .into_iter()
            .chain(loaded.cloned())
            .chain(workspace.iter().map(|provider| provider.entry.clone()))
            .collect();
        let blocked = file
            .blocked
            .iter()
            .filter(|name| !slugs.contains(name.name.as_str()))
            .cloned()
            .collect();
        Self {
            entries,
            blocked,
            problems,
        }
    }
}

fn name_taken(file: &FileState, name: &str) -> FileProblem {
    let position = file.positions.get(name);
    FileProblem {
        severity: FileSeverity::Error,
        entry: Some(name.to_owned()),
        code: NAME_TAKEN.to_owned(),
        message: format!(
            "A custom source has the slug `{name}`, so this entry is not loaded. \
             Give the entry another name, or delete the source."
        ),
        line: position.map(|position| position.line),
        column: position.map(|position| position.column),
    }
}
