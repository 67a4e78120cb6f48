//! Opening the secrets of a workspace: which backend it uses.

use crate::backend::SecretsBackend;
use crate::blocking::Blocking;
use crate::error::SecretsError;
use crate::file::EncryptedFile;
use crate::keychain::{self, Keychain};
use crate::kind::SecretsBackendKind;
use crate::records::SecretRecords;
use crate::store::SecretStore;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long a backend may take for one call.
const CALL_LIMIT: Duration = Duration::from_secs(5);

impl SecretStore {
    /// Opens the secrets of a workspace and starts to check them in the background.
    ///
    /// The first start uses the keychain if it works and the encrypted file otherwise, unless
    /// `choice` says which, and records it. Later starts use what is recorded, even if it does not
    /// answer: a silent switch would make every key look missing.
    ///
    /// # Errors
    /// [`SecretsError::WrongBackend`] if `choice` is not the recorded backend,
    /// [`SecretsError::CannotBegin`] if the first start cannot use `choice`, and
    /// [`SecretsError::Records`] if the records cannot be read or written.
    pub async fn open(
        choice: Option<SecretsBackendKind>,
        data_dir: &Path,
        workspace_id: &str,
        records: Arc<dyn SecretRecords>,
    ) -> Result<Self, SecretsError> {
        let kind = match (records.backend().await?, choice) {
            (Some(recorded), Some(asked)) if recorded != asked => {
                return Err(SecretsError::WrongBackend { recorded, asked });
            }
            (Some(recorded), _) => recorded,
            (None, choice) => {
                let kind = first_start(choice, data_dir, workspace_id).await?;
                records.record_backend(kind).await?;
                kind
            }
        };
        tracing::info!(backend = kind.name(), "secrets backend chosen");
        let backend: Arc<dyn SecretsBackend> = match kind {
            SecretsBackendKind::Keychain => Arc::new(Blocking::new(Keychain::new(workspace_id))),
            SecretsBackendKind::File => Arc::new(Blocking::new(EncryptedFile::new(data_dir))),
        };
        let store = Self::new(backend, data_dir, records, CALL_LIMIT).await?;
        store.start_checks().await;
        Ok(store)
    }
}

/// Chooses the backend of a new workspace.
async fn first_start(
    choice: Option<SecretsBackendKind>,
    data_dir: &Path,
    workspace_id: &str,
) -> Result<SecretsBackendKind, SecretsError> {
    if choice != Some(SecretsBackendKind::File) {
        match keychain::try_out(workspace_id, CALL_LIMIT).await {
            Ok(()) => return Ok(SecretsBackendKind::Keychain),
            Err(reason) if choice.is_none() => {
                tracing::info!(reason, "keychain not used");
            }
            Err(reason) => {
                return Err(SecretsError::CannotBegin {
                    asked: SecretsBackendKind::Keychain,
                    reason,
                });
            }
        }
    }
    let file = EncryptedFile::new(data_dir);
    file.begin().map_err(|reason| SecretsError::CannotBegin {
        asked: SecretsBackendKind::File,
        reason,
    })?;
    Ok(SecretsBackendKind::File)
}
