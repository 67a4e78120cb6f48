//! A backend and records in memory that fail where a test says so.

use crate::*;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It has no effect and answers with an error.
    Fails,
    /// It takes effect, and the answer is lost.
    AnswerLost,
    /// The process dies before it: no later call has an effect either.
    CrashBefore,
    /// The process dies after it took effect.
    CrashAfter,
}

pub(super) const FAULTS: [Fault; 4] = [
    Fault::Fails,
    Fault::AnswerLost,
    Fault::CrashBefore,
    Fault::CrashAfter,
];

/// Counts the calls that change something or read, and makes one of them fail.
#[derive(Default)]
pub(super) struct Steps(Mutex<StepState>);

#[derive(Default)]
struct StepState {
    taken: usize,
    planned: Option<(usize, Fault)>,
    dead: bool,
}

/// What a call is to do.
struct Step {
    takes_effect: bool,
    answers: bool,
}

impl Steps {
    /// The call with this number, counted from now, fails.
    pub(super) fn plan(&self, number: usize, fault: Fault) {
        *self.0.lock().unwrap() = StepState {
            planned: Some((number, fault)),
            ..StepState::default()
        };
    }

    /// No further call fails; the number of calls since the plan was made.
    pub(super) fn clear(&self) -> usize {
        std::mem::take(&mut *self.0.lock().unwrap()).taken
    }

    fn next(&self) -> Step {
        let mut state = self.0.lock().unwrap();
        let number = state.taken;
        state.taken += 1;
        let dead = Step {
            takes_effect: false,
            answers: false,
        };
        if state.dead {
            return dead;
        }
        let Some((_, fault)) = state.planned.filter(|(planned, _)| *planned == number) else {
            return Step {
                takes_effect: true,
                answers: true,
            };
        };
        state.dead = matches!(fault, Fault::CrashBefore | Fault::CrashAfter);
        Step {
            takes_effect: matches!(fault, Fault::AnswerLost | Fault::CrashAfter),
            ..dead
        }
    }

    fn run<T: Default>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let step = self.next();
        let result = step.takes_effect.then(work);
        result.filter(|_| step.answers)
    }
}

/// A backend in memory. It stores bytes, as a real one does.
#[derive(Default)]
pub(super) struct MemoryBackend {
    pub(super) entries: Mutex<BTreeMap<String, Vec<u8>>>,
    pub(super) down: AtomicBool,
    /// Changes never answer while it is set. They take effect when [`MemoryBackend::land`] says so.
    pub(super) changes_hang: AtomicBool,
    pub(super) late: Mutex<Vec<(String, Vec<u8>)>>,
    pub(super) steps: Arc<Steps>,
}

impl MemoryBackend {
    pub(super) fn with(steps: Arc<Steps>) -> Self {
        Self {
            steps,
            ..Self::default()
        }
    }

    /// Stores a document as another program would.
    pub(super) fn store(&self, name: &str, document: &SealedSecret) {
        let bytes = document.encode().to_vec();
        self.entries.lock().unwrap().insert(name.to_owned(), bytes);
    }

    pub(super) fn document(&self, name: &str) -> Option<SealedSecret> {
        let entries = self.entries.lock().unwrap();
        entries
            .get(name)
            .map(|bytes| SealedSecret::decode(bytes).unwrap())
    }

    pub(super) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// The changes that hung take effect now.
    pub(super) fn land(&self) {
        self.changes_hang.store(false, Ordering::SeqCst);
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        self.entries.lock().unwrap().extend(late);
    }

    fn run<T: Default>(
        &self,
        work: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T,
    ) -> Result<T, BackendError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(BackendError::Unavailable("it is down".to_owned()));
        }
        self.steps
            .run(|| work(&mut self.entries.lock().unwrap()))
            .ok_or_else(|| BackendError::Unavailable("the call failed".to_owned()))
    }
}

#[async_trait]
impl SecretsBackend for MemoryBackend {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::Keychain
    }

    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        let bytes = self.run(|entries| entries.get(name).cloned())?;
        bytes
            .map(|bytes| {
                SealedSecret::decode(&bytes)
                    .ok_or_else(|| BackendError::Damaged("the entry is damaged".to_owned()))
            })
            .transpose()
    }

    async fn put(
        &self,
        name: &str,
        document: &SealedSecret,
        _over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        let bytes = document.encode().to_vec();
        if self.changes_hang.load(Ordering::SeqCst) {
            self.late.lock().unwrap().push((name.to_owned(), bytes));
            return std::future::pending().await;
        }
        self.run(|entries| {
            entries.insert(name.to_owned(), bytes);
        })
    }

    async fn delete(&self, name: &str) -> Result<bool, BackendError> {
        self.run(|entries| entries.remove(name).is_some())
    }

    async fn health(&self) -> Result<(), BackendError> {
        self.run(|_| ())
    }
}

/// Records in memory, and a row that an edit changes in the same transaction.
#[derive(Default)]
pub(super) struct MemoryRecords {
    backend: Mutex<Option<SecretsBackendKind>>,
    pub(super) rows: Mutex<Rows>,
    pub(super) steps: Arc<Steps>,
}

#[derive(Clone, Default)]
pub(super) struct Rows {
    pub(super) records: BTreeMap<String, SecretRecord>,
    /// What the edit changes beside its secrets.
    pub(super) row: String,
}

impl MemoryRecords {
    pub(super) fn with(steps: Arc<Steps>) -> Self {
        Self {
            steps,
            ..Self::default()
        }
    }

    /// The transaction of an edit.
    pub(super) fn commit(&self, changes: &[RecordChange], row: &str) -> Result<(), RecordsError> {
        self.run(|rows| {
            row.clone_into(&mut rows.row);
            for change in changes {
                let record = SecretRecord {
                    expected: change.expected.clone(),
                    unsettled: true,
                };
                rows.records.insert(change.name.clone(), record);
            }
        })
    }

    pub(super) fn row(&self) -> String {
        self.rows.lock().unwrap().row.clone()
    }

    pub(super) fn record(&self, name: &str) -> Option<SecretRecord> {
        self.rows.lock().unwrap().records.get(name).cloned()
    }

    pub(super) fn forget(&self, name: &str) {
        self.rows.lock().unwrap().records.remove(name);
    }

    fn run<T: Default>(&self, work: impl FnOnce(&mut Rows) -> T) -> Result<T, RecordsError> {
        self.steps
            .run(|| work(&mut self.rows.lock().unwrap()))
            .ok_or_else(|| RecordsError::new(&"the database failed"))
    }
}

#[async_trait]
impl SecretRecords for MemoryRecords {
    async fn backend(&self) -> Result<Option<SecretsBackendKind>, RecordsError> {
        Ok(*self.backend.lock().unwrap())
    }

    async fn record_backend(&self, kind: SecretsBackendKind) -> Result<(), RecordsError> {
        *self.backend.lock().unwrap() = Some(kind);
        Ok(())
    }

    async fn list(&self) -> Result<BTreeMap<String, SecretRecord>, RecordsError> {
        self.run(|rows| rows.records.clone())
    }

    async fn find(&self, name: &str) -> Result<Option<SecretRecord>, RecordsError> {
        self.run(|rows| rows.records.get(name).cloned())
    }

    async fn begin(&self, names: &[String]) -> Result<(), RecordsError> {
        self.run(|rows| {
            for name in names {
                let record = rows.records.entry(name.clone()).or_insert(SecretRecord {
                    expected: None,
                    unsettled: true,
                });
                record.unsettled = true;
            }
        })
    }

    async fn settle(&self, name: &str) -> Result<(), RecordsError> {
        self.run(|rows| {
            if let Some(record) = rows.records.get_mut(name) {
                record.unsettled = false;
                if record.expected.is_none() {
                    rows.records.remove(name);
                }
            }
        })
    }

    async fn adopt(&self, name: &str, found: &ExpectedSecret) -> Result<(), RecordsError> {
        self.run(|rows| {
            let record = rows.records.entry(name.to_owned());
            let record = record.or_insert(SecretRecord {
                expected: Some(found.clone()),
                unsettled: false,
            });
            if record.expected.is_some() {
                record.expected = Some(found.clone());
            }
        })
    }
}
