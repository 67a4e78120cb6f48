//! One connection that writes, several that read.

use super::error::kind_of;
use crate::error::{StoreError, StoreErrorKind};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, Sqlite, SqliteConnection, SqlitePool};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// How long a writer waits for the writers before it.
const WRITER_PATIENCE: Duration = Duration::from_secs(10);

/// How long SQLite waits for a writer of another process.
pub(super) const FILE_PATIENCE: Duration = Duration::from_secs(5);

/// How long it waits where a write can be left out.
const SHORT_PATIENCE: Duration = Duration::from_millis(50);

/// The writing connection. Writers of this process queue for it, so that none waits inside SQLite
/// for another, and readers never wait for writers.
#[derive(Clone)]
pub(super) struct Writer {
    options: SqliteConnectOptions,
    /// How long SQLite waits for a writer of another process.
    patience: Duration,
    /// `None` before the first use, and after a transaction that did not end: such a connection
    /// is in an unknown state and is never used again.
    connection: Arc<AsyncMutex<Option<SqliteConnection>>>,
    /// Why the last write failed, if it was the database that could not write.
    failure: Arc<Mutex<Option<String>>>,
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions, patience: Duration) -> Self {
        Self {
            options: options.busy_timeout(patience),
            patience,
            connection: Arc::default(),
            failure: Arc::default(),
        }
    }

    #[cfg(test)]
    pub(super) fn with_patience(self, patience: Duration) -> Self {
        Self::new(self.options, patience)
    }

    /// Begins a transaction once the writers before it have ended.
    pub(super) async fn begin(&self) -> Result<Writing, StoreError> {
        let queue = self.connection.clone().lock_owned();
        let guard = tokio::time::timeout(WRITER_PATIENCE, queue)
            .await
            .map_err(|_| {
                StoreError::new(
                    StoreErrorKind::Busy,
                    format!("another write ran for {} s", WRITER_PATIENCE.as_secs()),
                )
            })?;
        self.begin_with(guard).await
    }

    /// Begins a transaction if no other writer is active.
    pub(super) async fn try_begin(&self) -> Result<Option<Writing>, StoreError> {
        let Ok(guard) = self.connection.clone().try_lock_owned() else {
            return Ok(None);
        };
        match self.begin_after(guard, Some(SHORT_PATIENCE)).await {
            Ok(writing) => Ok(Some(writing)),
            Err(error) if error.kind() == StoreErrorKind::Busy => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn begin_with(
        &self,
        guard: OwnedMutexGuard<Option<SqliteConnection>>,
    ) -> Result<Writing, StoreError> {
        self.begin_after(guard, None).await
    }

    async fn begin_after(
        &self,
        mut guard: OwnedMutexGuard<Option<SqliteConnection>>,
        patience: Option<Duration>,
    ) -> Result<Writing, StoreError> {
        // Taken out: if this is cancelled or fails, the connection is dropped with it.
        let mut connection = match guard.take() {
            Some(connection) => connection,
            None => SqliteConnection::connect_with(&self.options).await?,
        };
        if let Some(patience) = patience {
            set_patience(&mut connection, patience).await?;
        }
        let begun = sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut connection)
            .await;
        if patience.is_some() {
            set_patience(&mut connection, self.patience).await?;
        }
        match begun {
            Ok(_) => Ok(Writing {
                guard,
                connection: Some(connection),
                writer: self.clone(),
            }),
            Err(error) => {
                if kind_of(&error) == StoreErrorKind::Busy {
                    // Nothing was begun: the connection is good.
                    *guard = Some(connection);
                }
                self.note(&error);
                Err(error.into())
            }
        }
    }

    /// Remembers a failure that keeps the database from being written.
    fn note(&self, error: &sqlx::Error) {
        if matches!(
            kind_of(error),
            StoreErrorKind::DiskFull | StoreErrorKind::Damaged | StoreErrorKind::Internal
        ) && matches!(error, sqlx::Error::Database(_) | sqlx::Error::Io(_))
        {
            *self.failure() = Some(error.to_string());
        }
    }

    /// The last failure, if nothing was written since.
    pub(super) fn last_failure(&self) -> Option<String> {
        self.failure().clone()
    }

    fn failure(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connection after the writer that is active.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "cannot close the writing connection");
        }
    }
}

async fn set_patience(
    connection: &mut SqliteConnection,
    patience: Duration,
) -> Result<(), sqlx::Error> {
    let statement = format!("PRAGMA busy_timeout = {}", patience.as_millis());
    sqlx::query(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .map(drop)
}

/// A transaction that writes. Dropped before [`Writing::commit`], it takes its connection along,
/// which rolls back.
pub(super) struct Writing {
    guard: OwnedMutexGuard<Option<SqliteConnection>>,
    connection: Option<SqliteConnection>,
    writer: Writer,
}

impl Writing {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        self.connection
            .as_mut()
            .expect("it is taken out only at the end")
    }

    /// Passes a result on, remembering a failure to write.
    pub(super) fn checked<T>(&self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        result.map_err(|error| {
            self.writer.note(&error);
            error.into()
        })
    }

    /// Makes the changes durable.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        let mut connection = self
            .connection
            .take()
            .expect("it is taken out only at the end");
        let done = sqlx::query("COMMIT").execute(&mut connection).await;
        self.checked(done)?;
        *self.writer.failure() = None;
        *self.guard = Some(connection);
        Ok(())
    }
}

/// The connections that read.
#[derive(Clone)]
pub(super) struct Readers(SqlitePool);

impl Readers {
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        Ok(Self(pool))
    }

    pub(super) fn pool(&self) -> &SqlitePool {
        &self.0
    }

    /// Begins to read one consistent state.
    pub(super) async fn begin(&self) -> Result<Reading, StoreError> {
        let connection = self.0.acquire().await?;
        let mut reading = Reading(Some(connection));
        sqlx::query("BEGIN").execute(reading.connection()).await?;
        Ok(reading)
    }
}

/// A transaction that reads. If it does not end, its connection is closed instead of being given
/// back in the middle of it.
pub(super) struct Reading(Option<PoolConnection<Sqlite>>);

impl Reading {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        self.0.as_mut().expect("it is taken out only at the end")
    }

    /// Ends it and gives the connection back.
    pub(super) async fn end(mut self) -> Result<(), StoreError> {
        sqlx::query("COMMIT").execute(self.connection()).await?;
        drop(self.0.take());
        Ok(())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some(mut connection) = self.0.take() {
            connection.close_on_drop();
        }
    }
}
