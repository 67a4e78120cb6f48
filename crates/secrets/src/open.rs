//! Opening the secrets of a workspace: which backend it uses.

use crate::aws::{Aws, AwsOptions};
use crate::backend::SecretsBackend;
use crate::blocking::Blocking;
use crate::error::SecretsError;
use crate::file::EncryptedFile;
use crate::keychain::{self, Keychain};
use crate::kind::SecretsBackendKind;
use crate::records::SecretRecords;
use crate::store::SecretStore;
use crate::vault::{Vault, VaultOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use waypost_egress::Egress;

/// How long a backend may take for one call.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(5);

/// What the backends of a workspace are made from.
#[derive(Clone)]
pub struct BackendOptions {
    /// The data directory, which holds the encrypted file.
    pub data_dir: PathBuf,
    /// The workspace's id, which marks its entries in the keychain.
    pub workspace_id: String,
    /// The one way out.
    pub egress: Egress,
    /// Vault, or what is missing or wrong in its options.
    pub vault: Result<VaultOptions, String>,
    /// AWS Secrets Manager.
    pub aws: AwsOptions,
}

impl BackendOptions {
    /// Those of a workspace without a backend on the network.
    #[must_use]
    pub fn local(data_dir: &Path, workspace_id: &str, egress: Egress) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            workspace_id: workspace_id.to_owned(),
            egress,
            vault: Err("no options for Vault were given".to_owned()),
            aws: AwsOptions::default(),
        }
    }

    /// The backend of a kind. Nothing is asked yet.
    ///
    /// # Errors
    /// [`SecretsError::CannotBegin`] if its options are incomplete or wrong.
    pub(crate) fn backend(
        &self,
        kind: SecretsBackendKind,
    ) -> Result<Arc<dyn SecretsBackend>, SecretsError> {
        Ok(match kind {
            SecretsBackendKind::Keychain => {
                Arc::new(Blocking::new(Keychain::new(&self.workspace_id)))
            }
            SecretsBackendKind::File => Arc::new(Blocking::new(EncryptedFile::new(&self.data_dir))),
            SecretsBackendKind::Vault => {
                let options = self.vault.as_ref().map_err(Clone::clone);
                let made = options.and_then(|options| Vault::new(options, &self.egress));
                Arc::new(made.map_err(|reason| cannot_begin(kind, reason))?)
            }
            SecretsBackendKind::Aws => Arc::new(Aws::new(&self.aws, &self.egress)),
        })
    }
}

fn cannot_begin(asked: SecretsBackendKind, reason: String) -> SecretsError {
    SecretsError::CannotBegin { asked, reason }
}

impl SecretStore {
    /// Opens the secrets of a workspace and starts to check them in the background.
    ///
    /// The first start uses the keychain if it works and the encrypted file otherwise, unless
    /// `choice` says which, and records it. Later starts use what is recorded, even if it does not
    /// answer: a silent switch would make every key look missing.
    ///
    /// # Errors
    /// [`SecretsError::WrongBackend`] if `choice` is not the recorded backend,
    /// [`SecretsError::CannotBegin`] if the first start cannot use `choice` or the options of the
    /// backend are wrong, and [`SecretsError::Records`] if the records cannot be read or written.
    pub async fn open(
        choice: Option<SecretsBackendKind>,
        options: &BackendOptions,
        records: Arc<dyn SecretRecords>,
    ) -> Result<Self, SecretsError> {
        let kind = match (records.backend().await?, choice) {
            (Some(recorded), Some(asked)) if recorded != asked => {
                return Err(SecretsError::WrongBackend { recorded, asked });
            }
            (Some(recorded), _) => recorded,
            (None, choice) => {
                let kind = first_start(choice, options).await?;
                records.record_backend(kind).await?;
                kind
            }
        };
        tracing::info!(backend = kind.name(), "secrets backend chosen");
        let backend = options.backend(kind)?;
        let store = Self::new(backend, &options.data_dir, records, CALL_LIMIT).await?;
        store.start_checks().await;
        Ok(store)
    }
}

/// Chooses the backend of a new workspace.
async fn first_start(
    choice: Option<SecretsBackendKind>,
    options: &BackendOptions,
) -> Result<SecretsBackendKind, SecretsError> {
    match choice {
        Some(SecretsBackendKind::File) => {}
        Some(kind @ (SecretsBackendKind::Vault | SecretsBackendKind::Aws)) => {
            let backend = options.backend(kind)?;
            let health = tokio::time::timeout(CALL_LIMIT, backend.health()).await;
            let answer = health.map_err(|_| {
                let seconds = CALL_LIMIT.as_secs();
                cannot_begin(kind, format!("no answer within {seconds} seconds"))
            })?;
            answer.map_err(|error| cannot_begin(kind, error.to_string()))?;
            return Ok(kind);
        }
        Some(kind @ SecretsBackendKind::Keychain) => {
            let tried = keychain::try_out(&options.workspace_id, CALL_LIMIT).await;
            tried.map_err(|reason| cannot_begin(kind, reason))?;
            return Ok(kind);
        }
        None => match keychain::try_out(&options.workspace_id, CALL_LIMIT).await {
            Ok(()) => return Ok(SecretsBackendKind::Keychain),
            Err(reason) => tracing::info!(reason, "keychain not used"),
        },
    }
    let file = EncryptedFile::new(&options.data_dir);
    file.begin()
        .map_err(|reason| cannot_begin(SecretsBackendKind::File, reason))?;
    Ok(SecretsBackendKind::File)
}
