//! The encrypted file: `secrets.json`, and its key beside it in `secrets.key`.
//!
//! Every entry is sealed separately with XChaCha20-Poly1305 and bound to its name and origin, so an
//! entry moved to another name or origin does not open. A file that cannot be opened is never
//! overwritten; an administrator decides what to do with it.

use super::atomic_file;
use super::backend::BackendError;
use super::blocking::BlockingBackend;
use super::sealed::SealedSecret;
use crate::kind::SecretsBackendKind;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use waypost_system::random;
use zeroize::Zeroizing;

/// The file of the sealed entries.
pub(crate) const ENTRIES_NAME: &str = "secrets.json";
/// The file of the key.
pub(crate) const KEY_NAME: &str = "secrets.key";
/// What is written as `version`.
const VERSION: u32 = 1;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The file as it is written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    entries: BTreeMap<String, Entry>,
}

/// One sealed entry; nonce and text in base64.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    origin: String,
    nonce: String,
    sealed: String,
}

/// What is on the disk: every entry of it opens.
struct Opened {
    cipher: XChaCha20Poly1305,
    document: Document,
}

/// The bytes of both files that were opened last. A check reads the secrets one after another, and
/// would otherwise open all of them for each one.
struct LastOpened {
    key: Zeroizing<Vec<u8>>,
    entries: Zeroizing<Vec<u8>>,
    opened: Arc<Opened>,
}

/// The backend.
pub(crate) struct EncryptedFile {
    entries_path: PathBuf,
    key_path: PathBuf,
    /// Reading, changing and writing the file is one step within the process.
    changing: Mutex<()>,
    last_opened: Mutex<Option<LastOpened>>,
    /// How many entries were opened.
    #[cfg(test)]
    pub(crate) unsealed: std::sync::atomic::AtomicUsize,
}

impl EncryptedFile {
    /// The backend of a data directory. Nothing is read or written yet.
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self {
            entries_path: data_dir.join(ENTRIES_NAME),
            key_path: data_dir.join(KEY_NAME),
            changing: Mutex::new(()),
            last_opened: Mutex::default(),
            #[cfg(test)]
            unsealed: Default::default(),
        }
    }

    /// Makes both files where neither is there, and reads them back.
    pub(crate) fn begin(&self) -> Result<(), String> {
        let _guard = self.guard();
        self.open_or_make()?;
        self.open()?
            .ok_or_else(|| "the files disappeared while they were created".to_owned())?;
        Ok(())
    }

    fn guard(&self) -> MutexGuard<'_, ()> {
        // The lock guards no data, so a panic while it is held leaves nothing half done.
        self.changing
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Reads both files; `None` where neither is there.
    fn open(&self) -> Result<Option<Arc<Opened>>, String> {
        let key = atomic_file::read_private(&self.key_path)?;
        let entries = atomic_file::read_private(&self.entries_path)?;
        let (key, entries) = match (key, entries) {
            (Some(key), Some(entries)) => (key, entries),
            (None, None) => return Ok(None),
            (Some(_), None) => {
                return Err(format!(
                    "{} is missing while its key {KEY_NAME} is there. Put it back from a backup, or remove {KEY_NAME} as well and enter every key again",
                    self.entries_path.display()
                ));
            }
            (None, Some(entries)) => {
                // Both are made in this order, so that a crash in between leaves an empty file
                // without a key, which loses nothing.
                if self.document(&entries)?.entries.is_empty() {
                    return Ok(None);
                }
                return Err(format!(
                    "{} is missing, and without it {ENTRIES_NAME} cannot be opened. Put it back from a backup, or remove {ENTRIES_NAME} as well and enter every key again",
                    self.key_path.display()
                ));
            }
        };
        let mut last = self
            .last_opened
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(last) = &*last
            && *last.key == *key
            && *last.entries == *entries
        {
            return Ok(Some(Arc::clone(&last.opened)));
        }
        // What is closed now must not be taken for open later.
        *last = None;
        let opened = Opened {
            document: self.document(&entries)?,
            cipher: self.cipher(&key)?,
        };
        for (name, entry) in &opened.document.entries {
            self.unseal(&opened, name, entry)?;
        }
        let opened = Arc::new(opened);
        *last = Some(LastOpened {
            key,
            entries,
            opened: Arc::clone(&opened),
        });
        Ok(Some(opened))
    }

    fn document(&self, bytes: &[u8]) -> Result<Document, String> {
        let document: Document =
            serde_json::from_slice(bytes).map_err(|error| {
                // Only the place of serde's error is shown: its text may quote a secret.
                format!(
                    "{} is damaged at line {}, column {}. Put it back from a backup; nothing is written until then",
                    self.entries_path.display(),
                    error.line(),
                    error.column()
                )
            })?;
        if document.version != VERSION {
            return Err(format!(
                "{} has version {}, but this Waypost reads version {VERSION}",
                self.entries_path.display(),
                document.version
            ));
        }
        Ok(document)
    }

    fn cipher(&self, text: &[u8]) -> Result<XChaCha20Poly1305, String> {
        let key = Zeroizing::new(BASE64.decode(text.trim_ascii()).unwrap_or_default());
        if key.len() != KEY_BYTES {
            return Err(format!(
                "{} does not hold a key of {KEY_BYTES} bytes. Put it back from a backup; nothing is written until then",
                self.key_path.display()
            ));
        }
        Ok(XChaCha20Poly1305::new(Key::from_slice(&key)))
    }

    fn unseal(&self, opened: &Opened, name: &str, entry: &Entry) -> Result<SealedSecret, String> {
        #[cfg(test)]
        self.unsealed
            .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let fault = || {
            format!(
                "the entry {name:?} of {} cannot be opened: it or the key was changed. Put {ENTRIES_NAME} and {KEY_NAME} back from one backup, or remove both and enter every key again; nothing is written until then",
                self.entries_path.display()
            )
        };
        let nonce = BASE64.decode(&entry.nonce).map_err(|_| fault())?;
        let sealed = BASE64.decode(&entry.sealed).map_err(|_| fault())?;
        if nonce.len() != NONCE_BYTES {
            return Err(fault());
        }
        let payload = Payload {
            msg: &sealed,
            aad: &associated_data(name, &entry.origin),
        };
        let bytes = opened
            .cipher
            .decrypt(XNonce::from_slice(&nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| fault())?;
        SealedSecret::decode(&bytes)
            .filter(|document| document.current.origin == entry.origin)
            .ok_or_else(fault)
    }

    /// Opens what is there; where nothing is, makes an empty file and then a fresh key.
    fn open_or_make(&self) -> Result<Arc<Opened>, String> {
        if let Some(opened) = self.open()? {
            return Ok(opened);
        }
        let document = Document {
            version: VERSION,
            entries: BTreeMap::new(),
        };
        self.save(&document)?;
        let key = Zeroizing::new(random::bytes::<KEY_BYTES>());
        let mut text = Zeroizing::new(BASE64.encode(key.as_slice()));
        text.push('\n');
        atomic_file::write_private(&self.key_path, text.as_bytes())?;
        Ok(Arc::new(Opened {
            cipher: XChaCha20Poly1305::new(Key::from_slice(key.as_slice())),
            document,
        }))
    }

    fn save(&self, document: &Document) -> Result<(), String> {
        let mut bytes = serde_json::to_vec_pretty(document).expect("strings and numbers are JSON");
        bytes.push(b'\n');
        atomic_file::write_private(&self.entries_path, &bytes)
    }

    fn read(&self, name: &str) -> Result<Option<SealedSecret>, String> {
        let Some(opened) = self.open()? else {
            return Ok(None);
        };
        opened
            .document
            .entries
            .get(name)
            .map(|entry| self.unseal(&opened, name, entry))
            .transpose()
    }

    fn write(&self, name: &str, document: &SealedSecret) -> Result<(), String> {
        self.write_bytes(name, &document.current.origin, &document.encode())
    }

    pub(crate) fn write_bytes(&self, name: &str, origin: &str, bytes: &[u8]) -> Result<(), String> {
        let _guard = self.guard();
        self.open_or_make()?;
        let _lock = self.lock()?;
        let opened = self.open_or_make()?;
        let nonce = random::bytes::<NONCE_BYTES>();
        let payload = Payload {
            msg: bytes,
            aad: &associated_data(name, origin),
        };
        let text = opened
            .cipher
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| "the value could not be encrypted".to_owned())?;
        let mut document = opened.document.clone();
        document.entries.insert(
            name.to_owned(),
            Entry {
                origin: origin.to_owned(),
                nonce: BASE64.encode(nonce),
                sealed: BASE64.encode(text),
            },
        );
        self.save(&document)
    }

    fn remove(&self, name: &str) -> Result<bool, String> {
        let _guard = self.guard();
        if self.open()?.is_none() {
            return Ok(false);
        }
        let _lock = self.lock()?;
        let Some(opened) = self.open()? else {
            return Ok(false);
        };
        let mut document = opened.document.clone();
        if document.entries.remove(name).is_none() {
            return Ok(false);
        }
        self.save(&document)?;
        Ok(true)
    }

    /// Keeps other processes on the same directory from changing the file at the same time.
    fn lock(&self) -> Result<File, String> {
        let fault = |error: std::io::Error| {
            format!("{} cannot be locked: {error}", self.key_path.display())
        };
        let file = File::open(&self.key_path).map_err(fault)?;
        file.lock().map_err(fault)?;
        Ok(file)
    }
}

impl BlockingBackend for EncryptedFile {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::File
    }

    fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        self.read(name).map_err(BackendError::Unavailable)
    }

    fn put(&self, name: &str, document: &SealedSecret) -> Result<(), BackendError> {
        self.write(name, document)
            .map_err(BackendError::Unavailable)
    }

    fn delete(&self, name: &str) -> Result<bool, BackendError> {
        self.remove(name).map_err(BackendError::Unavailable)
    }

    fn health(&self) -> Result<(), BackendError> {
        self.open().map(drop).map_err(BackendError::Unavailable)
    }
}

/// What an entry is sealed under. The lengths keep the end of one part from being read as the
/// beginning of the next.
fn associated_data(name: &str, origin: &str) -> Vec<u8> {
    let mut data = b"waypost-secret-1".to_vec();
    for part in [name, origin] {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}
