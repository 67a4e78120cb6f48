//! The database: one SQLite file, `waypost.db`, in the data directory.
//!
//! Every module here owns the statements of one subject. A change and its audit row are written
//! in one transaction, by [`audit::record`].

pub mod agents;
pub mod audit;
pub mod clock;
pub mod meta;
pub mod models;
pub mod new_models;
pub mod outcomes;
pub mod providers;
pub mod random;
pub mod remains;
pub mod sample;
pub mod secrets;
pub mod sessions;
pub mod settings;
pub mod sources;
pub mod versions;
pub mod watch;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqlitePool};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file's name inside the data directory.
pub const FILE_NAME: &str = "waypost.db";

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Opens the database of a data directory, makes it where there is none, and brings it up to
/// this version.
///
/// # Errors
/// Where the file is damaged, was written by a newer Waypost, or cannot be read or written.
pub async fn open(data_dir: &Path) -> Result<SqlitePool, StoreError> {
    let path = data_dir.join(FILE_NAME);
    match open_file(&path).await {
        Ok(pool) => Ok(pool),
        Err(kind) => Err(StoreError { path, kind }),
    }
}

async fn open_file(path: &Path) -> Result<SqlitePool, StoreErrorKind> {
    make_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL may lose the last commits when the power fails, FULL does not.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new()
        .max_connections(4)
        .connect_with(options)
        .await?;
    let report: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&pool)
        .await?;
    if report != "ok" {
        return Err(StoreErrorKind::Damaged(report));
    }
    migrate(&pool, path).await?;
    Ok(pool)
}

/// Makes the file, for its owner's eyes only; SQLite gives its journal the same mode.
fn make_private(path: &Path) -> Result<(), StoreErrorKind> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreErrorKind::Database(sqlx::Error::Io(error))),
    }
}

/// The version that this build writes: its last migration's.
fn latest_version() -> i64 {
    MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

async fn migrate(pool: &SqlitePool, path: &Path) -> Result<(), StoreErrorKind> {
    let found: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(pool)
        .await?;
    let latest = latest_version();
    if found > latest {
        return Err(StoreErrorKind::Newer { found, latest });
    }
    if found == latest {
        return Ok(());
    }
    if found > 0 {
        back_up(pool, path, found).await?;
    }
    MIGRATIONS.run(pool).await?;
    // A pragma takes no bound parameter; the value is a number of our own.
    sqlx::query(AssertSqlSafe(format!("PRAGMA user_version = {latest}")))
        .execute(pool)
        .await?;
    Ok(())
}

/// Keeps a copy of the database as it was before a migration, beside it.
async fn back_up(pool: &SqlitePool, path: &Path, version: i64) -> Result<(), StoreErrorKind> {
    let copy = path.with_extension(format!("db.before-{version}"));
    if copy.exists() {
        return Ok(());
    }
    sqlx::query("VACUUM INTO ?1")
        .bind(copy.to_string_lossy().into_owned())
        .execute(pool)
        .await?;
    Ok(())
}

/// Why the database could not be opened, with its path.
#[derive(Debug)]
pub struct StoreError {
    path: PathBuf,
    kind: StoreErrorKind,
}

#[derive(Debug)]
enum StoreErrorKind {
    Damaged(String),
    Newer { found: i64, latest: i64 },
    Migration(sqlx::migrate::MigrateError),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreErrorKind {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<sqlx::migrate::MigrateError> for StoreErrorKind {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            StoreErrorKind::Damaged(report) => write!(
                formatter,
                "the database {path} is damaged ({report}). Put a backup in its place, or move it away to start anew"
            ),
            StoreErrorKind::Newer { found, latest } => write!(
                formatter,
                "the database {path} was written by a newer Waypost (its version is {found}, this one knows {latest}). Start the newer one, or use another --data-dir"
            ),
            StoreErrorKind::Migration(error) => {
                write!(
                    formatter,
                    "the database {path} could not be brought up to date: {error}"
                )
            }
            StoreErrorKind::Database(error) => {
                write!(formatter, "the database {path} cannot be opened: {error}")
            }
        }
    }
}

impl std::error::Error for StoreError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_new_database_is_durable_and_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let pool = open(folder.path()).await.unwrap();
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(&pool)
            .await
            .unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(&pool)
            .await
            .unwrap();
        let foreign_keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys")
            .fetch_one(&pool)
            .await
            .unwrap();
        let version: i64 = sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(
            (journal.as_str(), synchronous, foreign_keys, version),
            ("wal", 2, 1, latest_version())
        );
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let _pool = open(folder.path()).await.unwrap();
        for name in ["waypost.db", "waypost.db-wal"] {
            let file = std::fs::metadata(folder.path().join(name)).unwrap();
            assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
        }
    }

    #[tokio::test]
    async fn every_table_is_strict() {
        let folder = tempfile::tempdir().unwrap();
        let pool = open(folder.path()).await.unwrap();
        let loose: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM pragma_table_list
             WHERE schema = 'main' AND type = 'table' AND strict = 0
               AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        assert_eq!(loose, Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let pool = open(folder.path()).await.unwrap();
        sqlx::query("PRAGMA user_version = 9999")
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        let error = open(folder.path()).await.unwrap_err().to_string();
        assert!(error.contains("written by a newer Waypost"), "{error}");
    }

    #[tokio::test]
    async fn a_damaged_file_is_refused_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        std::fs::write(&path, "this is no database, whatever its name says").unwrap();
        let error = open(folder.path()).await.unwrap_err().to_string();
        assert!(error.contains(FILE_NAME), "{error}");
    }
}
