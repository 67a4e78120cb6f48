//! Watches over the directories that the providers file lies in, or would lie in.
//!
//! Editors replace a file instead of writing into it, so the directory is watched, not the file.
//! Where the directory is missing too, the nearest one above it is watched until it appears.

use super::Shared;
use crate::panics::bad_end;
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A save is often several events. The file is read once they have been quiet for this long.
const QUIET: Duration = Duration::from_millis(50);
/// In a directory that is never quiet, it is read after this long all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// The watching task, which ends when this is dropped.
pub(super) struct Watch(Option<tokio::task::JoinHandle<()>>);

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

impl Watch {
    pub(super) fn begin(shared: Arc<Shared>) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let matters = match event {
                Ok(event) => changes_something(event.kind),
                // Events may have been lost, so that the file must be looked at.
                Err(_) => true,
            };
            if matters {
                // The receiver is gone once the file is no longer watched.
                let _ = sender.send(());
            }
        });
        let watcher = match watcher {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!(%error, "cannot watch the providers file");
                *shared.unwatched() = Some(error.to_string());
                return Self(None);
            }
        };
        let mut watched = Watched {
            watcher,
            folders: BTreeSet::new(),
        };
        watched.follow(&shared);
        Self(Some(tokio::spawn(watch(shared, watched, events))))
    }
}

/// Reading the file is an event too, and must not cause another read.
fn changes_something(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

async fn watch(shared: Arc<Shared>, mut watched: Watched, mut events: mpsc::UnboundedReceiver<()>) {
    while events.recv().await.is_some() {
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience
            && matches!(timeout(QUIET, events.recv()).await, Ok(Some(())))
        {}
        let reading = shared.clone();
        // The directories first: what appears in a new one before the reading is read by it,
        // what appears after it is an event.
        watched.follow(&shared);
        if let Err(error) = tokio::task::spawn_blocking(move || reading.read()).await {
            let error = bad_end(&error);
            tracing::error!(error, "cannot read the providers file");
        }
    }
}

struct Watched {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
}

impl Watched {
    /// Watches the directories that matter now, and no others.
    fn follow(&mut self, shared: &Shared) {
        let wanted: BTreeSet<PathBuf> = shared
            .path
            .0
            .iter()
            .flat_map(|candidate| folders_of(candidate))
            .collect();
        for gone in self.folders.difference(&wanted) {
            // A directory that was deleted has lost its watch already.
            let _ = self.watcher.unwatch(gone);
        }
        // Every one is watched anew, because one that was deleted and made again has lost its
        // watch although its path is the same.
        let mut fault = None;
        for folder in &wanted {
            if let Err(error) = self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                tracing::warn!(%error, folder = %folder.display(), "cannot watch the directory of the providers file");
                fault = Some(error.to_string());
            }
        }
        *shared.unwatched() = fault;
        self.folders = wanted;
    }
}

/// The nearest directory that exists above the file, and the one that the file really lies in
/// where the path is a link.
fn folders_of(candidate: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let nearest = candidate.ancestors().skip(1).find(|folder| folder.is_dir());
    folders.extend(nearest.map(Path::to_owned));
    if let Ok(real) = candidate.canonicalize() {
        folders.extend(real.parent().map(Path::to_owned));
    }
    folders
}
