//! Tests of the service on each backend, and of what happens when one fails.

mod binding;
mod crash;
mod encrypted_file;
#[cfg(target_os = "linux")]
mod keychain;
mod service;

use super::backend::{Backend, Sealed};
use super::*;
use crate::store::Store;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use waypost_api_types::SecretsBackend;

/// A workspace in a directory of its own.
struct Workspace {
    folder: TempDir,
    store: Arc<dyn Store>,
    id: String,
}

impl Workspace {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::store::sqlite::open(folder.path()).await.unwrap();
        let id = store.workspace_id().await.unwrap();
        let store = Arc::new(store);
        Self { folder, store, id }
    }

    async fn open(&self, choice: Option<SecretsBackend>) -> Result<Secrets, SecretsError> {
        Secrets::open(choice, self.folder.path(), &self.id, self.store.clone()).await
    }

    async fn in_file(&self) -> Secrets {
        self.open(Some(SecretsBackend::File)).await.ok().unwrap()
    }
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// The value for an origin, as text that a test can compare.
async fn value(secrets: &Secrets, name: &str, origin: &str) -> Option<String> {
    secrets
        .for_origin(name, origin)
        .await
        .unwrap()
        .map(|value| value.expose().to_owned())
}

/// A backend in memory that can be told to fail, before or after it has taken effect.
#[derive(Default)]
struct Unsteady {
    entries: Mutex<std::collections::BTreeMap<String, Vec<u8>>>,
    down: AtomicBool,
    answers_are_lost: AtomicBool,
}

impl Unsteady {
    fn answer<T>(&self, value: T) -> Result<T, String> {
        if self.answers_are_lost.load(Ordering::SeqCst) {
            return Err("the answer was lost".to_owned());
        }
        Ok(value)
    }

    fn check(&self) -> Result<(), String> {
        if self.down.load(Ordering::SeqCst) {
            return Err("it is down".to_owned());
        }
        Ok(())
    }
}

impl Backend for Unsteady {
    fn kind(&self) -> SecretsBackend {
        SecretsBackend::Keychain
    }

    fn names(&self) -> Result<BTreeSet<String>, String> {
        self.check()?;
        Ok(self.entries.lock().unwrap().keys().cloned().collect())
    }

    fn read(&self, name: &str) -> Result<Option<Sealed>, String> {
        self.check()?;
        let entries = self.entries.lock().unwrap();
        Ok(entries
            .get(name)
            .map(|bytes| Sealed::decode(bytes).unwrap()))
    }

    fn write(&self, name: &str, sealed: &Sealed) -> Result<(), String> {
        self.check()?;
        let bytes = sealed.encode().to_vec();
        self.entries.lock().unwrap().insert(name.to_owned(), bytes);
        self.answer(())
    }

    fn delete(&self, name: &str) -> Result<bool, String> {
        self.check()?;
        let removed = self.entries.lock().unwrap().remove(name).is_some();
        self.answer(removed)
    }
}
