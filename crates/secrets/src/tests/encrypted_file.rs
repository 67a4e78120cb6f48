//! The encrypted file: what is on the disk, and what becomes of it when it is damaged.

use super::*;
use crate::blocking::BlockingBackend as _;
use crate::file::{ENTRIES_NAME, KEY_NAME};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

const ORIGIN: &str = "https://a.example";

struct Files {
    folder: TempDir,
    backend: EncryptedFile,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backend = EncryptedFile::new(folder.path());
        backend.begin().unwrap();
        Self { folder, backend }
    }

    fn with(entries: &[(&str, &str)]) -> Self {
        let files = Self::new();
        for (name, text) in entries {
            files
                .backend
                .put(name, &document(None, ORIGIN, text))
                .unwrap();
        }
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path(ENTRIES_NAME)).unwrap()
    }

    /// The names on the disk.
    fn names(&self) -> BTreeSet<String> {
        let document: serde_json::Value = serde_json::from_str(&self.text()).unwrap();
        let entries = document["entries"].as_object().unwrap();
        entries.keys().cloned().collect()
    }

    /// Overwrites the entries, keeping the mode.
    fn replace(&self, text: &str) {
        fs::write(self.path(ENTRIES_NAME), text).unwrap();
    }

    fn read(&self, name: &str) -> Result<Option<String>, String> {
        let document = self.backend.get(name).map_err(|error| error.to_string())?;
        Ok(document.map(|document| document.current.value.expose().to_owned()))
    }

    /// Nothing can be read or written, and the file stays byte for byte as it is.
    fn assert_closed(&self, because: &str) {
        let before = fs::read(self.path(ENTRIES_NAME)).ok();
        let failures = [
            self.backend.health().unwrap_err().to_string(),
            self.read("a/api-key").map(|_| ()).unwrap_err(),
            self.backend
                .put("b/api-key", &document(None, ORIGIN, "new"))
                .unwrap_err()
                .to_string(),
            self.backend.delete("a/api-key").unwrap_err().to_string(),
        ];
        for failure in failures {
            assert!(failure.contains(because), "{failure}");
        }
        assert_eq!(fs::read(self.path(ENTRIES_NAME)).ok(), before);
    }
}

#[test]
fn it_reads_back_what_it_was_given() {
    let files = Files::with(&[("a/api-key", "one"), ("b/api-key", "two")]);
    files
        .backend
        .put("a/api-key", &document(None, ORIGIN, "three"))
        .unwrap();
    assert_eq!(files.read("a/api-key").unwrap().as_deref(), Some("three"));
    assert_eq!(files.read("b/api-key").unwrap().as_deref(), Some("two"));
    assert_eq!(files.read("c/api-key").unwrap(), None);
    assert!(files.backend.delete("a/api-key").unwrap());
    assert!(!files.backend.delete("a/api-key").unwrap());
    assert_eq!(files.names(), BTreeSet::from(["b/api-key".to_owned()]));
}

#[test]
fn no_value_is_on_the_disk_in_the_clear_and_equal_values_look_different() {
    let files = Files::with(&[("a/api-key", "canary-value"), ("b/api-key", "canary-value")]);
    for entry in fs::read_dir(files.folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(12).any(|part| part == b"canary-value"));
    }
    let document: serde_json::Value = serde_json::from_str(&files.text()).unwrap();
    assert_ne!(
        document["entries"]["a/api-key"]["sealed"],
        document["entries"]["b/api-key"]["sealed"]
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files_and_looser_ones_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let files = Files::with(&[("a/api-key", "one")]);
    for name in [ENTRIES_NAME, KEY_NAME] {
        let path = files.path(name);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        files.assert_closed("may be read or changed by other users (mode 640). Run: chmod 600");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(files.read("a/api-key").unwrap().as_deref(), Some("one"));
}

#[test]
fn a_changed_byte_closes_it() {
    let files = Files::with(&[("a/api-key", "one")]);
    let mut document: serde_json::Value = serde_json::from_str(&files.text()).unwrap();
    for field in ["nonce", "sealed"] {
        let original = document["entries"]["a/api-key"][field].clone();
        let text = original.as_str().unwrap();
        let first = if text.starts_with('A') { 'B' } else { 'A' };
        document["entries"]["a/api-key"][field] = format!("{first}{}", &text[1..]).into();
        files.replace(&document.to_string());
        files.assert_closed("cannot be opened");
        document["entries"]["a/api-key"][field] = original;
    }
}

#[test]
fn an_entry_beside_another_origin_or_under_another_name_does_not_open() {
    let files = Files::with(&[("a/api-key", "one")]);
    let honest = files.text();
    files.replace(&honest.replace(ORIGIN, "https://b.example"));
    files.assert_closed("cannot be opened");
    files.replace(&honest.replace("a/api-key", "b/api-key"));
    files.assert_closed("cannot be opened");
    files.replace(&honest);
    assert_eq!(files.read("a/api-key").unwrap().as_deref(), Some("one"));
}

#[test]
fn what_is_no_document_closes_it() {
    let files = Files::with(&[("a/api-key", "one")]);
    let honest = files.text();
    for broken in ["", "{", "[]", "null", &honest[..honest.len() / 2]] {
        files.replace(broken);
        files.assert_closed("is damaged");
    }
    files.replace(&honest.replace("\"version\": 1", "\"version\": 2"));
    files.assert_closed("has version 2");
}

#[test]
fn the_key_of_another_file_closes_it() {
    let files = Files::with(&[("a/api-key", "one")]);
    let other = Files::new();
    fs::copy(other.path(KEY_NAME), files.path(KEY_NAME)).unwrap();
    files.assert_closed("cannot be opened");
    fs::write(files.path(KEY_NAME), "short").unwrap();
    files.assert_closed("does not hold a key of 32 bytes");
}

#[test]
fn a_lost_file_closes_it_and_both_lost_begin_anew() {
    let files = Files::with(&[("a/api-key", "one")]);
    let key = fs::read(files.path(KEY_NAME)).unwrap();
    fs::remove_file(files.path(KEY_NAME)).unwrap();
    files.assert_closed("secrets.key is missing");

    fs::rename(files.path(ENTRIES_NAME), files.path("elsewhere")).unwrap();
    assert_eq!(files.read("a/api-key").unwrap(), None);
    files
        .backend
        .put("b/api-key", &document(None, ORIGIN, "two"))
        .unwrap();
    assert_eq!(files.read("b/api-key").unwrap().as_deref(), Some("two"));
    assert_ne!(fs::read(files.path(KEY_NAME)).unwrap(), key, "a fresh key");

    fs::remove_file(files.path(ENTRIES_NAME)).unwrap();
    files.assert_closed("secrets.json is missing while its key");
}

#[test]
fn what_a_crash_leaves_behind_does_no_harm() {
    let files = Files::with(&[("a/api-key", "one")]);
    // While the new file was being written.
    fs::write(files.path("secrets.json.new"), "half of a docu").unwrap();
    assert_eq!(files.read("a/api-key").unwrap().as_deref(), Some("one"));
    files
        .backend
        .put("b/api-key", &document(None, ORIGIN, "two"))
        .unwrap();
    assert!(!files.path("secrets.json.new").exists());

    // Between making the empty file and its key.
    let fresh = Files::new();
    fs::remove_file(fresh.path(KEY_NAME)).unwrap();
    fresh
        .backend
        .put("a/api-key", &document(None, ORIGIN, "one"))
        .unwrap();
    assert_eq!(fresh.read("a/api-key").unwrap().as_deref(), Some("one"));
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_keeps_the_old_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let files = Files::with(&[("a/api-key", "one")]);
    // A directory in place of the new file stops even root, which ignores permissions.
    fs::create_dir(files.path("secrets.json.new")).unwrap();
    fs::set_permissions(
        files.path("secrets.json.new"),
        fs::Permissions::from_mode(0o700),
    )
    .unwrap();
    let failure = files
        .backend
        .put("a/api-key", &document(None, ORIGIN, "two"))
        .unwrap_err()
        .to_string();
    assert!(failure.contains("cannot be written"), "{failure}");
    assert_eq!(files.read("a/api-key").unwrap().as_deref(), Some("one"));
}

#[test]
fn two_processes_on_one_directory_lose_nothing() {
    let files = Files::new();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            // Each writer has its own backend, as separate processes would.
            let backend = EncryptedFile::new(files.folder.path());
            scope.spawn(move || {
                for number in 0..8 {
                    let name = format!("w{writer}-{number}/api-key");
                    backend.put(&name, &document(None, ORIGIN, "x")).unwrap();
                }
            });
        }
    });
    assert_eq!(files.names().len(), 32);
}

#[test]
fn entries_of_the_previous_release_open() {
    let files = Files::new();
    // As 0.1 encoded a value; the entry around it is the same.
    let bytes = b"waypost-secret-1\n7\nhttps://a.example\nsk-old";
    files
        .backend
        .write_bytes("a/api-key", ORIGIN, bytes)
        .unwrap();
    let back = files.backend.get("a/api-key").unwrap().unwrap();
    assert_eq!(back.current.revision, None);
    assert_eq!(
        (back.current.set_at, back.current.value.expose()),
        (7, "sk-old")
    );
}

/// A check reads every secret: opening all of them for each one would take minutes with thousands.
#[test]
fn reading_every_secret_opens_each_one_twice_at_most() {
    let names: Vec<String> = (0..20).map(|number| format!("p{number}/api-key")).collect();
    let entries: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    let files = Files::with(&entries);
    let again = EncryptedFile::new(files.folder.path());
    again.health().unwrap();
    for name in &names {
        assert!(again.get(name).unwrap().is_some());
    }
    let unsealed = again.unsealed.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(unsealed, 2 * names.len());
}
