//! Changing secrets and rows as one edit: [`waypost_secrets`] says how.

use super::routing_table::Edit;
use super::{DomainError, Workspace};
use crate::secret_records::expected_value;
use waypost_secrets::{Inventory, PreparedSecrets, SecretChange, SecretsBefore, SecretsError};

/// Secrets that an edit changes. Nothing takes effect before the transaction of the edit is
/// committed with [`SecretsOfEdit::write`] in it.
pub(super) struct SecretsOfEdit(Option<PreparedSecrets>);

impl SecretsOfEdit {
    /// Writes into the edit which values count once it is committed.
    pub(super) async fn write(&self, edit: &mut Edit) -> Result<(), DomainError> {
        let records = self.0.iter().flat_map(PreparedSecrets::records);
        for record in records {
            let value = record.expected.as_ref().map(expected_value);
            edit.expect_secret(&record.name, value.as_ref()).await?;
            edit.secrets.push(record.clone());
        }
        Ok(())
    }

    /// A name for the value that a secret has once the edit is committed; `None` if it has none.
    pub(super) fn value_id(&self, inventory: &Inventory, name: &str) -> Option<String> {
        let mut records = self.0.iter().flat_map(PreparedSecrets::records);
        match records.find(|record| record.name == name) {
            Some(record) => Some(record.expected.as_ref()?.value_id()),
            None => Some(inventory.stored.get(name)?.value_id()),
        }
    }
}

impl Workspace {
    /// Stores new values beside the ones in use.
    pub(super) async fn prepare_secrets(
        &self,
        changes: Vec<SecretChange>,
    ) -> Result<SecretsOfEdit, DomainError> {
        if changes.is_empty() {
            return Ok(SecretsOfEdit(None));
        }
        let prepared = self.secrets().prepare(changes).await?;
        Ok(SecretsOfEdit(Some(prepared)))
    }

    /// Deletes the values that are no longer in use: the earlier ones after an edit that was
    /// committed, the new ones otherwise. Returns what restores the earlier ones.
    pub(super) async fn finish_secrets<T>(
        &self,
        done: Result<T, DomainError>,
        secrets: SecretsOfEdit,
    ) -> Result<(T, SecretsBefore), DomainError> {
        let nothing = SecretsBefore {
            changes: Vec::new(),
            unreadable: false,
        };
        match (done, secrets.0) {
            (Ok(done), None) => Ok((done, nothing)),
            (Ok(done), Some(prepared)) => {
                let before = prepared.committed().await;
                self.apply_secrets();
                Ok((done, before))
            }
            (Err(error), prepared) => {
                if let Some(prepared) = prepared {
                    prepared.abandoned().await;
                    self.apply_secrets();
                }
                Err(error)
            }
        }
    }
}

impl From<SecretsError> for DomainError {
    fn from(error: SecretsError) -> Self {
        match &error {
            SecretsError::InvalidValue(_) => {
                Self::invalid("value", "invalid_secret_value", error.to_string())
            }
            SecretsError::Unavailable(reason) => Self::unavailable(
                "secrets_unavailable",
                format!(
                    "The secrets backend is not responding ({reason}). Nothing was changed. Try again."
                ),
            ),
            SecretsError::TimedOut(reason) => Self::unavailable(
                "secrets_unavailable",
                format!(
                    "The secrets backend is not responding ({reason}). The stored value stays in use. If the new one still reaches the backend, it is deleted. Try again."
                ),
            ),
            SecretsError::Conflict(reason) => Self::secret_conflict(reason),
            _ => Self::internal("the secrets failed", &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_timed_out_is_not_said_to_have_changed_nothing() {
        let error = DomainError::from(SecretsError::TimedOut("no answer within 5 s".to_owned()));
        assert_eq!(error.code, "secrets_unavailable");
        assert!(!error.message.contains("Nothing was changed"), "{error}");
        assert!(
            error.message.contains("still reaches the backend"),
            "{error}"
        );
    }
}
