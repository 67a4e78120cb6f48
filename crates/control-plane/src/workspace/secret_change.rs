//! Changing secrets and the database as one: the secrets first, and back again if the database
//! then fails.
//!
//! A secret is bound to its origin in the backend, so that even a crash between the two leaves
//! either the old state or a key that must be entered again, never a key beside a new URL.

use super::{DomainError, Workspace};
use crate::clock;
use crate::secrets::{SecretText, SecretsError};

/// What becomes of one secret. It holds a value, so it has no `Debug`, and the value is wiped from
/// memory with it.
#[derive(Clone)]
pub(super) struct SecretChange {
    /// Its name.
    name: String,
    /// The new value; `None` removes what is there.
    to: Option<Entered>,
}

/// A value, with the origin it is entered for.
#[derive(Clone)]
struct Entered {
    origin: String,
    value: SecretText,
    /// When it was entered, in Unix seconds; `None` for one that is entered now.
    set_at: Option<i64>,
}

impl SecretChange {
    pub(super) fn remove(name: String) -> Self {
        Self { name, to: None }
    }

    pub(super) fn put(name: String, origin: &str, value: SecretText) -> Self {
        let to = Some(Entered {
            origin: origin.to_owned(),
            value,
            set_at: None,
        });
        Self { name, to }
    }
}

/// The way back: what each secret was, the latest change last.
#[derive(Clone)]
pub(super) struct Applied {
    back: Vec<SecretChange>,
    unreadable: bool,
}

impl Applied {
    /// Whether there was any secret that can be put back.
    pub(super) fn has_values(&self) -> bool {
        self.back.iter().any(|change| change.to.is_some())
    }

    /// Whether there was a secret that cannot be put back, because it could not be read.
    pub(super) fn unreadable(&self) -> bool {
        self.unreadable
    }

    /// The changes that put everything back, the last change first.
    pub(super) fn into_changes(self) -> Vec<SecretChange> {
        self.back.into_iter().rev().collect()
    }
}

impl Workspace {
    /// Makes the changes in order. If one fails, those before it are taken back.
    pub(super) async fn change_secrets(
        &self,
        changes: Vec<SecretChange>,
    ) -> Result<Applied, DomainError> {
        let mut applied = Applied {
            back: Vec::new(),
            unreadable: false,
        };
        if changes.is_empty() {
            return Ok(applied);
        }
        let before = self.secrets().inventory().await;
        for change in changes {
            let stored = before.stored.get(&change.name);
            let old = match stored {
                // A value that cannot be read any more cannot be put back either. That must not
                // keep anyone from replacing it.
                Some(meta) => self
                    .secrets()
                    .for_origin(&change.name, &meta.origin)
                    .await
                    .ok()
                    .flatten()
                    .map(|value| Entered {
                        origin: meta.origin.clone(),
                        value,
                        set_at: Some(meta.set_at),
                    }),
                None => None,
            };
            applied.unreadable |= stored.is_some() && old.is_none();
            let name = change.name.clone();
            if let Err(error) = self.change_secret(change).await {
                self.revert_secrets(applied).await;
                return Err(error);
            }
            applied.back.push(SecretChange { name, to: old });
        }
        Ok(applied)
    }

    async fn change_secret(&self, change: SecretChange) -> Result<(), DomainError> {
        match change.to {
            Some(entered) => {
                let Entered {
                    origin,
                    value,
                    set_at,
                } = entered;
                let set_at = set_at.unwrap_or_else(clock::now);
                self.secrets()
                    .put_back(&change.name, &origin, value, set_at)
                    .await?;
            }
            None => {
                self.secrets().remove(&change.name).await?;
            }
        }
        Ok(())
    }

    /// Takes changes back where what they were made for was not done. Gives the way back
    /// otherwise.
    pub(super) async fn or_revert<T>(
        &self,
        done: Result<T, DomainError>,
        applied: Applied,
    ) -> Result<(T, Applied), DomainError> {
        match done {
            Ok(done) => Ok((done, applied)),
            Err(error) => {
                self.revert_secrets(applied).await;
                Err(error)
            }
        }
    }

    /// Takes changes back, the last one first.
    async fn revert_secrets(&self, applied: Applied) {
        for change in applied.into_changes() {
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
