//! The file of the request log: created, brought up to this version, put aside.

use crate::error::{StoreError, StoreErrorKind};
use crate::sqlite::connections::FILE_PATIENCE;
use crate::sqlite::error::kind_of;
use crate::sqlite::open::create_private;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection};
use std::path::{Path, PathBuf};
use waypost_system::clock;

static MIGRATIONS: Migrator = sqlx::migrate!("./request_log_migrations");

/// The size to which the write-ahead log is cut back, in bytes.
const JOURNAL_BYTES: &str = "16777216";

/// Which file was opened, so that one that was removed or replaced is noticed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentity(Option<(u64, u64)>);

impl FileIdentity {
    #[cfg(unix)]
    pub(super) fn of(path: &Path) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = std::fs::metadata(path).ok();
        Self(metadata.map(|metadata| (metadata.dev(), metadata.ino())))
    }

    #[cfg(not(unix))]
    pub(super) fn of(path: &Path) -> Self {
        // An open file cannot be removed there.
        Self(path.exists().then_some((0, 0)))
    }

    pub(super) fn is_of(self, path: &Path) -> bool {
        self.0.is_some() && self == Self::of(path)
    }
}

/// Creates the file if there is none, and brings it up to this version. Returns how it is opened.
/// `above` is the highest number that is known to have been given.
pub(super) async fn prepare(path: &Path, above: i64) -> Result<SqliteConnectOptions, StoreError> {
    create_private(path).map_err(|error| explain(path, &sqlx::Error::Io(error)))?;
    let options = options(path);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(|error| explain(path, &error))?;
    // `run` takes whatever can be acquired, which no trait object's future can prove to be `Send`.
    MIGRATIONS
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|error| unmigrated(path, error))?;
    begin_numbers(&mut connection, above)
        .await
        .map_err(|error| explain(path, &error))?;
    connection.close().await?;
    Ok(options)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // A power failure may cost the last records, and never the file.
        .synchronous(SqliteSynchronous::Normal)
        .pragma("journal_size_limit", JOURNAL_BYTES)
        .busy_timeout(FILE_PATIENCE)
}

/// Numbers of a new file begin above those of any file before it, so that a page or a stream that
/// knows the old ones goes on.
async fn begin_numbers(connection: &mut SqliteConnection, above: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sqlite_sequence (name, seq)
         SELECT 'request', ?1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'request')",
    )
    .bind(clock::now().saturating_mul(1_000).max(above))
    .execute(connection)
    .await?;
    Ok(())
}

fn explain(path: &Path, error: &sqlx::Error) -> StoreError {
    let kind = kind_of(error);
    StoreError::new(
        kind,
        format!(
            "the request log {} cannot be opened: {error}",
            path.display()
        ),
    )
}

fn unmigrated(path: &Path, error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            explain(path, &error)
        }
        MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => StoreError::new(
            StoreErrorKind::Newer,
            format!(
                "the request log {} was written by another version of Waypost. Start that one, or remove the file",
                path.display()
            ),
        ),
        error => StoreError::new(
            StoreErrorKind::Internal,
            format!("the request log {} cannot be used: {error}", path.display()),
        ),
    }
}

/// Where a damaged file is put.
fn aside(path: &Path) -> PathBuf {
    path.with_extension("db.damaged")
}

/// Removes a file that was put aside, if there is one and it is older than a moment in Unix seconds: what
/// it holds is not to be kept for longer than other records.
pub(super) fn remove_aside(path: &Path, before: Option<i64>) {
    let aside = aside(path);
    let Some(modified) = std::fs::metadata(&aside)
        .ok()
        .and_then(|file| file.modified().ok())
    else {
        return;
    };
    let age = modified
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let is_old =
        before.is_none_or(|before| i64::try_from(age.as_secs()).is_ok_and(|at| at < before));
    if is_old && let Err(error) = std::fs::remove_file(&aside) {
        tracing::warn!(%error, file = %aside.display(), "cannot remove a damaged request log");
    }
}

/// Renames a damaged file. One that was put aside earlier makes room for it.
pub(super) fn put_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let aside = aside(path);
    std::fs::rename(path, &aside).map_err(|error| explain(path, &sqlx::Error::Io(error)))?;
    remove_journal(path);
    Ok(aside)
}

/// Removes what belongs to a file that is no longer there: a new one must not read it.
pub(super) fn remove_journal(path: &Path) {
    for ending in ["db-wal", "db-shm"] {
        let journal = path.with_extension(ending);
        if let Err(error) = std::fs::remove_file(&journal)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, file = %journal.display(), "cannot remove a journal");
        }
    }
}
