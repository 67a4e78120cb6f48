//! Runs a blocking backend on separate threads.

use crate::backend::{BackendError, SecretsBackend, StoredVersion};
use crate::kind::SecretsBackendKind;
use crate::sealed::SealedSecret;
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::{Semaphore, oneshot};

/// A backend whose calls may block.
pub(crate) trait BlockingBackend: Send + Sync + 'static {
    /// Which kind it is.
    fn kind(&self) -> SecretsBackendKind;
    /// As [`SecretsBackend::get`].
    fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError>;
    /// As [`SecretsBackend::put`].
    fn put(&self, name: &str, document: &SealedSecret) -> Result<(), BackendError>;
    /// As [`SecretsBackend::delete`].
    fn delete(&self, name: &str) -> Result<bool, BackendError>;
    /// As [`SecretsBackend::health`].
    fn health(&self) -> Result<(), BackendError>;
}

/// Calls a blocking backend from async code.
///
/// A keychain daemon can hang for ever. Each call has a thread that can be abandoned, because a
/// blocking task of the runtime would keep the process from ending.
pub(crate) struct Blocking<B> {
    backend: Arc<B>,
    reads: Arc<Semaphore>,
    /// One change at a time, and none while an abandoned one may still take effect.
    changes: Arc<Semaphore>,
}

impl<B: BlockingBackend> Blocking<B> {
    pub(crate) fn new(backend: B) -> Self {
        Self::shared(Arc::new(backend))
    }

    pub(crate) fn shared(backend: Arc<B>) -> Self {
        Self {
            backend,
            reads: Arc::new(Semaphore::new(4)),
            changes: Arc::new(Semaphore::new(1)),
        }
    }

    /// Reads from the backend what the trait has no call for.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&B) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, BackendError> {
        self.call(&self.reads, work).await
    }

    async fn call<T: Send + 'static>(
        &self,
        gate: &Arc<Semaphore>,
        work: impl FnOnce(&B) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, BackendError> {
        // The permit goes with the thread, not with this future: it is free again when the
        // backend has really answered.
        let permit = Arc::clone(gate)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        let backend = Arc::clone(&self.backend);
        let (sender, receiver) = oneshot::channel();
        std::thread::Builder::new()
            .name("secrets".to_owned())
            .spawn(move || {
                let answer = work(backend.as_ref());
                drop(permit);
                // The caller may have given up.
                let _ = sender.send(answer);
            })
            .map_err(|error| {
                BackendError::Unavailable(format!("cannot start a thread for it ({error})"))
            })?;
        receiver.await.unwrap_or_else(|_| {
            Err(BackendError::Unavailable(
                "it failed during the call".to_owned(),
            ))
        })
    }
}

#[async_trait]
impl<B: BlockingBackend> SecretsBackend for Blocking<B> {
    fn kind(&self) -> SecretsBackendKind {
        self.backend.kind()
    }

    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        let name = name.to_owned();
        self.call(&self.reads, move |backend| backend.get(&name))
            .await
    }

    async fn put(
        &self,
        name: &str,
        document: &SealedSecret,
        _over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        let (name, document) = (name.to_owned(), document.clone());
        self.call(&self.changes, move |backend| backend.put(&name, &document))
            .await
    }

    async fn delete(&self, name: &str) -> Result<bool, BackendError> {
        let name = name.to_owned();
        self.call(&self.changes, move |backend| backend.delete(&name))
            .await
    }

    async fn health(&self) -> Result<(), BackendError> {
        self.call(&self.reads, |backend| backend.health()).await
    }
}
