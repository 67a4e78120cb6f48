//! The providers file: where it is, what its last reading gave, and the watch over it.

mod watch;

use arc_swap::ArcSwap;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use waypost_api_types::{FileProblem, FileSeverity, ProvidersFileState};
use waypost_routing::catalog::{BlockedName, ProviderEntry};
use waypost_routing::problem::Severity;
use waypost_routing::providers_file::{self, FileIssue, ProvidersFile};
use waypost_routing::yaml::Position;
use waypost_system::clock;

/// A providers file larger than this is refused instead of read.
const MAX_BYTES: u64 = 1024 * 1024;

/// The places a providers file is looked for, the first that has one wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvidersPath(Vec<PathBuf>);

impl ProvidersPath {
    /// The one that was named on the command line or in the environment.
    #[must_use]
    pub fn named(path: PathBuf) -> Self {
        // A relative path must not change its meaning with the working directory.
        Self(vec![std::path::absolute(&path).unwrap_or(path)])
    }

    /// The usual places below a home directory: Waypost's own, then AgentBreeder's, so that an
    /// existing file works.
    #[must_use]
    pub fn below(home: &Path) -> Self {
        let file = |folder: &str| home.join(folder).join("providers.local.yaml");
        Self(vec![file(".waypost"), file(".agentbreeder")])
    }

    fn first(&self) -> &Path {
        self.0.first().map_or(Path::new(""), PathBuf::as_path)
    }
}

/// What the last reading of the providers file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    /// The path that was read.
    pub path: PathBuf,
    /// What became of the reading.
    pub state: ProvidersFileState,
    /// The entries that are loaded: of this reading, or of the last good one where this failed.
    pub entries: Vec<ProviderEntry>,
    /// The names that faulty entries have blocked.
    pub blocked: Vec<BlockedName>,
    /// Where the name of each entry stands.
    pub positions: BTreeMap<String, Position>,
    /// What is wrong with the file.
    pub problems: Vec<FileProblem>,
    /// When it was read, in Unix seconds.
    pub read_at: Option<i64>,
}

impl FileState {
    fn missing() -> Self {
        Self {
            path: PathBuf::new(),
            state: ProvidersFileState::Missing,
            entries: Vec::new(),
            blocked: Vec::new(),
            positions: BTreeMap::new(),
            problems: Vec::new(),
            read_at: None,
        }
    }
}

/// The providers file with the watch over it. The watch ends when the value is dropped.
pub struct FileLayer {
    shared: Arc<Shared>,
    _watch: watch::Watch,
}

struct Shared {
    path: ProvidersPath,
    state: ArcSwap<FileState>,
    /// Why changes of the file are not noticed, if they are not.
    unwatched: Mutex<Option<String>>,
    /// Counts the changes, for tasks that wait for one.
    changes: tokio::sync::watch::Sender<u64>,
}

impl FileLayer {
    /// Reads the file and begins to watch over it. Must be called inside a tokio runtime.
    #[must_use]
    pub fn open(path: ProvidersPath) -> Self {
        let state = FileState {
            path: path.first().to_owned(),
            ..FileState::missing()
        };
        let shared = Arc::new(Shared {
            path,
            state: ArcSwap::from_pointee(state),
            unwatched: Mutex::new(None),
            changes: tokio::sync::watch::Sender::new(0),
        });
        // The watch begins before the first reading, so that no change falls between them.
        let watch = watch::Watch::begin(shared.clone());
        shared.read();
        Self {
            shared,
            _watch: watch,
        }
    }

    /// What the last reading gave.
    #[must_use]
    pub fn state(&self) -> Arc<FileState> {
        self.shared.state.load_full()
    }

    /// Counts the changes from now on.
    #[must_use]
    pub fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }
}

impl Shared {
    /// Reads the file again and tells of it if anything is different.
    fn read(&self) {
        let before = self.state.load_full();
        let mut after = next(&before, find(&self.path));
        after.problems.extend(self.not_watched());
        let same = FileState {
            read_at: before.read_at,
            ..after.clone()
        } == *before;
        self.state.store(Arc::new(after));
        if !same {
            self.changes.send_modify(|count| *count += 1);
        }
    }
}

impl Shared {
    fn unwatched(&self) -> MutexGuard<'_, Option<String>> {
        // Replacing a text cannot be left half done.
        self.unwatched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn not_watched(&self) -> Option<FileProblem> {
        let reason = self.unwatched().clone()?;
        Some(FileProblem {
            severity: FileSeverity::Warning,
            entry: None,
            code: "not_watched".to_owned(),
            message: format!(
                "Waypost cannot watch the providers file ({reason}). Restart Waypost to load its changes."
            ),
            line: None,
            column: None,
        })
    }
}

/// What lies at the first place that has something.
fn find(path: &ProvidersPath) -> (PathBuf, Result<Option<Vec<u8>>, String>) {
    for candidate in &path.0 {
        match read_limited(candidate) {
            Ok(bytes) => return (candidate.clone(), Ok(Some(bytes))),
            Err(error) if is_missing(&error) => {}
            Err(error) => {
                return (candidate.clone(), Err(error.to_string()));
            }
        }
    }
    (path.first().to_owned(), Ok(None))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        // A pipe or a device would never end.
        return Err(io::Error::other("it is not a regular file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    std::fs::read(path)
}

/// The state after a reading.
fn next(before: &FileState, found: (PathBuf, Result<Option<Vec<u8>>, String>)) -> FileState {
    let (path, content) = found;
    let read_at = Some(clock::now());
    let file = match content {
        Ok(None) => {
            return FileState {
                path,
                read_at,
                ..FileState::missing()
            };
        }
        Err(reason) => ProvidersFile::unreadable(&reason),
        Ok(Some(bytes)) => providers_file::read(&bytes),
    };
    let problems = file.issues.iter().map(problem).collect();
    if file.whole_file_failed {
        return failed(before, path, problems, read_at);
    }
    FileState {
        path,
        state: ProvidersFileState::Loaded,
        entries: file.entries,
        blocked: file.blocked,
        positions: file.positions,
        problems,
        read_at,
    }
}

/// The state after a failed read: the last valid version stays active, with the problems of its
/// entries, which say why their names are blocked.
fn failed(
    before: &FileState,
    path: PathBuf,
    mut problems: Vec<FileProblem>,
    read_at: Option<i64>,
) -> FileState {
    let had_any = matches!(
        before.state,
        ProvidersFileState::Loaded | ProvidersFileState::KeptLastGood
    );
    problems.extend(
        before
            .problems
            .iter()
            .filter(|problem| had_any && problem.entry.is_some())
            .cloned(),
    );
    FileState {
        path,
        state: if had_any {
            ProvidersFileState::KeptLastGood
        } else {
            ProvidersFileState::Failed
        },
        problems,
        read_at,
        ..before.clone()
    }
}

fn problem(issue: &FileIssue) -> FileProblem {
    FileProblem {
        severity: match issue.severity {
            Severity::Error => FileSeverity::Error,
            Severity::Warning => FileSeverity::Warning,
        },
        entry: issue.entry.clone(),
        code: issue.code.to_owned(),
        message: issue.message.clone(),
        line: issue.line,
        column: issue.column,
    }
}

#[cfg(test)]
mod tests;
