//! Copying the secrets of a workspace from one backend to another.

use crate::backend::{BackendError, SecretsBackend, StoredVersion};
use crate::error::SecretsError;
use crate::kind::SecretsBackendKind;
use crate::open::BackendOptions;
use crate::records::{ExpectedSecret, SecretRecords};
use crate::sealed::{SealedSecret, SecretVersion};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A copy from one backend to another, of every secret that the workspace has recorded. The source
/// is not changed.
pub struct SecretsCopy {
    from: Arc<dyn SecretsBackend>,
    to: Arc<dyn SecretsBackend>,
    records: Arc<dyn SecretRecords>,
    expected: BTreeMap<String, ExpectedSecret>,
}

/// How a copy treats the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopyMode {
    /// Nothing is written.
    pub dry_run: bool,
    /// A value that another program wrote into the target is replaced.
    pub overwrite: bool,
}

/// What became of one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyOutcome {
    /// It was written to the target and read back. In a dry run it would be written.
    Copied,
    /// The target has it already.
    Unchanged,
    /// The source does not hold the value that the workspace has recorded.
    Missing,
    /// The target holds a value that another program wrote.
    Differs,
    /// A backend failed.
    Failed(String),
}

impl CopyOutcome {
    /// Whether the target has the secret, or would have it.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Copied | Self::Unchanged)
    }

    /// The name of the outcome.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Copied => "copied",
            Self::Unchanged => "unchanged",
            Self::Missing => "missing",
            Self::Differs => "differs",
            Self::Failed(_) => "failed",
        }
    }
}

impl SecretsCopy {
    /// A copy between two kinds of backend.
    ///
    /// # Errors
    /// [`SecretsError::CannotBegin`] if the options of a backend are wrong or it does not answer, and
    /// [`SecretsError::Records`] if the records cannot be read.
    pub async fn new(
        from: SecretsBackendKind,
        to: SecretsBackendKind,
        options: &BackendOptions,
        records: Arc<dyn SecretRecords>,
    ) -> Result<Self, SecretsError> {
        let (source, target) = (options.backend(from)?, options.backend(to)?);
        for (kind, backend) in [(from, &source), (to, &target)] {
            let health = limited(backend.health()).await;
            health.map_err(|error| SecretsError::CannotBegin {
                asked: kind,
                reason: error.to_string(),
            })?;
        }
        Self::between(source, target, records).await
    }

    pub(crate) async fn between(
        from: Arc<dyn SecretsBackend>,
        to: Arc<dyn SecretsBackend>,
        records: Arc<dyn SecretRecords>,
    ) -> Result<Self, SecretsError> {
        let recorded = records.list().await?.into_iter();
        let expected = recorded
            .filter_map(|(name, record)| Some((name, record.expected?)))
            .collect();
        Ok(Self {
            from,
            to,
            records,
            expected,
        })
    }

    /// The names of the secrets to copy.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.expected.keys().map(String::as_str)
    }

    /// Copies one secret, and reads it back.
    pub async fn copy(&self, name: &str, mode: CopyMode) -> CopyOutcome {
        self.try_copy(name, mode)
            .await
            .unwrap_or_else(|error| CopyOutcome::Failed(error.to_string()))
    }

    async fn try_copy(&self, name: &str, mode: CopyMode) -> Result<CopyOutcome, BackendError> {
        let Some(expected) = self.expected.get(name) else {
            return Ok(CopyOutcome::Missing);
        };
        let held = match limited(self.from.get(name)).await {
            Err(BackendError::Damaged(_)) => None,
            other => other?,
        };
        let held = held.as_ref();
        let version = held.and_then(|held| held.version(expected.revision.as_deref()));
        let Some(mut version) = version.cloned() else {
            return Ok(CopyOutcome::Missing);
        };
        // Another program wrote it without an origin; Waypost has bound it to one.
        if version.origin.is_empty() {
            version.origin.clone_from(&expected.meta.origin);
        }
        let version = &version;
        let (there, over) = match limited(self.to.get_for_update(name)).await {
            Err(BackendError::Damaged(_)) if mode.overwrite => (None, None),
            Err(BackendError::Damaged(_)) => return Ok(CopyOutcome::Differs),
            other => other?,
        };
        if there.as_ref().is_some_and(|there| is_copy(there, version)) {
            return Ok(CopyOutcome::Unchanged);
        }
        let is_anothers = there.is_some_and(|there| there.current.revision.is_none());
        if is_anothers && !mode.overwrite {
            return Ok(CopyOutcome::Differs);
        }
        if !mode.dry_run {
            self.write(name, version, over).await?;
        }
        Ok(CopyOutcome::Copied)
    }

    async fn write(
        &self,
        name: &str,
        version: &SecretVersion,
        over: Option<StoredVersion>,
    ) -> Result<(), BackendError> {
        let document = SealedSecret::of(version.clone());
        limited(self.to.put(name, &document, over.as_ref())).await?;
        let back = limited(self.to.get(name)).await?;
        match back.is_some_and(|back| is_copy(&back, version)) {
            true => Ok(()),
            false => Err(BackendError::Damaged(
                "the target did not return what was written to it".to_owned(),
            )),
        }
    }

    /// Records the target as the backend of the workspace.
    ///
    /// # Errors
    /// [`SecretsError::Records`] if it cannot be recorded.
    pub async fn switch(&self) -> Result<(), SecretsError> {
        Ok(self.records.record_backend(self.to.kind()).await?)
    }
}

/// Whether a document is this version and nothing else.
fn is_copy(document: &SealedSecret, version: &SecretVersion) -> bool {
    let current = &document.current;
    document.previous.is_none()
        && current.revision == version.revision
        && current.origin == version.origin
        && current.set_at == version.set_at
        && current.value.expose() == version.value.expose()
}

async fn limited<T>(
    call: impl Future<Output = Result<T, BackendError>>,
) -> Result<T, BackendError> {
    let limit = crate::open::CALL_LIMIT;
    tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        Err(BackendError::TimedOut(format!(
            "no answer within {seconds} seconds"
        )))
    })
}
