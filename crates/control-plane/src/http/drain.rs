//! The end of a process, which waits for the requests under way.

use tokio::sync::watch;

/// Whether the process is about to end. Clones share it.
#[derive(Clone, Debug)]
pub struct Drain(watch::Sender<bool>);

impl Default for Drain {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Drain {
    /// Begins to refuse new requests.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it begins. Endless streams end then.
    pub async fn begun(&self) {
        // The sender is alive while this is.
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
    }
}
