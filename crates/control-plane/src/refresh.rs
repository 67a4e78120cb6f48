//! Which refreshes run, how far they are, and what came of the last one: one at a time per owner.

use crate::workspace::DomainError;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use waypost_api_types::{OutcomeReport, RefreshPhase, RefreshProgress};

/// What a refresh comes to.
pub type RefreshResult = Result<OutcomeReport, DomainError>;

/// The refreshes since the control plane started, by owner.
#[derive(Default)]
pub struct Refreshes(Mutex<BTreeMap<String, watch::Receiver<State>>>);

/// Where a refresh is.
#[derive(Clone)]
pub struct State {
    progress: RefreshProgress,
    result: Option<RefreshResult>,
}

/// The task's end: tells how far it is.
pub struct Progress(watch::Sender<State>);

/// A refresh to wait for.
pub struct Flight {
    state: watch::Receiver<State>,
    /// What the task that does it must be given; absent where one runs already, which is joined.
    pub task: Option<Progress>,
}

impl Refreshes {
    fn flights(&self) -> MutexGuard<'_, BTreeMap<String, watch::Receiver<State>>> {
        // No code panics between two steps that belong together under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the refresh that runs for this owner, or begins one.
    #[must_use]
    pub fn join(&self, owner: &str, now: i64) -> Flight {
        let mut flights = self.flights();
        if let Some(state) = flights.get(owner).filter(|state| is_running(state)) {
            return Flight {
                state: state.clone(),
                task: None,
            };
        }
        let progress = RefreshProgress {
            phase: RefreshPhase::Fetching,
            models_seen: 0,
            pages: 0,
            started_at: Some(now),
            report: None,
        };
        let (sender, state) = watch::channel(State {
            progress,
            result: None,
        });
        flights.insert(owner.to_owned(), state.clone());
        Flight {
            state,
            task: Some(Progress(sender)),
        }
    }

    /// Whether one runs for this owner.
    #[must_use]
    pub fn runs(&self, owner: &str) -> bool {
        self.flights().get(owner).is_some_and(is_running)
    }

    /// How far the one that runs is, or the report of the last one.
    #[must_use]
    pub fn progress(&self, owner: &str) -> RefreshProgress {
        let idle = RefreshProgress {
            phase: RefreshPhase::Idle,
            models_seen: 0,
            pages: 0,
            started_at: None,
            report: None,
        };
        self.flights()
            .get(owner)
            .map_or(idle, |state| state.borrow().progress.clone())
    }

    /// Forgets an owner that is no more. One that runs ends by itself.
    pub fn forget(&self, owner: &str) {
        self.flights().remove(owner);
    }
}

/// A task that came to a bad end has dropped its sender and left no result.
fn is_running(state: &watch::Receiver<State>) -> bool {
    state.has_changed().is_ok() && state.borrow().result.is_none()
}

impl Progress {
    /// So many models and pages have been read.
    pub fn seen(&self, models: u64, pages: u64) {
        self.0.send_modify(|state| {
            state.progress.models_seen = models;
            state.progress.pages = pages;
        });
    }

    /// The answer is there; the catalog is being written.
    pub fn saving(&self) {
        self.0
            .send_modify(|state| state.progress.phase = RefreshPhase::Saving);
    }

    /// It is over.
    pub fn done(self, result: RefreshResult) {
        self.0.send_modify(|state| {
            state.progress.phase = RefreshPhase::Done;
            state.progress.report = result.as_ref().ok().cloned();
            state.result = Some(result);
        });
    }
}

impl Flight {
    /// Waits until it is over.
    ///
    /// # Errors
    /// What kept the refresh from being tried, or from being saved.
    pub async fn landed(mut self) -> RefreshResult {
        let ended = self.state.wait_for(|state| state.result.is_some()).await;
        match ended.ok().and_then(|state| state.result.clone()) {
            Some(result) => result,
            None => Err(DomainError::internal(
                "a refresh ended without a result",
                &"its task failed",
            )),
        }
    }
}
