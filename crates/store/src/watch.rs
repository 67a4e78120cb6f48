//! Whether anything was written since the last look, in whatever way and by whichever process.

use sqlx::{Connection as _, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

/// A state of the database. Two looks with nothing written between them see the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Which connection has looked: each counts from a beginning of its own.
    connection: u64,
    /// How often it has seen that others have written.
    version: i64,
}

/// A connection that never writes, so that every commit is another one's, which it notices.
#[derive(Default)]
pub struct Watch(Mutex<Watching>);

#[derive(Default)]
struct Watching {
    connection: Option<SqliteConnection>,
    opened: u64,
}

impl Watch {
    /// The state now. What is read after this answer is of this state or of a later one.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn state(&self, pool: &SqlitePool) -> Result<State, sqlx::Error> {
        let mut watching = self.0.lock().await;
        // A look that fails, or that nobody waits for any more, takes its connection along.
        let mut connection = match watching.connection.take() {
            Some(connection) => connection,
            None => {
                watching.opened += 1;
                pool.acquire().await?.detach()
            }
        };
        let version = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut connection)
            .await?;
        watching.connection = Some(connection);
        Ok(State {
            connection: watching.opened,
            version,
        })
    }

    /// Closes the connection.
    pub async fn close(&self) {
        if let Some(connection) = self.0.lock().await.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "a connection to the database did not close");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

    #[tokio::test]
    async fn every_commit_is_seen_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::open(folder.path()).await.unwrap();
        let watch = Watch::default();
        let mut last = watch.state(&pool).await.unwrap();
        for number in 0..20 {
            let mut transaction = pool.begin().await.unwrap();
            let name = format!("gw{number}");
            settings::set_managed_gateway(&mut transaction, &name)
                .await
                .unwrap();
            assert_eq!(watch.state(&pool).await.unwrap(), last, "not committed");
            if number % 2 == 0 {
                transaction.commit().await.unwrap();
                let next = watch.state(&pool).await.unwrap();
                assert_ne!(next, last, "committed");
                last = next;
            } else {
                transaction.rollback().await.unwrap();
            }
            settings::read(&pool).await.unwrap();
            assert_eq!(watch.state(&pool).await.unwrap(), last);
        }
    }

    #[tokio::test]
    async fn another_program_is_seen_and_another_connection_has_seen_nothing_yet() {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::open(folder.path()).await.unwrap();
        let watch = Watch::default();
        let first = watch.state(&pool).await.unwrap();
        let other = crate::open(folder.path()).await.unwrap();
        sqlx::query("UPDATE settings SET default_model = 'a/b'")
            .execute(&other)
            .await
            .unwrap();
        let second = watch.state(&pool).await.unwrap();
        assert_ne!(second, first);
        watch.close().await;
        let third = watch.state(&pool).await.unwrap();
        assert!(third != first && third != second);
    }
}
