//! Connections to PostgreSQL: transactions that write, one after the other, and those that read.

use super::error::{code_of, failed, silent};
use crate::error::{StoreError, StoreErrorKind};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// How long a writer waits for the writers of this process before it. [`super::open`] tells PostgreSQL
/// how long to wait for those of others.
const WRITER_PATIENCE: Duration = Duration::from_secs(10);

/// How long PostgreSQL has for one step. It is more than the statement and lock timeouts of the
/// server: those end a step whose server is there, this one a step whose server is not.
const ANSWER_PATIENCE: Duration = Duration::from_secs(40);

/// How long a call waits for a connection.
const CONNECTION_PATIENCE: Duration = Duration::from_secs(5);

/// How long a rollback may take before the connection is given up.
const ROLLBACK_PATIENCE: Duration = Duration::from_secs(5);

/// Begins a transaction that is the only one that writes the workspace, in this process and in all
/// others. The lock ends with the transaction. Each statement sees what was committed before it, so
/// that the transaction sees everything up to the writer before.
const BEGIN_WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED;
     SELECT pg_advisory_xact_lock(6296124911021716311)";

/// The same where a write can be left out.
const TRY_BEGIN_WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED;
     SET LOCAL lock_timeout = '50ms';
     SELECT pg_advisory_xact_lock(6296124911021716311)";

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Runs one step on a connection in use: `on!(lent, c => read(c))`.
macro_rules! on {
    ($lent:expr, $connection:ident => $step:expr) => {{
        let $connection = $lent.begin_step();
        let answer = $crate::postgres::connections::answered($step).await;
        $lent.end_step(answer)
    }};
}
pub(super) use on;

/// Waits for a step, and gives up where PostgreSQL is silent.
pub(super) async fn answered<T>(
    step: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<Result<T, sqlx::Error>, Silent> {
    tokio::time::timeout(ANSWER_PATIENCE, step)
        .await
        .map_err(|_| Silent)
}

/// PostgreSQL did not answer in time.
pub(super) struct Silent;

/// Connections for one purpose, so that no other can use them up.
#[derive(Clone)]
pub(super) struct Connections(PgPool);

impl Connections {
    /// Connects when the first call needs it.
    pub(super) fn new(options: PgConnectOptions, most: u32) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(CONNECTION_PATIENCE)
            .idle_timeout(Duration::from_secs(10 * 60))
            .max_lifetime(Duration::from_secs(60 * 60))
            .connect_lazy_with(options);
        Self(pool)
    }

    /// A connection outside of any transaction, for single statements.
    pub(super) async fn acquire(&self) -> Result<Lent, StoreError> {
        let connection = self.0.acquire().await.map_err(|error| failed(&error))?;
        Ok(Lent {
            connection: Some(connection),
            is_unsure: false,
            is_in_transaction: false,
        })
    }

    async fn begin_with(&self, statements: &'static str) -> Result<Lent, StoreError> {
        let mut lent = self.acquire().await?;
        lent.is_in_transaction = true;
        on!(lent, c => sqlx::raw_sql(statements).execute(c))?;
        Ok(lent)
    }

    /// Begins to read one consistent state.
    pub(super) async fn begin_reading(&self) -> Result<Lent, StoreError> {
        self.begin_with(BEGIN_READING).await
    }

    /// Begins a transaction that writes beside others.
    pub(super) async fn begin(&self) -> Result<Lent, StoreError> {
        self.begin_with(BEGIN).await
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.0
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

/// A connection in use.
///
/// Dropped in a transaction, it rolls back before it is used again. Dropped in the middle of a step, or
/// after one that PostgreSQL did not answer, it is closed.
pub(super) struct Lent {
    connection: Option<PoolConnection<Postgres>>,
    /// Whether a step has begun and its end is not known.
    is_unsure: bool,
    is_in_transaction: bool,
}

impl Lent {
    /// The connection, for one step. [`Lent::end_step`] takes what it resulted in.
    pub(super) fn begin_step(&mut self) -> &mut PgConnection {
        self.is_unsure = true;
        self.connection
            .as_mut()
            .expect("it is taken out only at the end")
    }

    pub(super) fn end_step<T>(
        &mut self,
        answer: Result<Result<T, sqlx::Error>, Silent>,
    ) -> Result<T, StoreError> {
        let answer = answer.map_err(|Silent| silent(ANSWER_PATIENCE.as_secs()))?;
        self.is_unsure = match &answer {
            Ok(_) | Err(sqlx::Error::RowNotFound) => false,
            // PostgreSQL refused the statement, and the connection goes on.
            Err(error) => code_of(error).is_none(),
        };
        answer.map_err(|error| failed(&error))
    }

    /// Makes the changes of the transaction durable, after one more statement.
    ///
    /// PostgreSQL answers COMMIT without an error where a statement before it had failed, and rolls back.
    /// The statement in front of it fails then.
    pub(super) async fn commit_after(mut self, statement: &str) -> Result<(), StoreError> {
        let statements = AssertSqlSafe(format!("{statement}; COMMIT"));
        on!(self, c => sqlx::raw_sql(statements).execute(c))?;
        self.is_in_transaction = false;
        Ok(())
    }

    /// Ends the transaction.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.commit_after("SELECT 1").await
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if self.is_unsure {
            drop(connection.detach());
            return;
        }
        if !self.is_in_transaction {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            drop(connection.detach());
            return;
        };
        runtime.spawn(async move {
            let undone = sqlx::raw_sql("ROLLBACK").execute(&mut *connection);
            let undone = tokio::time::timeout(ROLLBACK_PATIENCE, undone).await;
            if !matches!(undone, Ok(Ok(_))) {
                drop(connection.detach());
            }
        });
    }
}

/// Begins transactions that write the workspace. Those of this process queue here, so that none of them
/// holds a connection while it waits for another.
#[derive(Clone)]
pub(super) struct Writer {
    connections: Connections,
    queue: Arc<AsyncMutex<()>>,
    /// Why the last write failed, if it was the database that could not write.
    failure: Arc<Mutex<Option<String>>>,
}

impl Writer {
    pub(super) fn new(connections: Connections) -> Self {
        Self {
            connections,
            queue: Arc::default(),
            failure: Arc::default(),
        }
    }

    /// Begins a transaction once the writers before it have ended.
    pub(super) async fn begin(&self) -> Result<Writing, StoreError> {
        let queue = self.queue.clone().lock_owned();
        let turn = tokio::time::timeout(WRITER_PATIENCE, queue)
            .await
            .map_err(|_| {
                StoreError::new(
                    StoreErrorKind::Busy,
                    format!("another write ran for {} s", WRITER_PATIENCE.as_secs()),
                )
            })?;
        self.begin_with(BEGIN_WRITING, turn).await
    }

    /// Begins a transaction if no other writer is active.
    pub(super) async fn try_begin(&self) -> Result<Option<Writing>, StoreError> {
        let Ok(turn) = self.queue.clone().try_lock_owned() else {
            return Ok(None);
        };
        match self.begin_with(TRY_BEGIN_WRITING, turn).await {
            Ok(writing) => Ok(Some(writing)),
            Err(error) if error.kind() == StoreErrorKind::Busy => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn begin_with(
        &self,
        statements: &'static str,
        turn: OwnedMutexGuard<()>,
    ) -> Result<Writing, StoreError> {
        let begun = self.connections.begin_with(statements).await;
        Ok(Writing {
            lent: self.noted(begun)?,
            writer: self.clone(),
            _turn: turn,
        })
    }

    /// Passes a result on, remembering a failure that keeps the database from being written.
    fn noted<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result
            && !matches!(
                error.kind(),
                StoreErrorKind::Conflict | StoreErrorKind::Busy
            )
        {
            *self.failure() = Some(error.to_string());
        }
        result
    }

    /// The last failure, if nothing was written since.
    pub(super) fn last_failure(&self) -> Option<String> {
        self.failure().clone()
    }

    fn failure(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connections after the writer that is active.
    pub(super) async fn close(&self) {
        let _turn = self.queue.lock().await;
        self.connections.close().await;
    }
}

/// A transaction that writes the workspace. Dropped before it is committed, it changes nothing.
pub(super) struct Writing {
    lent: Lent,
    writer: Writer,
    _turn: OwnedMutexGuard<()>,
}

impl Writing {
    /// See [`Lent::begin_step`].
    pub(super) fn begin_step(&mut self) -> &mut PgConnection {
        self.lent.begin_step()
    }

    /// See [`Lent::end_step`].
    pub(super) fn end_step<T>(
        &mut self,
        answer: Result<Result<T, sqlx::Error>, Silent>,
    ) -> Result<T, StoreError> {
        let answer = self.lent.end_step(answer);
        self.writer.noted(answer)
    }

    /// Makes the changes durable.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.commit_after("SELECT 1").await
    }

    /// See [`Lent::commit_after`].
    pub(super) async fn commit_after(self, statement: &str) -> Result<(), StoreError> {
        let committed = self.lent.commit_after(statement).await;
        self.writer.noted(committed)?;
        *self.writer.failure() = None;
        Ok(())
    }
}
