//! Tests of the store on each backend, and of failures at every step.

mod aws;
mod binding;
mod commit;
mod contract;
mod copy;
mod crash;
mod encrypted_file;
mod faults;
#[cfg(target_os = "linux")]
mod keychain;
mod store;
mod vault;

use crate::file::EncryptedFile;
use crate::*;
use faults::{MemoryBackend, MemoryRecords};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use waypost_egress::test_support::TestEgress;
use waypost_system::random;

const A: &str = "https://a.example";
const B: &str = "https://b.example";
const KEY: &str = "groq/api-key";

/// A workspace in a temporary directory.
struct Workspace {
    folder: TempDir,
    records: Arc<MemoryRecords>,
    id: String,
}

impl Workspace {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            records: Arc::default(),
            id: random::public_id(),
        }
    }

    async fn open(&self, choice: Option<SecretsBackendKind>) -> Result<SecretStore, SecretsError> {
        self.open_with(choice, Err("VAULT_ADDR is not set".to_owned()))
            .await
    }

    async fn open_with(
        &self,
        choice: Option<SecretsBackendKind>,
        vault: Result<VaultOptions, String>,
    ) -> Result<SecretStore, SecretsError> {
        let egress = TestEgress::new().client();
        let options = BackendOptions {
            vault,
            ..BackendOptions::local(self.folder.path(), &self.id, egress)
        };
        SecretStore::open(choice, &options, self.records.clone()).await
    }

    async fn in_file(&self) -> SecretStore {
        self.open(Some(SecretsBackendKind::File))
            .await
            .ok()
            .unwrap()
    }

    /// A store over this backend, which is checked only when the test says so.
    async fn over(&self, backend: Arc<dyn SecretsBackend>) -> SecretStore {
        self.over_with(backend, Duration::from_secs(5)).await
    }

    async fn over_with(&self, backend: Arc<dyn SecretsBackend>, limit: Duration) -> SecretStore {
        SecretStore::new(backend, self.folder.path(), self.records.clone(), limit)
            .await
            .ok()
            .unwrap()
    }

    /// Changes secrets together with the row, as an edit does.
    async fn edit(
        &self,
        store: &SecretStore,
        changes: Vec<SecretChange>,
        row: &str,
    ) -> Result<SecretsBefore, SecretsError> {
        let prepared = store.prepare(changes).await?;
        match self.records.commit(prepared.records(), row) {
            Ok(()) => Ok(prepared.committed().await),
            Err(error) => {
                prepared.abandoned().await;
                Err(error.into())
            }
        }
    }

    async fn put(
        &self,
        store: &SecretStore,
        name: &str,
        origin: &str,
        text: &str,
    ) -> Result<SecretMeta, SecretsError> {
        self.edit(store, vec![put(name, origin, text)], "put")
            .await?;
        Ok(store.inventory().stored[name].meta.clone())
    }

    /// Whether there was anything to remove.
    async fn remove(&self, store: &SecretStore, name: &str) -> Result<bool, SecretsError> {
        let before = self
            .edit(
                store,
                vec![SecretChange::remove(name.to_owned())],
                "removed",
            )
            .await?;
        Ok(!before.changes.is_empty())
    }
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn put(name: &str, origin: &str, text: &str) -> SecretChange {
    SecretChange::put(name.to_owned(), origin, secret(text), 7)
}

fn document(revision: Option<&str>, origin: &str, text: &str) -> SealedSecret {
    SealedSecret::of(SecretVersion {
        revision: revision.map(str::to_owned),
        origin: origin.to_owned(),
        set_at: 1,
        value: secret(text),
    })
}

/// The value for an origin, as text that a test can compare.
async fn value(store: &SecretStore, name: &str, origin: &str) -> Option<String> {
    let value = store.for_origin(name, origin).await.unwrap();
    value.map(|value| value.expose().to_owned())
}

/// The code of the error that reading a value ends in.
async fn read_error(store: &SecretStore, name: &str, origin: &str) -> &'static str {
    store.for_origin(name, origin).await.err().unwrap().code()
}
