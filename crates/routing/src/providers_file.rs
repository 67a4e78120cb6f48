//! The providers file: the catalog's layer `user-local`.
//!
//! Errors are per entry. An entry at fault is not loaded and blocks its name, and the others load
//! all the same; only a fault of the whole file loads nothing. Every problem is reported at once,
//! with the place where it stands. No message repeats a value of the file, because a key may have
//! been written where none belongs.

mod entry;

use crate::catalog::{BlockedName, ProviderEntry};
use crate::codes;
use crate::document::{shown, unknown_field};
use crate::problem::Severity;
use crate::yaml::{self, Mapping, Node, Position, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What a providers file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProvidersFile {
    /// The entries without an error, in the order of the file.
    pub entries: Vec<ProviderEntry>,
    /// The names of the others, each with its first error.
    pub blocked: Vec<BlockedName>,
    /// Every error and warning, in the order of the file.
    pub issues: Vec<FileIssue>,
    /// Where the name of each entry stands, for problems that only show beside other names.
    pub positions: BTreeMap<String, Position>,
    /// Whether the file itself is invalid, so that nothing of it is loaded.
    pub whole_file_failed: bool,
}

/// One problem of a providers file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileIssue {
    /// How grave it is.
    pub severity: Severity,
    /// The entry's name; `None` where it stands outside the entries.
    pub entry: Option<String>,
    /// A stable code, such as `invalid_base_url`.
    pub code: &'static str,
    /// What is wrong and what to do, in whole sentences.
    pub message: String,
    /// The line, from 1; `None` where the file has no text.
    pub line: Option<u32>,
    /// The column, from 1, in characters.
    pub column: Option<u32>,
}

impl FileIssue {
    fn new(
        severity: Severity,
        entry: Option<&str>,
        code: &'static str,
        message: impl Into<String>,
        position: Position,
    ) -> Self {
        Self {
            severity,
            entry: entry.map(str::to_owned),
            code,
            message: message.into(),
            line: Some(position.line),
            column: Some(position.column),
        }
    }
}

impl ProvidersFile {
    /// A file that exists and cannot be read, for the reason given, which completes the sentence
    /// "The providers file cannot be read: …".
    #[must_use]
    pub fn unreadable(reason: &str) -> Self {
        Self::failed(FileIssue {
            severity: Severity::Error,
            entry: None,
            code: codes::UNREADABLE,
            message: format!("The providers file cannot be read: {reason}."),
            line: None,
            column: None,
        })
    }

    fn failed(issue: FileIssue) -> Self {
        Self {
            issues: vec![issue],
            whole_file_failed: true,
            ..Self::default()
        }
    }
}

/// Reads a providers file. An empty file, and one without `providers`, has no entries.
#[must_use]
pub fn read(bytes: &[u8]) -> ProvidersFile {
    if bytes.len() > yaml::MAX_BYTES {
        let limit = yaml::MAX_BYTES >> 20;
        return ProvidersFile::unreadable(&format!("it is larger than {limit} MiB"));
    }
    let whole_file = |code, message: &str, position| {
        let issue = FileIssue::new(Severity::Error, None, code, message, position);
        ProvidersFile::failed(issue)
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            return whole_file(
                codes::NOT_UTF8,
                "The providers file must be UTF-8 text; the byte here is not.",
                Position::after(&valid),
            );
        }
    };
    let document = match yaml::parse(text) {
        Ok(document) => document,
        Err(error) => return whole_file(error.code(), error.message(), error.position()),
    };
    match document.value() {
        Value::Null => ProvidersFile::default(),
        Value::Mapping(top) => read_top(top),
        _ => whole_file(
            codes::NOT_A_MAPPING,
            &format!(
                "The providers file must be a mapping with `providers`, not {}.",
                document.kind()
            ),
            document.position(),
        ),
    }
}

/// Reads the mapping that the file is.
fn read_top(top: &Mapping) -> ProvidersFile {
    let mut file = ProvidersFile::default();
    let whole_file = |code, message: String, position| {
        FileIssue::new(Severity::Error, None, code, message, position)
    };
    let mut faults = Vec::new();
    if let Some(version) = top.get("version").filter(|version| !is_version(version)) {
        faults.push(whole_file(
            codes::INVALID_VERSION,
            "`version` must be a whole number, such as 1.".to_owned(),
            version.position(),
        ));
    }
    match top
        .get("providers")
        .map(|providers| (providers, providers.value()))
    {
        None | Some((_, Value::Null)) => {}
        Some((_, Value::Mapping(entries))) => read_entries(entries, &mut file),
        Some((providers, _)) => faults.push(whole_file(
            codes::INVALID_PROVIDERS,
            format!(
                "`providers` must be a mapping of names to entries, not {}.",
                providers.kind()
            ),
            providers.position(),
        )),
    }
    for key in top.repeated_keys() {
        let code = match key.as_text() {
            Some("version") => codes::INVALID_VERSION,
            Some("providers") => codes::INVALID_PROVIDERS,
            _ => continue,
        };
        let message = format!("There is more than one {} in the file.", shown(key));
        faults.push(whole_file(code, message, key.position()));
    }
    file.whole_file_failed = !faults.is_empty();
    file.issues.extend(faults);
    for (key, _) in top.iter() {
        if !matches!(key.as_text(), Some("version" | "providers")) {
            file.issues.push(FileIssue::new(
                Severity::Warning,
                None,
                codes::UNKNOWN_FIELD,
                unknown_field("Ignored", key, &["version", "providers"]),
                key.position(),
            ));
        }
    }
    finish(file)
}

/// Whether a value is a whole number, quoted or not.
fn is_version(version: &Node) -> bool {
    match version.value() {
        Value::Integer(text) => !text.starts_with('-'),
        Value::Text(text) => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

fn read_entries(entries: &Mapping, file: &mut ProvidersFile) {
    for (key, value) in entries.iter() {
        if let Some(name) = key.as_text() {
            let position = file.positions.entry(name.to_owned());
            position.or_insert_with(|| key.position());
        }
        let entry = entry::read(key, value, &mut file.issues);
        file.entries.extend(entry);
    }
    for key in entries.repeated_keys() {
        file.issues.push(FileIssue::new(
            Severity::Error,
            Some(&key.label()),
            codes::DUPLICATE_ENTRY,
            "The name is used twice, so neither entry is loaded.",
            key.position(),
        ));
    }
}

/// Puts the issues in the order of the file, and blocks the names that an error stands under.
fn finish(mut file: ProvidersFile) -> ProvidersFile {
    file.issues.sort_by_key(|issue| (issue.line, issue.column));
    let mut faulty = BTreeSet::new();
    for issue in &file.issues {
        let (Severity::Error, Some(name)) = (issue.severity, &issue.entry) else {
            continue;
        };
        if faulty.insert(name.clone()) {
            file.blocked.push(BlockedName {
                name: name.clone(),
                code: issue.code.to_owned(),
                message: issue.message.clone(),
            });
        }
    }
    file.entries.retain(|entry| !faulty.contains(&entry.name));
    if file.whole_file_failed {
        file.entries.clear();
        file.blocked.clear();
    }
    file
}

#[cfg(test)]
mod tests;
