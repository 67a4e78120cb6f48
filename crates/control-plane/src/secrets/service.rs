//! The service that the rest of the control plane uses.

use super::backend::{Backend, Sealed, Worker};
use super::describe::describe;
use super::error::SecretsError;
use super::file::EncryptedFile;
use super::keychain::Keychain;
use super::text::SecretText;
use super::value;
use crate::clock;
pub use crate::store::SecretMeta;
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use waypost_api_types::{SecretsBackend, SecretsView};

/// How long a backend may take for one call.
const CALL_LIMIT: Duration = Duration::from_secs(5);
/// How long it is believed that a backend which answered answers, and one that did not does not.
const PROBE_LIFE: Duration = Duration::from_secs(3);

/// What is stored, and whether the backend answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Why the backend does not answer, where it does not. Every state is unknown then, and
    /// `stored` says what was last known.
    pub unavailable: Option<String>,
    /// What may be said of each stored secret.
    pub stored: BTreeMap<String, SecretMeta>,
}

/// The secrets of a workspace. Clones share everything.
#[derive(Clone)]
pub struct Secrets {
    inner: Arc<Inner>,
}

struct Inner {
    worker: Worker,
    store: Arc<dyn Store>,
    data_dir: PathBuf,
    /// One change at a time, row and value together.
    changing: Mutex<()>,
    /// The last answer to "which names are there?", and when it came.
    probe: Mutex<Option<Probe>>,
}

/// When the backend was last asked, and what it answered.
type Probe = (Instant, Result<BTreeSet<String>, String>);

impl Secrets {
    /// Opens the secrets of a workspace. The first start takes the keychain where it works and the
    /// encrypted file elsewhere, unless it is told which, and records it. Later starts use what is
    /// recorded, also where it does not answer: a silent switch would make every key look missing.
    ///
    /// # Errors
    /// Where another backend is asked for than is recorded, where the first start cannot use the
    /// one it is told to use, or where the database fails.
    pub async fn open(
        choice: Option<SecretsBackend>,
        data_dir: &Path,
        workspace_id: &str,
        store: Arc<dyn Store>,
    ) -> Result<Self, SecretsError> {
        let kind = match (store.secrets_backend().await?, choice) {
            (Some(recorded), Some(asked)) if recorded != asked => {
                return Err(SecretsError::WrongBackend { recorded, asked });
            }
            (Some(recorded), _) => recorded,
            (None, choice) => {
                let kind = first_start(choice, data_dir, workspace_id).await?;
                store.record_secrets_backend(kind).await?;
                kind
            }
        };
        tracing::info!(
            backend = kind.name(),
            "secrets are kept in the {}",
            kind.label()
        );
        let backend: Arc<dyn Backend> = match kind {
            SecretsBackend::Keychain => Arc::new(Keychain::new(workspace_id)),
            SecretsBackend::File => Arc::new(EncryptedFile::new(data_dir)),
        };
        Ok(Self::with_backend(backend, CALL_LIMIT, data_dir, store))
    }

    pub(super) fn with_backend(
        backend: Arc<dyn Backend>,
        limit: Duration,
        data_dir: &Path,
        store: Arc<dyn Store>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                worker: Worker::new(backend, limit),
                store,
                data_dir: data_dir.to_owned(),
                changing: Mutex::new(()),
                probe: Mutex::new(None),
            }),
        }
    }

    /// Which backend is in use.
    #[must_use]
    pub fn backend(&self) -> SecretsBackend {
        self.inner.worker.kind()
    }

    /// Stores a secret under a name, bound to an origin, replacing what was there.
    ///
    /// # Errors
    /// [`SecretsError::InvalidValue`] for a value that cannot be a secret; otherwise where the
    /// backend or the database fails.
    pub async fn put(
        &self,
        name: &str,
        origin: &str,
        value: SecretText,
    ) -> Result<SecretMeta, SecretsError> {
        self.put_back(name, origin, value, clock::now()).await
    }

    /// Stores a secret that was removed, as it was: with the moment at which it was entered.
    ///
    /// # Errors
    /// As [`Secrets::put`].
    pub async fn put_back(
        &self,
        name: &str,
        origin: &str,
        value: SecretText,
        set_at: i64,
    ) -> Result<SecretMeta, SecretsError> {
        let value = value::checked(&value)?;
        let inner = &*self.inner;
        let _changing = inner.changing.lock().await;
        let sealed = Sealed {
            origin: origin.to_owned(),
            set_at,
            value,
        };
        let meta = describe_sealed(name, &sealed);
        inner
            .store
            .begin_secret_change(name, origin, sealed.set_at)
            .await?;
        inner
            .worker
            .write(name, sealed)
            .await
            .map_err(|reason| self.note_failure(reason))?;
        inner.store.settle_secret(name, &meta).await?;
        inner.probe.lock().await.take();
        Ok(meta)
    }

    /// Removes a secret; false where there was none.
    ///
    /// # Errors
    /// Where the backend or the database fails. The secret may still be there then.
    pub async fn remove(&self, name: &str) -> Result<bool, SecretsError> {
        let inner = &*self.inner;
        let _changing = inner.changing.lock().await;
        let Some(row) = inner.store.secret(name).await? else {
            return Ok(false);
        };
        inner
            .store
            .begin_secret_change(name, &row.meta.origin, row.meta.set_at)
            .await?;
        let removed = inner
            .worker
            .delete(name)
            .await
            .map_err(|reason| self.note_failure(reason))?;
        inner.store.forget_secret(name).await?;
        inner.probe.lock().await.take();
        Ok(removed)
    }

    /// The value of a secret, for a request to this origin: the only way to a value. `None` where
    /// there is none, and where it was entered for another origin.
    ///
    /// # Errors
    /// Where the backend or the database fails.
    pub async fn for_origin(
        &self,
        name: &str,
        origin: &str,
    ) -> Result<Option<SecretText>, SecretsError> {
        let inner = &*self.inner;
        let Some(row) = inner.store.secret(name).await? else {
            return Ok(None);
        };
        let bound = if row.unsettled {
            let _changing = inner.changing.lock().await;
            self.settle(name).await?.map(|meta| meta.origin)
        } else {
            Some(row.meta.origin)
        };
        if bound.as_deref() != Some(origin) {
            return Ok(None);
        }
        let sealed = inner
            .worker
            .read(name)
            .await
            .map_err(|reason| self.note_failure(reason))?;
        // The value's own origin decides: the row may be of a moment earlier or later.
        Ok(sealed
            .filter(|sealed| sealed.origin == origin)
            .map(|sealed| sealed.value))
    }

    /// What is stored, and whether the backend answers. The answer may be a few seconds old.
    pub async fn inventory(&self) -> Inventory {
        match self.look().await {
            Ok(inventory) => inventory,
            Err(error) => Inventory {
                unavailable: Some(error.to_string()),
                stored: BTreeMap::new(),
            },
        }
    }

    async fn look(&self) -> Result<Inventory, SecretsError> {
        let inner = &*self.inner;
        let names = self.probed_names().await;
        let mut rows = inner.store.secrets().await?;
        let names = match names {
            Ok(names) => names,
            Err(reason) => {
                return Ok(Inventory {
                    unavailable: Some(reason),
                    stored: rows
                        .into_iter()
                        .map(|(name, row)| (name, row.meta))
                        .collect(),
                });
            }
        };
        let mut stored = BTreeMap::new();
        let mut unavailable = None;
        while let Some((name, row)) = rows.pop_first() {
            if !row.unsettled {
                // A row without a value is left by someone who removed it in the backend itself.
                if names.contains(&name) {
                    stored.insert(name, row.meta);
                }
                continue;
            }
            // A change that runs right now settles its own row; its old state stands till then.
            let Ok(_changing) = inner.changing.try_lock() else {
                if names.contains(&name) {
                    stored.insert(name, row.meta);
                }
                continue;
            };
            match self.settle(&name).await {
                Ok(Some(meta)) => {
                    stored.insert(name, meta);
                }
                Ok(None) => {}
                Err(SecretsError::Unavailable(reason)) => unavailable = Some(reason),
                Err(error) => return Err(error),
            }
        }
        Ok(Inventory {
            unavailable,
            stored,
        })
    }

    /// The backend in use, for Settings.
    pub async fn view(&self) -> SecretsView {
        let problem = self.probed_names().await.err();
        let backend = self.backend();
        SecretsView {
            backend,
            available: problem.is_none(),
            description: describe(backend, &self.inner.data_dir),
            problem,
        }
    }

    /// Asks the backend what it really holds under a name whose last change was interrupted, and
    /// notes it. The caller holds `changing`.
    async fn settle(&self, name: &str) -> Result<Option<SecretMeta>, SecretsError> {
        let inner = &*self.inner;
        let sealed = inner
            .worker
            .read(name)
            .await
            .map_err(|reason| self.note_failure(reason))?;
        match sealed {
            Some(sealed) => {
                let meta = describe_sealed(name, &sealed);
                inner.store.settle_secret(name, &meta).await?;
                Ok(Some(meta))
            }
            None => {
                inner.store.forget_secret(name).await?;
                Ok(None)
            }
        }
    }

    async fn probed_names(&self) -> Result<BTreeSet<String>, String> {
        // Held while the backend is asked, so that many requests at once ask it once.
        let mut probe = self.inner.probe.lock().await;
        if let Some((at, answer)) = &*probe
            && at.elapsed() < PROBE_LIFE
        {
            return answer.clone();
        }
        let answer = self.inner.worker.names().await;
        if let Err(reason) = &answer {
            tracing::warn!(
                backend = self.backend().name(),
                "the secrets backend does not answer: {reason}"
            );
        }
        *probe = Some((Instant::now(), answer.clone()));
        answer
    }

    /// Turns a backend's words into an error, and forgets that it was ever seen to answer.
    fn note_failure(&self, reason: String) -> SecretsError {
        if let Ok(mut probe) = self.inner.probe.try_lock() {
            probe.take();
        }
        SecretsError::Unavailable(reason)
    }
}

/// Chooses the backend of a new workspace.
async fn first_start(
    choice: Option<SecretsBackend>,
    data_dir: &Path,
    workspace_id: &str,
) -> Result<SecretsBackend, SecretsError> {
    if choice != Some(SecretsBackend::File) {
        match try_keychain(workspace_id).await {
            Ok(()) => return Ok(SecretsBackend::Keychain),
            Err(reason) if choice.is_none() => {
                tracing::info!("the keychain is not used: {reason}");
            }
            Err(reason) => {
                return Err(SecretsError::CannotBegin {
                    asked: SecretsBackend::Keychain,
                    reason,
                });
            }
        }
    }
    let file = EncryptedFile::new(data_dir);
    file.begin().map_err(|reason| SecretsError::CannotBegin {
        asked: SecretsBackend::File,
        reason,
    })?;
    Ok(SecretsBackend::File)
}

async fn try_keychain(workspace_id: &str) -> Result<(), String> {
    let keychain = Keychain::new(workspace_id);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // A thread that can be left behind, for the reason that Worker gives.
    std::thread::Builder::new()
        .name("secrets".to_owned())
        .spawn(move || {
            let _ = sender.send(keychain.round_trip());
        })
        .map_err(|error| format!("no thread could be started for it ({error})"))?;
    match tokio::time::timeout(CALL_LIMIT, receiver).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err("it failed while it was asked".to_owned()),
        Err(_) => Err(format!("no answer within {} seconds", CALL_LIMIT.as_secs())),
    }
}

/// What may be said of a value. A source's static headers are stored as one text, whose last
/// characters are those of a header that may be short.
fn describe_sealed(name: &str, sealed: &Sealed) -> SecretMeta {
    let hint = if name.ends_with("/headers") {
        None
    } else {
        sealed.value.hint()
    };
    SecretMeta {
        origin: sealed.origin.clone(),
        hint,
        set_at: sealed.set_at,
    }
}
