//! Changing secrets and the database as one: the secrets first, and back again if the database
//! then fails.
//!
//! A secret is bound to its origin in the backend, so that even a crash between the two leaves
//! either the old state or a key that must be entered again, never a key beside a new URL.

use super::{DomainError, Workspace};
use crate::secrets::{SecretText, SecretsError};

/// What becomes of one secret.
pub(super) struct SecretChange {
    /// Its name.
    pub(super) name: String,
    /// The new value with its origin; `None` removes what is there.
    pub(super) to: Option<(String, SecretText)>,
}

impl SecretChange {
    pub(super) fn remove(name: String) -> Self {
        Self { name, to: None }
    }

    pub(super) fn put(name: String, origin: &str, value: SecretText) -> Self {
        let to = Some((origin.to_owned(), value));
        Self { name, to }
    }
}

/// The way back: what each secret was, the latest change last.
pub(super) struct Applied(Vec<SecretChange>);

impl Workspace {
    /// Makes the changes in order. If one fails, those before it are taken back.
    pub(super) async fn change_secrets(
        &self,
        changes: Vec<SecretChange>,
    ) -> Result<Applied, DomainError> {
        let mut applied = Applied(Vec::new());
        if changes.is_empty() {
            return Ok(applied);
        }
        let before = self.secrets().inventory().await;
        for change in changes {
            let old = match before.stored.get(&change.name) {
                // A value that cannot be read any more cannot be put back either. That must not
                // keep anyone from replacing it.
                Some(meta) => self
                    .secrets()
                    .for_origin(&change.name, &meta.origin)
                    .await
                    .ok()
                    .flatten()
                    .map(|value| (meta.origin.clone(), value)),
                None => None,
            };
            let name = change.name.clone();
            if let Err(error) = self.change_secret(change).await {
                self.revert_secrets(applied).await;
                return Err(error);
            }
            applied.0.push(SecretChange { name, to: old });
        }
        Ok(applied)
    }

    async fn change_secret(&self, change: SecretChange) -> Result<(), DomainError> {
        match change.to {
            Some((origin, value)) => {
                self.secrets().put(&change.name, &origin, value).await?;
            }
            None => {
                self.secrets().remove(&change.name).await?;
            }
        }
        Ok(())
    }

    /// Takes changes back where what they were made for was not done.
    pub(super) async fn or_revert(
        &self,
        done: Result<(), DomainError>,
        applied: Applied,
    ) -> Result<(), DomainError> {
        if done.is_err() {
            self.revert_secrets(applied).await;
        }
        done
    }

    /// Takes changes back, the last one first.
    async fn revert_secrets(&self, applied: Applied) {
        for change in applied.0.into_iter().rev() {
            let name = change.name.clone();
            if let Err(error) = self.change_secret(change).await {
                tracing::error!(%error, secret = %name, "a secret could not be put back; it must be entered again");
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
                    "The secrets backend does not answer ({reason}). Nothing was changed; try again."
                ),
            ),
            _ => Self::internal("the secrets failed", &error),
        }
    }
}
