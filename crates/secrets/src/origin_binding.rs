//! A secret is given out for the origin it was entered for, and for no other. This is the only way to
//! a value.

use crate::backend::BackendError;
use crate::error::{ReentryReason, SecretsError};
use crate::inventory::SecretState;
use crate::store::{SecretStore, unavailable};
use crate::text::SecretText;

impl SecretStore {
    /// The value of a secret, for a request to this origin: the only way to a value. `None` if
    /// nothing is stored, or for another origin.
    ///
    /// # Errors
    /// [`SecretsError::NeedsReentry`] if the backend does not hold the value that was stored;
    /// [`SecretsError::Unavailable`] if it does not answer.
    pub async fn for_origin(
        &self,
        name: &str,
        origin: &str,
    ) -> Result<Option<SecretText>, SecretsError> {
        if let Some(value) = self.stored_value(name, origin).await? {
            return Ok(value);
        }
        // An edit may have replaced the value since the record was read. Once it is over, the
        // record and the value agree, or the secret must be entered again.
        {
            let _lock = self.lock([name].into_iter()).await;
            self.settle_locked(name).await?;
        }
        match self.stored_value(name, origin).await? {
            Some(value) => Ok(value),
            None => Err(SecretsError::NeedsReentry {
                name: name.to_owned(),
                reason: match self.inventory().state(name) {
                    Some(SecretState::Absent) => ReentryReason::Missing,
                    _ => ReentryReason::Changed,
                },
            }),
        }
    }

    /// The value that the record expects: `Some(None)` if no secret is stored for this origin,
    /// `None` if the backend does not hold the expected value.
    async fn stored_value(
        &self,
        name: &str,
        origin: &str,
    ) -> Result<Option<Option<SecretText>>, SecretsError> {
        let inventory = self.inventory();
        let Some(stored) = inventory.stored.get(name) else {
            return Ok(Some(None));
        };
        if stored.meta.origin != origin {
            return Ok(Some(None));
        }
        let document = match self.call(self.inner.backend.get(name)).await {
            Ok(document) => document,
            Err(BackendError::Damaged(_)) => None,
            Err(error) => {
                self.note_failed_read(name);
                self.check_soon();
                return Err(unavailable(error));
            }
        };
        let version = document
            .as_ref()
            .and_then(|document| document.version(stored.revision.as_deref()))
            // The origin that is stored with the value decides, whatever the record says.
            .filter(|version| self.origin_of(name, version) == origin);
        Ok(version.map(|version| Some(version.value.clone())))
    }
}
