//! The store that the rest of Waypost uses. It alone calls a backend.

use crate::backend::{BackendError, SecretsBackend, StoredVersion};
use crate::describe::describe;
use crate::error::SecretsError;
use crate::inventory::{EntryNames, Inventory, SecretState, StoredSecret};
use crate::keyed_locks::KeyedLocks;
use crate::kind::{BackendStatus, SecretsBackendKind};
use crate::records::{ExpectedSecret, RecordChange, SecretRecord, SecretRecords};
use crate::sealed::{SealedSecret, SecretVersion};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, watch};

/// The secrets of a workspace. Clones share everything.
#[derive(Clone)]
pub struct SecretStore {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) backend: Arc<dyn SecretsBackend>,
    records: Arc<dyn SecretRecords>,
    data_dir: PathBuf,
    call_limit: Duration,
    locks: KeyedLocks,
    /// One check at a time: a check leaves out what an edit has locked, and must not mistake another
    /// check for one.
    checking: Mutex<()>,
    inventory: watch::Sender<Arc<Inventory>>,
    pub(crate) entry_names: std::sync::Mutex<EntryNames>,
    pub(crate) wake: Arc<Notify>,
}

impl SecretStore {
    /// A store over any backend. Nothing is checked until [`SecretStore::check`] or
    /// [`SecretStore::start_checks`] is called: every state is unknown.
    ///
    /// # Errors
    /// [`SecretsError::Records`] if the records cannot be read.
    pub async fn new(
        backend: Arc<dyn SecretsBackend>,
        data_dir: &Path,
        records: Arc<dyn SecretRecords>,
        call_limit: Duration,
    ) -> Result<Self, SecretsError> {
        let mut inventory = Inventory {
            unavailable: Some(format!(
                "the {} has not answered yet",
                backend.kind().label()
            )),
            ..Inventory::default()
        };
        for (name, record) in records.list().await? {
            remember(&mut inventory, &name, Some(&record));
        }
        Ok(Self {
            inner: Arc::new(Inner {
                backend,
                records,
                data_dir: data_dir.to_owned(),
                call_limit,
                locks: KeyedLocks::default(),
                checking: Mutex::default(),
                inventory: watch::Sender::new(Arc::new(inventory)),
                entry_names: std::sync::Mutex::default(),
                wake: Arc::default(),
            }),
        })
    }

    /// Which backend is in use.
    #[must_use]
    pub fn backend(&self) -> SecretsBackendKind {
        self.inner.backend.kind()
    }

    /// What is known about the secrets now. It reads memory only.
    #[must_use]
    pub fn inventory(&self) -> Arc<Inventory> {
        Arc::clone(&self.inner.inventory.borrow())
    }

    /// Announces each change of the inventory.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Arc<Inventory>> {
        self.inner.inventory.subscribe()
    }

    /// The backend in use, for Settings. It reads memory only.
    #[must_use]
    pub fn view(&self) -> BackendStatus {
        let inventory = self.inventory();
        let backend = self.backend();
        let undeleted = (!inventory.undeleted.is_empty()).then(|| {
            format!(
                "removed secrets that it has not deleted yet: {}",
                inventory.undeleted.len()
            )
        });
        BackendStatus {
            kind: backend,
            available: inventory.unavailable.is_none(),
            description: describe(backend, &self.inner.data_dir),
            problem: inventory.unavailable.clone().or(undeleted),
            remote: self.inner.backend.remote(),
        }
    }

    /// Asks the backend about every recorded secret now, updates the inventory, and deletes values
    /// that no longer count. The background check calls it.
    pub async fn check(&self) {
        let _checking = self.inner.checking.lock().await;
        if let Err(error) = self.check_all().await {
            let reason = error.reason();
            let before = self.inventory();
            if before.unavailable.as_ref() != Some(&reason) {
                tracing::warn!(
                    backend = self.backend().name(),
                    reason,
                    "secrets backend is not responding"
                );
            }
            self.update(|inventory| inventory.unavailable = Some(reason));
        }
    }

    async fn check_all(&self) -> Result<(), SecretsError> {
        self.call(self.inner.backend.health())
            .await
            .map_err(unavailable)?;
        let records = self.inner.records.list().await?;
        let mut names: BTreeSet<String> = records.into_keys().collect();
        let known = self.inventory();
        // A record may have been deleted or, by an edit that runs now, have come since the list.
        names.extend(known.stored.keys().chain(&known.undeleted).cloned());
        let unrecorded: BTreeSet<String> = self.unrecorded_names().into_iter().collect();
        names.extend(unrecorded.iter().cloned());
        let mut answered = names.is_empty();
        let mut failure = None;
        for name in &names {
            // A name that is locked is settled by the edit that holds it.
            let Some(_lock) = self.inner.locks.try_lock(name) else {
                answered = true;
                continue;
            };
            let checked = match unrecorded.contains(name) {
                true => self.record_found_locked(name).await,
                false => self.settle_locked(name).await,
            };
            match checked {
                Ok(()) => answered = true,
                Err(error) => {
                    let timed_out = error.timed_out();
                    failure = Some(error);
                    // Waiting for each secret in turn would take minutes.
                    if timed_out {
                        break;
                    }
                }
            }
        }
        // One secret that cannot be read is that secret's state; all of them are the backend's.
        match failure {
            Some(error) if !answered || error.timed_out() => Err(error),
            _ => {
                self.update(|inventory| inventory.unavailable = None);
                Ok(())
            }
        }
    }

    /// Notes that the backend has carried out a change, so it answers again.
    pub(crate) fn note_answer(&self) {
        self.update(|inventory| inventory.unavailable = None);
    }

    /// Whether a check has nothing left to do.
    pub(crate) fn is_settled(&self) -> bool {
        let inventory = self.inventory();
        inventory.unavailable.is_none()
            && inventory.undeleted.is_empty()
            && inventory
                .stored
                .values()
                .all(|stored| stored.state != SecretState::Unknown)
    }

    /// Lets the next background check run now.
    pub(crate) fn check_soon(&self) {
        self.inner.wake.notify_one();
    }

    /// Locks names against other changes, in one order for all.
    pub(crate) async fn lock(
        &self,
        names: impl Iterator<Item = impl AsRef<str>>,
    ) -> Vec<OwnedMutexGuard<()>> {
        self.inner.locks.lock_all(names).await
    }

    pub(crate) async fn find(&self, name: &str) -> Result<Option<SecretRecord>, SecretsError> {
        Ok(self.inner.records.find(name).await?)
    }

    pub(crate) async fn begin(&self, names: &[String]) -> Result<(), SecretsError> {
        Ok(self.inner.records.begin(names).await?)
    }

    pub(crate) async fn write(
        &self,
        name: &str,
        document: &SealedSecret,
        over: Option<&StoredVersion>,
    ) -> Result<(), SecretsError> {
        self.call(self.inner.backend.put(name, document, over))
            .await
            .map_err(unavailable)
    }

    /// What the backend holds before it is changed; nothing if it is damaged.
    pub(crate) async fn read_for_update(
        &self,
        name: &str,
    ) -> Result<(Option<SealedSecret>, Option<StoredVersion>), SecretsError> {
        match self.call(self.inner.backend.get_for_update(name)).await {
            Ok(found) => Ok(found),
            Err(BackendError::Damaged(_)) => Ok((None, None)),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Remembers what a committed transaction has recorded, so that the inventory shows it at once.
    /// [`crate::PreparedSecrets::committed`] does the rest.
    pub fn note_committed(&self, changes: &[RecordChange]) {
        self.update(|inventory| {
            for change in changes {
                let record = SecretRecord {
                    expected: change.expected.clone(),
                    unsettled: true,
                };
                remember(inventory, &change.name, Some(&record));
                if let Some(stored) = inventory.stored.get_mut(&change.name) {
                    stored.state = SecretState::Present;
                }
            }
        });
    }

    /// Makes the backend hold what the record expects and nothing else, and notes the state. The
    /// caller holds the lock of the name.
    pub(crate) async fn settle_locked(&self, name: &str) -> Result<(), SecretsError> {
        let record = self.inner.records.find(name).await?;
        self.update(|inventory| remember(inventory, name, record.as_ref()));
        let Some(record) = record else {
            return Ok(());
        };
        let failed_before = self.failed_reads(name);
        let found = match self.call(self.inner.backend.get_for_update(name)).await {
            Ok((document, version)) => document
                .map(|document| (document, version))
                .ok_or(SecretState::Absent),
            Err(BackendError::Damaged(_)) => Err(SecretState::Changed),
            Err(error) => {
                self.note_failed_read(name);
                return Err(unavailable(error));
            }
        };
        let state = match (&record.expected, found) {
            (None, Err(SecretState::Absent)) => SecretState::Absent,
            (None, _) => {
                self.call(self.inner.backend.delete(name))
                    .await
                    .map_err(unavailable)?;
                SecretState::Absent
            }
            (Some(_), Err(state)) => state,
            (Some(expected), Ok((document, version))) => {
                self.keep_expected(name, expected, document, version.as_ref())
                    .await?
            }
        };
        self.update(|inventory| {
            if let Some(stored) = inventory.stored.get_mut(name)
                && stored.failed_reads == failed_before
            {
                stored.state = state;
            }
        });
        if record.unsettled {
            self.inner.records.settle(name).await?;
            if record.expected.is_none() {
                self.update(|inventory| remember(inventory, name, None));
            }
        }
        Ok(())
    }

    /// Deletes what is stored beside the expected value. A value without a revision was stored by
    /// another program and is taken over, bound to the origin that it names itself.
    async fn keep_expected(
        &self,
        name: &str,
        expected: &ExpectedSecret,
        document: SealedSecret,
        over: Option<&StoredVersion>,
    ) -> Result<SecretState, SecretsError> {
        if let Some(version) = document.version(expected.revision.as_deref()) {
            let meta = self.meta_of(name, version);
            // Another program writes again what it wrote before.
            let is_anothers = version.revision.is_none() && self.inner.backend.is_shared();
            if is_anothers && meta != expected.meta {
                self.adopt(name, version).await?;
            } else if meta.origin != expected.meta.origin {
                return Ok(SecretState::Changed);
            }
            if document.previous.is_some() {
                self.write(name, &SealedSecret::of(version.clone()), over)
                    .await?;
            }
            return Ok(SecretState::Present);
        }
        if document.current.revision.is_some() {
            return Ok(SecretState::Changed);
        }
        self.adopt(name, &document.current).await?;
        Ok(SecretState::Present)
    }

    /// Records a value that another program stored.
    pub(crate) async fn adopt(
        &self,
        name: &str,
        version: &SecretVersion,
    ) -> Result<(), SecretsError> {
        let expected = ExpectedSecret {
            meta: self.meta_of(name, version),
            revision: version.revision.clone(),
        };
        self.inner.records.adopt(name, &expected).await?;
        let record = SecretRecord {
            expected: Some(expected),
            unsettled: false,
        };
        self.update(|inventory| remember(inventory, name, Some(&record)));
        Ok(())
    }

    /// Calls the backend, for a limited time.
    pub(crate) async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, BackendError>>,
    ) -> Result<T, BackendError> {
        tokio::time::timeout(self.inner.call_limit, call)
            .await
            .unwrap_or_else(|_| {
                Err(BackendError::TimedOut(format!(
                    "no answer from the {} within {} seconds",
                    self.backend().label(),
                    self.inner.call_limit.as_secs_f32()
                )))
            })
    }

    /// Notes that the backend did not give a value out.
    pub(crate) fn note_failed_read(&self, name: &str) {
        self.update(|inventory| {
            if let Some(stored) = inventory.stored.get_mut(name) {
                stored.state = SecretState::Unknown;
                stored.failed_reads = stored.failed_reads.wrapping_add(1);
            }
        });
    }

    fn failed_reads(&self, name: &str) -> u64 {
        let inventory = self.inventory();
        let stored = inventory.stored.get(name);
        stored.map_or(0, |stored| stored.failed_reads)
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Inventory)) {
        self.inner.inventory.send_if_modified(|current| {
            let mut after = Inventory::clone(current);
            change(&mut after);
            let modified = after != **current;
            if modified {
                *current = Arc::new(after);
            }
            modified
        });
    }
}

impl From<Arc<Inner>> for SecretStore {
    fn from(inner: Arc<Inner>) -> Self {
        Self { inner }
    }
}

/// Puts a record into the inventory. The state of a value stays, and that of another value is
/// unknown until the backend was asked.
fn remember(inventory: &mut Inventory, name: &str, record: Option<&SecretRecord>) {
    match record {
        None => {
            inventory.stored.remove(name);
            inventory.undeleted.remove(name);
        }
        Some(SecretRecord { expected: None, .. }) => {
            inventory.stored.remove(name);
            inventory.undeleted.insert(name.to_owned());
        }
        Some(SecretRecord {
            expected: Some(expected),
            ..
        }) => {
            inventory.undeleted.remove(name);
            let before = inventory.stored.get(name);
            let known = before.filter(|stored| stored.revision == expected.revision);
            let stored = StoredSecret {
                meta: expected.meta.clone(),
                state: known.map_or(SecretState::Unknown, |stored| stored.state),
                revision: expected.revision.clone(),
                failed_reads: before.map_or(0, |stored| stored.failed_reads),
            };
            inventory.stored.insert(name.to_owned(), stored);
        }
    }
}

pub(crate) fn unavailable(error: BackendError) -> SecretsError {
    match error {
        BackendError::TimedOut(reason) => SecretsError::TimedOut(reason),
        BackendError::Conflict(reason) => SecretsError::Conflict(reason),
        BackendError::Unavailable(reason) | BackendError::Damaged(reason) => {
            SecretsError::Unavailable(reason)
        }
    }
}
