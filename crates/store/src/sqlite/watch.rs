//! Whether anything was committed since the last look, by whichever process.

use super::connections::Readers;
use crate::error::StoreError;
use crate::store::Generation;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::Mutex;

/// A connection that never writes, so that it notices every commit.
#[derive(Default)]
pub(super) struct Watch(Mutex<Watching>);

#[derive(Default)]
struct Watching {
    connection: Option<SqliteConnection>,
    opened: u64,
}

impl Watch {
    /// The state now.
    pub(super) async fn generation(&self, readers: &Readers) -> Result<Generation, StoreError> {
        let mut watching = self.0.lock().await;
        // A look that fails or is cancelled takes its connection along.
        let mut connection = match watching.connection.take() {
            Some(connection) => connection,
            None => {
                watching.opened += 1;
                readers.pool().acquire().await?.detach()
            }
        };
        let version = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut connection)
            .await?;
        watching.connection = Some(connection);
        Ok(Generation(watching.opened, version))
    }

    /// Closes the connection.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.0.lock().await.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "a connection to the database did not close");
        }
    }
}
