//! What every backend does, and how it is called without ever blocking a request.

use super::text::SecretText;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use waypost_api_types::SecretsBackend;
use zeroize::Zeroizing;

/// A value together with the origin it was entered for, as a backend keeps it: in one piece, so
/// that a value beside the origin of another can never come about.
pub(super) struct Sealed {
    /// The origin it was entered for.
    pub(super) origin: String,
    /// When it was entered, in Unix seconds.
    pub(super) set_at: i64,
    /// The value.
    pub(super) value: SecretText,
}

/// The first line of what is stored, so that a later form can be told from this one.
const FORM: &str = "waypost-secret-1";

impl Sealed {
    /// One line each for the form, the time and the origin; the rest is the value.
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = format!("{FORM}\n{}\n{}\n", self.set_at, self.origin).into_bytes();
        // Room for all of it first: growing would leave a copy behind that nobody wipes.
        bytes.reserve_exact(self.value.expose().len());
        bytes.extend_from_slice(self.value.expose().as_bytes());
        Zeroizing::new(bytes)
    }

    /// Reads what [`Sealed::encode`] wrote.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut parts = text.splitn(4, '\n');
        if parts.next()? != FORM {
            return None;
        }
        Some(Self {
            set_at: parts.next()?.parse().ok()?,
            origin: parts.next()?.to_owned(),
            value: SecretText::new(parts.next()?.to_owned()),
        })
    }
}

/// A place where secrets are kept. Its calls may block. Its error texts are for a person and hold
/// nothing of what is stored.
pub(super) trait Backend: Send + Sync + 'static {
    /// Which kind it is.
    fn kind(&self) -> SecretsBackend;
    /// The names it holds; also the cheapest proof that it answers.
    fn names(&self) -> Result<BTreeSet<String>, String>;
    /// What it holds under a name.
    fn read(&self, name: &str) -> Result<Option<Sealed>, String>;
    /// Stores, replacing what was there.
    fn write(&self, name: &str, sealed: &Sealed) -> Result<(), String>;
    /// Removes; false where there was nothing.
    fn delete(&self, name: &str) -> Result<bool, String>;
}

/// Calls a backend on threads of its own, with a time limit.
///
/// A keychain daemon can hang for ever. A thread that waits for it is left to itself, where a
/// blocking task of the runtime would keep the process from ending.
pub(super) struct Worker {
    backend: Arc<dyn Backend>,
    reads: Arc<Semaphore>,
    /// One change at a time, and none while an earlier one may still take effect.
    changes: Arc<Semaphore>,
    limit: Duration,
}

impl Worker {
    pub(super) fn new(backend: Arc<dyn Backend>, limit: Duration) -> Self {
        Self {
            backend,
            reads: Arc::new(Semaphore::new(4)),
            changes: Arc::new(Semaphore::new(1)),
            limit,
        }
    }

    pub(super) fn kind(&self) -> SecretsBackend {
        self.backend.kind()
    }

    pub(super) async fn names(&self) -> Result<BTreeSet<String>, String> {
        self.call(&self.reads, |backend| backend.names()).await
    }

    pub(super) async fn read(&self, name: &str) -> Result<Option<Sealed>, String> {
        let name = name.to_owned();
        self.call(&self.reads, move |backend| backend.read(&name))
            .await
    }

    pub(super) async fn write(&self, name: &str, sealed: Sealed) -> Result<(), String> {
        let name = name.to_owned();
        self.call(&self.changes, move |backend| backend.write(&name, &sealed))
            .await
    }

    pub(super) async fn delete(&self, name: &str) -> Result<bool, String> {
        let name = name.to_owned();
        self.call(&self.changes, move |backend| backend.delete(&name))
            .await
    }

    async fn call<T: Send + 'static>(
        &self,
        gate: &Arc<Semaphore>,
        work: impl FnOnce(&dyn Backend) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let backend = Arc::clone(&self.backend);
        let gate = Arc::clone(gate);
        let answer = async move {
            // The permit goes with the thread, not with this future: it is free again when the
            // backend has really answered.
            let permit = gate
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            let (sender, receiver) = oneshot::channel();
            std::thread::Builder::new()
                .name("secrets".to_owned())
                .spawn(move || {
                    let answer = work(backend.as_ref());
                    drop(permit);
                    // Nobody may be waiting any more.
                    let _ = sender.send(answer);
                })
                .map_err(|error| format!("no thread could be started for it ({error})"))?;
            receiver
                .await
                .unwrap_or_else(|_| Err("it failed while it was asked".to_owned()))
        };
        tokio::time::timeout(self.limit, answer)
            .await
            .unwrap_or_else(|_| {
                Err(format!(
                    "no answer from the {} within {} seconds",
                    self.backend.kind().label(),
                    self.limit.as_secs_f32()
                ))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back_and_nothing_else_does() {
        let sealed = Sealed {
            origin: "https://a.example".to_owned(),
            set_at: 7,
            value: SecretText::new("{\"x\":\"1\"}".to_owned()),
        };
        let bytes = sealed.encode();
        let back = Sealed::decode(&bytes).unwrap();
        assert_eq!(back.origin, "https://a.example");
        assert_eq!(back.set_at, 7);
        assert_eq!(back.value.expose(), "{\"x\":\"1\"}");
        for bad in [
            &b"waypost-secret-2\n7\nhttps://a.example\nv"[..],
            b"waypost-secret-1\nx\nhttps://a.example\nv",
            b"waypost-secret-1\n7\nhttps://a.example",
            b"\xff",
        ] {
            assert!(Sealed::decode(bad).is_none());
        }
    }
}
