//! Hearing of what other processes commit.
//!
//! PostgreSQL notifies those that listen at the time, and a connection may break at any time: followers
//! of the database read it from time to time as well.

use super::connections::Connections;
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use waypost_system::random;

const CHANNEL: &str = "waypost";

/// How long a connection that broke is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// The commits of other processes that were heard of.
pub(super) struct Notifications {
    /// Names this process in its notifications. Letters and digits.
    own: String,
    changes: watch::Sender<u64>,
    listening: AbortHandle,
}

impl Notifications {
    /// Listens until it is dropped. Must be called inside a tokio runtime.
    pub(super) fn listen(connections: Connections) -> Self {
        let own = random::public_id();
        let changes = watch::Sender::new(0);
        let listening = tokio::spawn(listen(connections, own.clone(), changes.clone()));
        Self {
            own,
            changes,
            listening: listening.abort_handle(),
        }
    }

    /// The statement that notifies the others once its transaction is committed.
    pub(super) fn statement(&self) -> String {
        format!("SELECT pg_notify('{CHANNEL}', '{}')", self.own)
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn stop(&self) {
        self.listening.abort();
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn listen(connections: Connections, own: String, changes: watch::Sender<u64>) {
    loop {
        if let Err(error) = hear(&connections, &own, &changes).await {
            tracing::debug!(%error, "cannot listen to the database");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear(
    connections: &Connections,
    own: &str,
    changes: &watch::Sender<u64>,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(connections.pool()).await?;
    listener.listen(CHANNEL).await?;
    // What was committed before went unheard.
    changes.send_modify(|count| *count += 1);
    loop {
        match listener.try_recv().await? {
            Some(notification) if notification.payload() == own => {}
            // None: the connection broke, and what was sent meanwhile is lost.
            Some(_) | None => changes.send_modify(|count| *count += 1),
        }
    }
}
