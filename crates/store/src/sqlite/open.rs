//! Opening the file, and bringing it up to this version.

use super::connections::FILE_PATIENCE;
use super::error::kind_of;
use super::file_names::{FILE_NAME, REQUEST_LOG_FILE};
use super::store::SqliteStore;
use crate::database_description::DatabaseDescription;
use crate::error::{StoreError, StoreErrorKind};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use std::path::{Path, PathBuf};

/// The smallest page that SQLite knows, in bytes.
const SMALLEST_PAGE: u64 = 512;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!();

/// Opens the database of a data directory, creates it if there is none, and migrates it to this
/// version. Only the process that serves the directory may do this.
///
/// # Errors
/// Fails if the file is damaged, empty beside other data of a workspace, written by a newer
/// Waypost, or cannot be read or written.
pub async fn open(data_dir: &Path) -> Result<SqliteStore, StoreError> {
    let path = data_dir.join(FILE_NAME);
    refuse_lost(&path)?;
    create_private(&path).map_err(|error| explain(&path, &sqlx::Error::Io(error)))?;
    let mut connection = connect(&path).await?;
    check(&mut connection, &path).await?;
    migrate(&mut connection, &path).await?;
    finish(connection, path).await
}

/// Opens the database of a data directory beside the process that serves it: nothing is created
/// or migrated.
///
/// # Errors
/// Fails if there is no database, if its version is not this one's, or as [`open`].
pub async fn open_current(data_dir: &Path) -> Result<SqliteStore, StoreError> {
    let path = data_dir.join(FILE_NAME);
    refuse_lost(&path)?;
    let mut connection = connect(&path).await?;
    let (found, latest) = (version(&mut connection, &path).await?, latest_version());
    if found > latest {
        return Err(newer(&path, found));
    }
    if found < latest {
        return Err(StoreError::new(
            StoreErrorKind::Older,
            format!(
                "the database {} has version {found}, and this Waypost works with version {latest}. Run this command with the Waypost that serves the directory, or stop that one and start `waypost serve` with this one",
                path.display()
            ),
        ));
    }
    finish(connection, path).await
}

async fn finish(
    mut connection: SqliteConnection,
    path: PathBuf,
) -> Result<SqliteStore, StoreError> {
    let version = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| explain(&path, &error))?;
    connection.close().await?;
    let description = DatabaseDescription {
        product: "SQLite",
        version,
        place: path.display().to_string(),
    };
    SqliteStore::new(options(&path), description)
        .await
        .map_err(|error| explain(&path, &error))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL may lose the last commits when the power fails, FULL does not.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(FILE_PATIENCE)
}

async fn connect(path: &Path) -> Result<SqliteConnection, StoreError> {
    SqliteConnection::connect_with(&options(path))
        .await
        .map_err(|error| explain(path, &error))
}

/// Refuses an empty file beside other data: the workspace's database was lost, and starting a new
/// one would hide that.
fn refuse_lost(path: &Path) -> Result<(), StoreError> {
    let length = std::fs::metadata(path).map_or(u64::MAX, |metadata| metadata.len());
    if (1..SMALLEST_PAGE).contains(&length) {
        // SQLite takes so short a file for an empty one and would begin anew.
        return Err(StoreError::new(
            StoreErrorKind::Damaged,
            format!(
                "the database {} is damaged (it was cut off after {length} bytes).{}",
                path.display(),
                backup_hint(path)
            ),
        ));
    }
    if length > 0 {
        return Ok(());
    }
    let others: Vec<String> = files_beside(path)
        .into_iter()
        .filter(|name| {
            name.starts_with("secrets.")
                || is_backup(name)
                || name == "waypost.db-wal"
                || name == REQUEST_LOG_FILE
        })
        .collect();
    if others.is_empty() {
        // The first start was interrupted before it wrote anything.
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::Damaged,
        format!(
            "the database {} is empty, although {} beside it belongs to a workspace.{} To start a new workspace, use another --data-dir or remove the empty file",
            path.display(),
            others.join(", "),
            backup_hint(path)
        ),
    ))
}

fn files_beside(path: &Path) -> Vec<String> {
    let Some(Ok(entries)) = path.parent().map(std::fs::read_dir) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.metadata().is_ok_and(|metadata| metadata.len() > 0))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

fn is_backup(name: &str) -> bool {
    name.starts_with("waypost.db.before-")
}

/// Names the newest backup, if there is one.
fn backup_hint(path: &Path) -> String {
    let newest = files_beside(path)
        .into_iter()
        .filter_map(|name| {
            let version: i64 = name.strip_prefix("waypost.db.before-")?.parse().ok()?;
            Some((version, name))
        })
        .max();
    match newest {
        Some((_, name)) => format!(
            " The backup {} was made before the last migration; copy it to {FILE_NAME} to go back to it.",
            path.with_file_name(name).display()
        ),
        None => " Restore it from a backup.".to_owned(),
    }
}

/// Creates the file readable by its owner only; SQLite gives its journal the same mode.
pub(super) fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// SQLite's own words, with the path and what to do.
fn explain(path: &Path, error: &sqlx::Error) -> StoreError {
    let kind = kind_of(error);
    let path_shown = path.display();
    let message = match kind {
        StoreErrorKind::Damaged => format!(
            "the database {path_shown} is damaged ({error}).{}",
            backup_hint(path)
        ),
        StoreErrorKind::DiskFull => {
            format!("the database {path_shown} cannot be written: the disk is full ({error})")
        }
        _ => format!("the database {path_shown} cannot be opened: {error}"),
    };
    StoreError::new(kind, message)
}

/// Reads the whole file once, so that damage is found now and not in the middle of a request.
async fn check(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let report: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(connection)
        .await
        .map_err(|error| explain(path, &error))?;
    if report == "ok" {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::Damaged,
        format!(
            "the database {} is damaged ({report}).{}",
            path.display(),
            backup_hint(path)
        ),
    ))
}

/// The version that this build writes: its last migration's.
pub(super) fn latest_version() -> i64 {
    MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

async fn version(connection: &mut SqliteConnection, path: &Path) -> Result<i64, StoreError> {
    sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(connection)
        .await
        .map_err(|error| explain(path, &error))
}

fn newer(path: &Path, found: i64) -> StoreError {
    StoreError::new(
        StoreErrorKind::Newer,
        format!(
            "the database {} was written by a newer Waypost (its version is {found}, this one knows {}). Start the newer one, or use another --data-dir",
            path.display(),
            latest_version()
        ),
    )
}

async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let found = version(connection, path).await?;
    let latest = latest_version();
    if found > latest {
        return Err(newer(path, found));
    }
    if found == latest {
        return Ok(());
    }
    let cannot = |error: String| {
        StoreError::new(
            StoreErrorKind::Internal,
            format!(
                "the database {} could not be migrated from version {found} to {latest}: {error}.{}",
                path.display(),
                if found > 0 {
                    backup_hint(path)
                } else {
                    String::new()
                }
            ),
        )
    };
    if found > 0 {
        back_up(connection, path, found)
            .await
            .map_err(|error| explain(path, &error))?;
    }
    MIGRATIONS
        .run(&mut *connection)
        .await
        .map_err(|error| cannot(error.to_string()))?;
    // A pragma takes no bound parameter; the value is a number of our own.
    sqlx::query(AssertSqlSafe(format!("PRAGMA user_version = {latest}")))
        .execute(connection)
        .await
        .map_err(|error| cannot(error.to_string()))?;
    Ok(())
}

/// Keeps a copy of the database as it was before a migration, beside it.
async fn back_up(
    connection: &mut SqliteConnection,
    path: &Path,
    version: i64,
) -> Result<(), sqlx::Error> {
    let copy = path.with_extension(format!("db.before-{version}"));
    if copy.exists() {
        return Ok(());
    }
    sqlx::query("VACUUM INTO ?1")
        .bind(copy.to_string_lossy().into_owned())
        .execute(connection)
        .await?;
    Ok(())
}
