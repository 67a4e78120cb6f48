//! Which database a command works on: SQLite's file in the data directory, or PostgreSQL.

use super::{DataDir, Failure};
use crate::store::postgres::{self, DatabaseUrl, InvalidDatabaseUrl};
use crate::store::sqlite::{self, SqliteRequestLog};
use crate::store::{RequestLog, Store};
use clap::Args;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names the database in place of `--database`.
const VARIABLE: &str = "WAYPOST_DATABASE";

/// The same URL as `--database` has, with the password.
const WITH_PASSWORD: &str = "DATABASE_URL";

/// Which PostgreSQL database is used, if any.
#[derive(Args, Clone, Debug)]
pub(super) struct DatabaseOption {
    /// A PostgreSQL database, such as postgres://waypost@db.example/waypost [default: $WAYPOST_DATABASE
    /// or SQLite in the data directory]
    #[arg(long, value_name = "URL", value_parser = named)]
    database: Option<NamedDatabase>,
}

/// A database as it was named. What is wrong is reported later, in words that do not repeat the text: it
/// may have a password.
#[derive(Clone, Debug)]
struct NamedDatabase(Result<DatabaseUrl, InvalidDatabaseUrl>);

fn named(text: &str) -> Result<NamedDatabase, Infallible> {
    Ok(NamedDatabase(text.parse()))
}

impl DatabaseOption {
    /// The PostgreSQL database that was named, here or in the environment; `None` stands for SQLite.
    ///
    /// # Errors
    /// Fails if the URL is invalid or has a password.
    pub(super) fn named(&self) -> Result<Option<DatabaseUrl>, Failure> {
        if let Some(NamedDatabase(url)) = &self.database {
            let url = url.clone();
            return url
                .map(Some)
                .map_err(|error| Failure::new(format!("--database: {error}")));
        }
        let Some(text) = std::env::var(VARIABLE)
            .ok()
            .filter(|text| !text.trim().is_empty())
        else {
            return Ok(None);
        };
        let url = text.parse().map(Some);
        url.map_err(|error: InvalidDatabaseUrl| Failure::new(format!("{VARIABLE}: {error}")))
    }
}

/// The URL with the password, if the environment has one.
pub(super) fn with_password() -> Option<String> {
    std::env::var(WITH_PASSWORD).ok()
}

/// Opens the database that a server works with, and migrates it to this version.
///
/// # Errors
/// Fails if the database cannot be opened or migrated.
pub(super) async fn open_to_serve(
    database: Option<&DatabaseUrl>,
    data_dir: &Path,
) -> Result<(Arc<dyn Store>, Arc<dyn RequestLog>), Failure> {
    let Some(url) = database else {
        let store = sqlite::open(data_dir).await?;
        let log = SqliteRequestLog::new(data_dir);
        return Ok((Arc::new(store), Arc::new(log)));
    };
    let (store, log) = postgres::open(url, with_password().as_deref()).await?;
    tracing::info!(database = %url, "opened the database");
    Ok((Arc::new(store), Arc::new(log)))
}

/// The workspace that a command works on, whether or not a server is running.
#[derive(Args, Clone, Debug)]
pub(super) struct WorkspaceOption {
    #[command(flatten)]
    data_dir: DataDir,
    #[command(flatten)]
    database: DatabaseOption,
}

impl WorkspaceOption {
    /// The data directory, which has the secrets of the file backend whatever the database is.
    pub(super) fn data_dir(&self) -> Result<PathBuf, Failure> {
        self.data_dir.path()
    }

    /// Opens its database, which is neither created nor migrated. Returns in which words it was named,
    /// too.
    pub(super) async fn open(&self) -> Result<(String, Arc<dyn Store>), Failure> {
        if let Some(url) = self.database.named()? {
            let store = postgres::open_current(&url, with_password().as_deref()).await?;
            return Ok((format!("the database {url}"), Arc::new(store)));
        }
        let path = self.data_dir.path()?;
        if !path.join(sqlite::FILE_NAME).exists() {
            return Err(Failure::new(format!(
                "there is no workspace in {}. Start one with `waypost serve`, or choose another directory with --data-dir",
                path.display()
            )));
        }
        let store = sqlite::open_current(&path).await?;
        Ok((
            format!("the data directory {}", path.display()),
            Arc::new(store),
        ))
    }
}
