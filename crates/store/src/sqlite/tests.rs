//! What only SQLite has: its file, its pragmas, its migrations.

use super::testing;
use crate::Store as _;
use sqlx::SqliteConnection;
use tempfile::TempDir;

/// A new database, and a connection of the test's own to it.
pub(super) async fn connection() -> (TempDir, SqliteConnection) {
    let folder = tempfile::tempdir().unwrap();
    super::open(folder.path()).await.unwrap().close().await;
    let connection = testing::connect(folder.path()).await;
    (folder, connection)
}

mod faults;
mod file;
mod migrations;
