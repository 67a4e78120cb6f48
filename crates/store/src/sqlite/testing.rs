//! Reading and changing the file behind the store's back, for tests.

use super::FILE_NAME;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use std::path::Path;

/// A connection of the test's own.
///
/// # Panics
/// Panics if the file cannot be opened.
#[cfg(test)]
pub(crate) async fn connect(data_dir: &Path) -> SqliteConnection {
    open(data_dir).await
}

async fn open(data_dir: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data_dir.join(FILE_NAME));
    SqliteConnection::connect_with(&options)
        .await
        .expect("the test's database opens")
}

/// Runs statements on the database of a data directory.
///
/// # Panics
/// Panics if a statement fails.
pub async fn execute(data_dir: &Path, sql: &str) {
    let mut connection = open(data_dir).await;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .expect("the test's statement runs");
    connection.close().await.expect("the connection closes");
}

/// The rows of a query, each as the text of its one column.
///
/// # Panics
/// Panics if the query fails.
pub async fn texts(data_dir: &Path, sql: &str) -> Vec<String> {
    let mut connection = open(data_dir).await;
    let rows = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(&mut connection)
        .await
        .expect("the test's query runs");
    connection.close().await.expect("the connection closes");
    rows
}

/// A write lock on the database, as another process would hold it.
pub struct WriteLock(SqliteConnection);

impl WriteLock {
    /// Takes the lock.
    ///
    /// # Panics
    /// Panics if the lock cannot be had.
    pub async fn take(data_dir: &Path) -> Self {
        let mut connection = open(data_dir).await;
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut connection)
            .await
            .expect("the test takes the lock");
        Self(connection)
    }

    /// Gives it back.
    ///
    /// # Panics
    /// Panics if the connection does not close.
    pub async fn release(self) {
        self.0.close().await.expect("the connection closes");
    }
}
