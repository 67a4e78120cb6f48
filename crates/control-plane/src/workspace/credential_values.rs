//! The values of credentials for forwarded requests.

use super::credential_cache::Lookup;
use super::outgoing_request::TypedSecrets;
use super::static_headers::read_header;
use super::{DomainError, ErrorKind, Workspace};
use async_trait::async_trait;
use std::time::{Duration, Instant};
use waypost_forwarding::{CredentialError, CredentialPlace, CredentialSource, CredentialText};
use waypost_routing::provenance::Provenance;
use waypost_secrets::{SecretText, StoredSecret};

#[async_trait]
impl CredentialSource for Workspace {
    async fn value(
        &self,
        place: CredentialPlace<'_>,
        origin: &str,
    ) -> Result<Option<CredentialText>, CredentialError> {
        let found = match place {
            CredentialPlace::Secret(name) => self.cached_secret(name, origin).await,
            CredentialPlace::Variable(name) => {
                let from = Provenance::Env(name.to_owned());
                self.credential(&from, &TypedSecrets::new(), origin).await
            }
            CredentialPlace::SourceHeader { secret, header } => {
                match self.cached_secret(&secret, origin).await {
                    Ok(Some(all)) => read_header(&all, header),
                    other => other,
                }
            }
        };
        let found = found.map_err(failure)?;
        Ok(found.map(|value| CredentialText::new(value.expose().to_owned())))
    }
}

impl Workspace {
    /// How long ago each value in memory was read.
    pub(crate) fn credential_ages(&self) -> Vec<Duration> {
        self.inner.credentials.ages(Instant::now())
    }

    /// The value of a stored secret, from memory once it was read.
    async fn cached_secret(
        &self,
        name: &str,
        origin: &str,
    ) -> Result<Option<SecretText>, DomainError> {
        let Some(id) = self.value_id(name, origin) else {
            return self.secret(name, &TypedSecrets::new(), origin).await;
        };
        let cache = &self.inner.credentials;
        match cache.find(name, origin, &id, Instant::now()) {
            Lookup::Fresh(value) => Ok(Some(value)),
            Lookup::Aged(value) => {
                let (workspace, name, origin) = (self.clone(), name.to_owned(), origin.to_owned());
                tokio::spawn(async move {
                    // Its failure is in the log, and the value stays usable for a while.
                    let _ = workspace.read_secret(&name, &origin, id).await;
                });
                Ok(Some(value))
            }
            Lookup::Absent => self.read_secret(name, origin, id).await,
        }
    }

    /// Reads a value from the backend, and keeps it if no edit came between.
    async fn read_secret(
        &self,
        name: &str,
        origin: &str,
        id: String,
    ) -> Result<Option<SecretText>, DomainError> {
        let cache = &self.inner.credentials;
        let read = self.secret(name, &TypedSecrets::new(), origin).await;
        match &read {
            Ok(Some(value)) if self.value_id(name, origin).as_ref() == Some(&id) => {
                cache.put(name, origin, id, value.clone(), Instant::now());
            }
            Err(error) if error.kind == ErrorKind::Unavailable => {
                cache.note_unread(name, origin);
            }
            _ => cache.remove(name),
        }
        read
    }

    /// The id of the value that is stored for an origin, if there is one.
    fn value_id(&self, name: &str, origin: &str) -> Option<String> {
        let inventory = self.secrets().inventory();
        let stored = inventory.stored.get(name);
        stored
            .filter(|stored| stored.meta.origin == origin)
            .map(StoredSecret::value_id)
    }
}

fn failure(error: DomainError) -> CredentialError {
    let message = error.message;
    match error.kind {
        ErrorKind::Unavailable | ErrorKind::Internal => CredentialError::Unavailable { message },
        _ => CredentialError::Unusable {
            code: error.code,
            message,
        },
    }
}
