//! The tests and refreshes of this tab. They continue while another page is shown.

use super::{Announcer, Workspace};
use crate::api::types::{CheckOutcome, OutcomeReport, RefreshPhase, RefreshProgress};
use crate::api::{Answer, Api, ApiError, in_background, provider_path, source_path};
use crate::task::spawn_detached;
use crate::{dom, format};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// How often a running refresh is polled, in milliseconds.
const POLL: i32 = 400;

/// Whose models are listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A gateway or direct provider, by its name.
    Provider(String),
    /// A custom source, by its slug.
    Source(String),
}

impl Owner {
    /// The name or slug.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Provider(name) | Self::Source(name) => name,
        }
    }

    /// Its path below that of the API.
    #[must_use]
    pub fn api_path(&self) -> String {
        match self {
            Self::Provider(name) => provider_path(name),
            Self::Source(slug) => source_path(slug),
        }
    }

    async fn test(&self, api: Api) -> Result<OutcomeReport, ApiError> {
        match self {
            Self::Provider(name) => api.test_provider(name, None).await,
            Self::Source(slug) => api.test_source(slug).await,
        }
    }

    async fn refresh(&self, api: Api) -> Result<OutcomeReport, ApiError> {
        match self {
            Self::Provider(name) => api.refresh_provider(name).await,
            Self::Source(slug) => api.refresh_source(slug).await,
        }
    }

    /// Not `async`, so that the call is made, and marked as a poll, where this is called.
    fn progress(&self, api: Api) -> Answer<RefreshProgress> {
        match self {
            Self::Provider(name) => api.provider_refresh(name),
            Self::Source(slug) => api.source_refresh(slug),
        }
    }
}

/// The kind of check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// Lists the models without changing the catalog.
    Test,
    /// Reads the models into the catalog.
    Refresh,
}

/// A check and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Test or refresh.
    pub kind: CheckKind,
    /// Its phase.
    pub phase: CheckPhase,
}

/// How far a check is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckPhase {
    /// Running.
    Running {
        /// How many models were listed so far.
        models_seen: u64,
    },
    /// Finished.
    Done(Result<OutcomeReport, ApiError>),
}

impl Check {
    /// Whether it runs.
    #[must_use]
    pub fn running(&self) -> bool {
        matches!(self.phase, CheckPhase::Running { .. })
    }
}

/// The last check of each owner.
#[derive(Clone, Copy)]
pub struct Checks {
    api: Api,
    workspace: Workspace,
    announcer: Announcer,
    checks: RwSignal<BTreeMap<Owner, Check>>,
}

impl Checks {
    /// No checks yet.
    #[must_use]
    pub fn new(api: Api, workspace: Workspace, announcer: Announcer) -> Self {
        Self {
            api,
            workspace,
            announcer,
            checks: RwSignal::new(BTreeMap::new()),
        }
    }

    /// The last check of an owner. Changes only when that does.
    #[must_use]
    pub fn of(self, owner: Owner) -> Memo<Option<Check>> {
        Memo::new(move |_| self.checks.with(|checks| checks.get(&owner).cloned()))
    }

    /// Whether any check runs.
    #[must_use]
    pub fn any_running(self) -> bool {
        self.checks
            .with(|checks| checks.values().any(Check::running))
    }

    /// Tests an owner. Nothing happens where a check of it runs.
    pub fn test(self, owner: Owner) {
        self.begin(owner, CheckKind::Test);
    }

    /// Refreshes an owner. Nothing happens where a check of it runs.
    pub fn refresh(self, owner: Owner) {
        self.begin(owner, CheckKind::Refresh);
    }

    /// Dismisses the report of an owner.
    pub fn dismiss(self, owner: &Owner) {
        self.checks.update(|checks| {
            if checks.get(owner).is_some_and(|check| !check.running()) {
                checks.remove(owner);
            }
        });
    }

    /// Forgets every check, as when the session ends.
    pub fn forget(self) {
        self.checks.set(BTreeMap::new());
    }

    /// Follows a refresh that was started elsewhere, and shows its report.
    pub fn follow(self, owner: Owner) {
        if !self.enter(&owner, CheckKind::Refresh) {
            return;
        }
        spawn_detached(async move {
            loop {
                match in_background(|| owner.progress(self.api)).await {
                    Ok(progress) => match (progress.phase, progress.report) {
                        (RefreshPhase::Done, Some(report)) => {
                            self.finish(owner, CheckKind::Refresh, Ok(report));
                            return;
                        }
                        (RefreshPhase::Idle | RefreshPhase::Done, _) => {
                            self.leave(&owner);
                            // The row shows why it was rejected.
                            self.reload(&owner);
                            return;
                        }
                        _ => self.note(&owner, progress.models_seen),
                    },
                    Err(error) => {
                        self.finish(owner, CheckKind::Refresh, Err(error));
                        return;
                    }
                }
                dom::pause(POLL).await;
            }
        });
    }

    fn begin(self, owner: Owner, kind: CheckKind) {
        if !self.enter(&owner, kind) {
            return;
        }
        let doing = match kind {
            CheckKind::Test => "Testing",
            CheckKind::Refresh => "Refreshing",
        };
        self.announcer.say(format!("{doing} {}.", owner.name()));
        if kind == CheckKind::Refresh {
            self.poll(owner.clone());
        }
        spawn_detached(async move {
            let answer = match kind {
                CheckKind::Test => owner.test(self.api).await,
                CheckKind::Refresh => owner.refresh(self.api).await,
            };
            self.finish(owner, kind, answer);
        });
    }

    /// Polls the progress of a refresh until its answer arrives.
    fn poll(self, owner: Owner) {
        spawn_detached(async move {
            loop {
                dom::pause(POLL).await;
                if !self.is_running(&owner) {
                    return;
                }
                if let Ok(progress) = in_background(|| owner.progress(self.api)).await
                    && progress.phase != RefreshPhase::Done
                {
                    self.note(&owner, progress.models_seen);
                }
            }
        });
    }

    fn is_running(self, owner: &Owner) -> bool {
        self.checks
            .try_with_untracked(|checks| checks.get(owner).is_some_and(Check::running))
            .unwrap_or_default()
    }

    fn enter(self, owner: &Owner, kind: CheckKind) -> bool {
        let free = !self.is_running(owner);
        if free {
            let check = Check {
                kind,
                phase: CheckPhase::Running { models_seen: 0 },
            };
            self.checks.update(|checks| {
                checks.insert(owner.clone(), check);
            });
        }
        free
    }

    fn leave(self, owner: &Owner) {
        self.checks.update(|checks| {
            checks.remove(owner);
        });
    }

    fn note(self, owner: &Owner, seen: u64) {
        self.checks.update(|checks| {
            if let Some(Check {
                phase: CheckPhase::Running { models_seen },
                ..
            }) = checks.get_mut(owner)
            {
                *models_seen = seen;
            }
        });
    }

    fn reload(self, owner: &Owner) {
        match owner {
            Owner::Provider(_) => self.workspace.reload_providers(),
            Owner::Source(_) => self.workspace.reload_sources(),
        }
    }

    fn finish(self, owner: Owner, kind: CheckKind, answer: Result<OutcomeReport, ApiError>) {
        self.announcer.say(spoken(&owner, kind, &answer));
        self.reload(&owner);
        let check = Check {
            kind,
            phase: CheckPhase::Done(answer),
        };
        self.checks.update(|checks| {
            checks.insert(owner, check);
        });
    }
}

/// The end of a check as a sentence.
fn spoken(owner: &Owner, kind: CheckKind, answer: &Result<OutcomeReport, ApiError>) -> String {
    let name = owner.name();
    match (answer, kind) {
        (Err(error), _) => format!("{name}: {}", error.message()),
        (Ok(report), CheckKind::Refresh) if report.outcome == CheckOutcome::Ok => {
            format!("{name} refreshed: {}.", format::changes_of(report))
        }
        (Ok(report), _) => format!("{name}: {}", report.message),
    }
}

/// The checks of this tab.
///
/// # Panics
/// Outside of the app, which provides them.
#[must_use]
pub fn use_checks() -> Checks {
    use_context().expect("the app provides the calls")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcome: CheckOutcome) -> OutcomeReport {
        OutcomeReport {
            outcome,
            message: "The key was refused.".to_owned(),
            status: Some(401),
            duration_ms: 12,
            request: "GET http://127.0.0.1:4000/models".to_owned(),
            added: vec!["a".to_owned(), "b".to_owned()],
            removed: Vec::new(),
            changed: Vec::new(),
            listed_again: Vec::new(),
            may_be_allowed: false,
            unchanged: vec!["c".to_owned()],
            skipped: 0,
            missing_headers: Vec::new(),
        }
    }

    #[test]
    fn a_finished_call_is_said_with_its_owner() {
        let owner = Owner::Provider("litellm".to_owned());
        assert_eq!(
            spoken(&owner, CheckKind::Refresh, &Ok(report(CheckOutcome::Ok))),
            "litellm refreshed: 2 added, 1 unchanged."
        );
        assert_eq!(
            spoken(
                &owner,
                CheckKind::Refresh,
                &Ok(report(CheckOutcome::Unauthorized))
            ),
            "litellm: The key was refused."
        );
        assert!(
            spoken(&owner, CheckKind::Test, &Err(ApiError::Network))
                .starts_with("litellm: The control plane")
        );
    }
}
