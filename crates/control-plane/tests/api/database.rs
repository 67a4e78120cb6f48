//! The database of a test's server: SQLite, or PostgreSQL where `WAYPOST_TEST_DATABASE` is `postgres`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use waypost_control_plane::store::postgres::testing::TestDatabase;
use waypost_control_plane::store::sqlite::{self, REQUEST_LOG_FILE, SqliteRequestLog};
use waypost_control_plane::store::{RequestLog, Store};

/// An empty database that a test has to itself.
pub(crate) enum Database {
    /// SQLite in this folder.
    Sqlite(PathBuf),
    /// PostgreSQL.
    Postgres(TestDatabase),
}

impl Database {
    /// Creates a database. SQLite's is in the folder.
    pub(crate) async fn create(folder: &Path) -> Self {
        match std::env::var("WAYPOST_TEST_DATABASE").as_deref() {
            Ok("postgres") => Self::Postgres(TestDatabase::create().await),
            Ok(other) => panic!("WAYPOST_TEST_DATABASE is {other:?} and not `postgres`"),
            Err(_) => Self::Sqlite(folder.to_owned()),
        }
    }

    /// Opens it, as another process would if it is open already.
    pub(crate) async fn open(&self) -> (Arc<dyn Store>, Arc<dyn RequestLog>) {
        match self {
            Self::Sqlite(folder) => {
                let store = sqlite::open(folder).await.unwrap();
                (Arc::new(store), Arc::new(SqliteRequestLog::new(folder)))
            }
            Self::Postgres(database) => {
                let (store, log) = database.open().await;
                (Arc::new(store), Arc::new(log))
            }
        }
    }

    /// Runs statements behind the server's back.
    pub(crate) async fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(folder) => sqlite::testing::execute(folder, sql).await,
            Self::Postgres(database) => database.execute(sql).await,
        }
    }

    /// A blob in SQL.
    pub(crate) fn bytes_literal(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sqlite(_) => format!("X'{hex}'"),
            Self::Postgres(_) => format!("'\\x{hex}'::bytea"),
        }
    }

    /// Makes every call of the request log fail. It must not have been used on SQLite.
    pub(crate) async fn break_request_log(&self) {
        match self {
            // Where the file should be, there is something else.
            Self::Sqlite(folder) => std::fs::create_dir(folder.join(REQUEST_LOG_FILE)).unwrap(),
            Self::Postgres(database) => {
                let rename = "ALTER TABLE request RENAME TO request_away;
                     ALTER TABLE traffic RENAME TO traffic_away";
                database.execute(rename).await;
            }
        }
    }

    /// Undoes [`Database::break_request_log`].
    pub(crate) async fn repair_request_log(&self) {
        match self {
            Self::Sqlite(folder) => std::fs::remove_dir(folder.join(REQUEST_LOG_FILE)).unwrap(),
            Self::Postgres(database) => {
                let rename = "ALTER TABLE request_away RENAME TO request;
                     ALTER TABLE traffic_away RENAME TO traffic";
                database.execute(rename).await;
            }
        }
    }

    /// Everything that the request log holds, once it is closed.
    pub(crate) async fn request_log_bytes(&self) -> Vec<u8> {
        match self {
            Self::Sqlite(folder) => std::fs::read(folder.join(REQUEST_LOG_FILE)).unwrap(),
            Self::Postgres(database) => {
                let rows = "SELECT row_to_json(kept)::text FROM request AS kept
                     UNION ALL SELECT row_to_json(kept)::text FROM route AS kept
                     UNION ALL SELECT row_to_json(kept)::text FROM traffic AS kept";
                database.texts(rows).await.concat().into_bytes()
            }
        }
    }

    /// Everything that the database holds of sessions and sign-in links, as bytes and texts.
    pub(crate) async fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Sqlite(folder) => {
                let files = [
                    sqlite::FILE_NAME.to_owned(),
                    format!("{}-wal", sqlite::FILE_NAME),
                ];
                let files = files.map(|file| std::fs::read(folder.join(file)).unwrap());
                files.concat()
            }
            Self::Postgres(database) => {
                let rows = "SELECT row_to_json(kept)::text FROM sessions AS kept
                     UNION ALL SELECT row_to_json(kept)::text FROM sign_in_links AS kept
                     UNION ALL SELECT row_to_json(kept)::text FROM audit AS kept
                     UNION ALL SELECT row_to_json(kept)::text FROM audit_values AS kept";
                database.texts(rows).await.concat().into_bytes()
            }
        }
    }
}
