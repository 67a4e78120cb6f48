//! Which refreshes run, wait or have ended: one at a time per owner, and a few at a time in all.

use crate::workspace::DomainError;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use waypost_api_types::{OutcomeReport, RefreshPhase, RefreshProgress};

/// How many refreshes run at once; the others wait for their turn. Each of them holds an answer of
/// up to 8 MiB and the models in it until they are saved, so this bounds the memory of them all.
pub(super) const MAX_RUNNING: usize = 4;

/// The result of a refresh.
pub(super) type RefreshResult = Result<OutcomeReport, DomainError>;

/// The refreshes since the control plane started, by owner.
pub(super) struct RefreshRegistry {
    states: Mutex<BTreeMap<String, watch::Receiver<State>>>,
    slots: Arc<Semaphore>,
}

struct State {
    phase: RefreshPhase,
    models_seen: u64,
    pages: u64,
    started_at: i64,
    result: Option<Result<PackedReport, DomainError>>,
}

/// A report as compressed JSON. The last report of each owner is kept, and one of 45,000 models would
/// be as many strings all over the heap; as a single block it is small and its memory is given back.
#[derive(Clone)]
struct PackedReport(Arc<[u8]>);

impl PackedReport {
    fn new(report: &OutcomeReport) -> Self {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        serde_json::to_writer(&mut packed, report).expect("a report is JSON");
        let bytes = packed.finish().expect("writing to memory does not fail");
        Self(bytes.into())
    }

    fn unpack(&self) -> OutcomeReport {
        let mut json = Vec::new();
        GzDecoder::new(&*self.0)
            .read_to_end(&mut json)
            .expect("it was compressed here");
        serde_json::from_slice(&json).expect("a report reads its own JSON")
    }
}

/// What the task that refreshes reports to. Dropping it without [`RefreshTask::done`] fails the
/// refresh.
pub(super) struct RefreshTask {
    state: watch::Sender<State>,
    slots: Arc<Semaphore>,
    slot: Option<OwnedSemaphorePermit>,
}

/// A refresh to wait for.
pub(super) struct RefreshHandle {
    state: watch::Receiver<State>,
    /// For the caller to run. `None` where a running refresh was joined.
    pub task: Option<RefreshTask>,
}

impl Default for RefreshRegistry {
    fn default() -> Self {
        Self {
            states: Mutex::default(),
            slots: Arc::new(Semaphore::new(MAX_RUNNING)),
        }
    }
}

impl RefreshRegistry {
    fn states(&self) -> MutexGuard<'_, BTreeMap<String, watch::Receiver<State>>> {
        // No code panics between two steps that belong together under this lock.
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the refresh of this owner that runs or waits, or begins one.
    #[must_use]
    pub(super) fn join(&self, owner: &str, now: i64) -> RefreshHandle {
        let mut states = self.states();
        if let Some(state) = states.get(owner).filter(|state| is_running(state)) {
            return RefreshHandle {
                state: state.clone(),
                task: None,
            };
        }
        let slot = Arc::clone(&self.slots).try_acquire_owned().ok();
        let phase = match slot {
            Some(_) => RefreshPhase::Fetching,
            None => RefreshPhase::Waiting,
        };
        let (sender, state) = watch::channel(State {
            phase,
            models_seen: 0,
            pages: 0,
            started_at: now,
            result: None,
        });
        states.insert(owner.to_owned(), state.clone());
        let task = RefreshTask {
            state: sender,
            slots: Arc::clone(&self.slots),
            slot,
        };
        RefreshHandle {
            state,
            task: Some(task),
        }
    }

    /// Whether a refresh of this owner runs or waits.
    #[must_use]
    pub(super) fn runs(&self, owner: &str) -> bool {
        self.states().get(owner).is_some_and(is_running)
    }

    /// The progress of this owner's refresh, or the report of the last one.
    #[must_use]
    pub(super) fn progress(&self, owner: &str) -> RefreshProgress {
        let Some(state) = self.states().get(owner).cloned() else {
            return RefreshProgress {
                phase: RefreshPhase::Idle,
                models_seen: 0,
                pages: 0,
                started_at: None,
                report: None,
            };
        };
        let state = state.borrow();
        let report = state
            .result
            .as_ref()
            .and_then(|result| result.as_ref().ok());
        RefreshProgress {
            phase: state.phase,
            models_seen: state.models_seen,
            pages: state.pages,
            started_at: Some(state.started_at),
            report: report.map(PackedReport::unpack),
        }
    }

    /// Forgets a deleted owner. A running refresh of it still finishes.
    pub(super) fn forget(&self, owner: &str) {
        self.states().remove(owner);
    }
}

/// A task that panicked has dropped its sender and left no result.
fn is_running(state: &watch::Receiver<State>) -> bool {
    state.has_changed().is_ok() && state.borrow().result.is_none()
}

impl RefreshTask {
    /// Waits until fewer than [`MAX_RUNNING`] others run. First come, first served.
    pub(super) async fn turn(&mut self) {
        if self.slot.is_none() {
            let slots = Arc::clone(&self.slots);
            self.slot = slots.acquire_owned().await.ok();
            self.set_phase(RefreshPhase::Fetching);
        }
    }

    /// Reports how many models and pages have been read.
    pub(super) fn seen(&self, models: u64, pages: u64) {
        self.state.send_modify(|state| {
            state.models_seen = models;
            state.pages = pages;
        });
    }

    /// Reports that the answer is complete and the catalog is being written.
    pub(super) fn saving(&self) {
        self.set_phase(RefreshPhase::Saving);
    }

    fn set_phase(&self, phase: RefreshPhase) {
        self.state.send_modify(|state| state.phase = phase);
    }

    /// Ends the refresh, and lets the next one run.
    pub(super) fn done(self, result: RefreshResult) {
        let result = result.map(|report| PackedReport::new(&report));
        self.state.send_modify(|state| {
            state.phase = RefreshPhase::Done;
            state.result = Some(result);
        });
    }
}

impl RefreshHandle {
    /// Waits until the refresh is over.
    ///
    /// # Errors
    /// If the refresh could not start or its result could not be saved; `internal` if its task
    /// panicked.
    pub(super) async fn finished(mut self) -> RefreshResult {
        let ended = self.state.wait_for(|state| state.result.is_some()).await;
        match ended.ok().and_then(|state| state.result.clone()) {
            Some(result) => result.map(|report| report.unpack()),
            None => Err(DomainError::internal(
                "refresh ended without a result",
                &"its task failed",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use waypost_api_types::CheckOutcome;

    fn begin(registry: &RefreshRegistry, owner: &str) -> RefreshTask {
        registry.join(owner, 5).task.expect("none was running")
    }

    fn has_turn(task: &mut RefreshTask) -> bool {
        let turn = pin!(task.turn());
        turn.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    fn report() -> OutcomeReport {
        OutcomeReport {
            outcome: CheckOutcome::Ok,
            message: "The endpoint lists 1 model.".to_owned(),
            status: Some(200),
            duration_ms: 3,
            request: "GET http://x.example/models".to_owned(),
            added: vec!["\"ü\"".to_owned()],
            removed: Vec::new(),
            changed: Vec::new(),
            listed_again: Vec::new(),
            unchanged: Vec::new(),
            skipped: 2,
            missing_headers: Vec::new(),
            may_be_allowed: false,
        }
    }

    #[test]
    fn a_kept_report_is_small_and_complete() {
        let mut long = report();
        long.added = (0..45_000)
            .map(|number| format!("vendor/model-{number}"))
            .collect();
        let packed = PackedReport::new(&long);
        assert_eq!(packed.unpack(), long);
        let json = serde_json::to_vec(&long).unwrap();
        assert!(packed.0.len() * 4 < json.len(), "{}", packed.0.len());
    }

    #[test]
    fn at_most_so_many_run_and_the_others_wait_for_one_to_end() {
        let registry = RefreshRegistry::default();
        let phase = |owner: &str| registry.progress(owner).phase;
        let mut running: Vec<RefreshTask> = (0..MAX_RUNNING)
            .map(|number| begin(&registry, &format!("running-{number}")))
            .collect();
        assert!(running.iter_mut().all(has_turn));
        assert_eq!(phase("running-0"), RefreshPhase::Fetching);

        let mut fifth = begin(&registry, "fifth");
        let mut sixth = begin(&registry, "sixth");
        assert!(!has_turn(&mut fifth) && !has_turn(&mut sixth));
        assert_eq!(phase("fifth"), RefreshPhase::Waiting);
        assert!(registry.runs("fifth"));
        assert!(registry.join("fifth", 6).task.is_none(), "it is joined");

        running.pop().unwrap().done(Ok(report()));
        assert!(has_turn(&mut fifth) && !has_turn(&mut sixth));
        assert_eq!(phase("fifth"), RefreshPhase::Fetching);
        // A task that panics drops what it holds.
        drop(running.pop());
        assert!(has_turn(&mut sixth));
    }

    #[tokio::test]
    async fn everyone_gets_the_same_report() {
        let registry = RefreshRegistry::default();
        let task = begin(&registry, "gw");
        let joined = registry.join("gw", 6);
        task.seen(7, 2);
        task.done(Ok(report()));
        assert_eq!(joined.finished().await.unwrap(), report());
        let progress = registry.progress("gw");
        assert_eq!(progress.report, Some(report()));
        assert_eq!((progress.models_seen, progress.pages), (7, 2));
        assert_eq!(progress.started_at, Some(5));
        assert!(!registry.runs("gw"));
    }

    #[tokio::test]
    async fn a_task_that_panics_fails_the_refresh() {
        let registry = RefreshRegistry::default();
        let handle = {
            let mut handle = registry.join("gw", 5);
            drop(handle.task.take());
            handle
        };
        assert!(handle.finished().await.is_err());
        assert!(!registry.runs("gw"));
    }

    #[test]
    fn the_page_on_security_has_this_limit() {
        let page = include_str!("../../../../docs/security.md");
        let line = format!("| refreshes | {MAX_RUNNING} at once; the others wait |");
        assert!(page.contains(&line), "docs/security.md lacks: {line}");
    }
}
