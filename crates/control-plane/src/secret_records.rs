//! The records of secrets, kept in the database.

use async_trait::async_trait;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use waypost_secrets::{
    ExpectedSecret, RecordsError, SecretMeta, SecretRecord, SecretRecords, SecretsBackendKind,
};
use waypost_store::{ExpectedValue, SecretRow, Store};

/// The records of secrets in a workspace's database.
pub struct StoredRecords(Arc<dyn Store>);

impl StoredRecords {
    /// The records in this database.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl SecretRecords for StoredRecords {
    async fn backend(&self) -> Result<Option<SecretsBackendKind>, RecordsError> {
        self.0.secrets_backend().await.map_err(failed)
    }

    async fn record_backend(&self, kind: SecretsBackendKind) -> Result<(), RecordsError> {
        self.0.record_secrets_backend(kind).await.map_err(failed)
    }

    async fn list(&self) -> Result<BTreeMap<String, SecretRecord>, RecordsError> {
        let rows = self.0.secrets().await.map_err(failed)?;
        Ok(rows
            .into_iter()
            .map(|(name, row)| (name, record(row)))
            .collect())
    }

    async fn find(&self, name: &str) -> Result<Option<SecretRecord>, RecordsError> {
        let row = self.0.secret(name).await.map_err(failed)?;
        Ok(row.map(record))
    }

    async fn begin(&self, names: &[String]) -> Result<(), RecordsError> {
        self.0.begin_secret_changes(names).await.map_err(failed)
    }

    async fn settle(&self, name: &str) -> Result<(), RecordsError> {
        self.0.settle_secret(name).await.map_err(failed)
    }

    async fn adopt(&self, name: &str, found: &ExpectedSecret) -> Result<(), RecordsError> {
        let value = expected_value(found);
        self.0.adopt_secret(name, &value).await.map_err(failed)
    }
}

/// A record as the transaction of an edit writes it.
pub(crate) fn expected_value(expected: &ExpectedSecret) -> ExpectedValue {
    let ExpectedSecret { meta, revision } = expected.clone();
    ExpectedValue {
        origin: meta.origin,
        hint: meta.hint,
        set_at: meta.set_at,
        revision,
    }
}

fn record(row: SecretRow) -> SecretRecord {
    SecretRecord {
        expected: row.expected.map(|value| ExpectedSecret {
            meta: SecretMeta {
                origin: value.origin,
                hint: value.hint,
                set_at: value.set_at,
            },
            revision: value.revision,
        }),
        unsettled: row.unsettled,
    }
}

fn failed(error: impl fmt::Display) -> RecordsError {
    RecordsError::new(&error)
}
