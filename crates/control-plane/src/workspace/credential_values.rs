//! The values of credentials for forwarded requests.

use super::credential_cache::{CacheContent, Lookup};
use super::outgoing_request::TypedSecrets;
use super::shared_reads::ReadKey;
use super::static_headers::read_header;
use super::{DomainError, ErrorKind, Workspace};
use async_trait::async_trait;
use std::time::{Duration, Instant};
use waypost_forwarding::{
    CredentialAnswer, CredentialError, CredentialPlace, CredentialSource, CredentialText,
};
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

    fn note_answer(&self, answer: CredentialAnswer<'_>) {
        self.note_credential_answer(&answer);
    }
}

impl Workspace {
    /// The keys in memory.
    pub(crate) fn cached_credentials(&self) -> CacheContent {
        self.inner.credentials.content(Instant::now())
    }

    /// What requests do while the secrets backend is not responding, in words.
    pub(super) fn keys_in_memory(&self) -> String {
        let content = self.cached_credentials();
        match (content.count, content.first_end.unwrap_or_default()) {
            (0, _) => "No key is in memory, so requests that need one get 503.".to_owned(),
            (1, left) => format!(
                "Requests use the 1 key in memory for another {}.",
                minutes(left)
            ),
            (count, left) => format!(
                "Requests use the {count} keys in memory; the first of them for another {}.",
                minutes(left)
            ),
        }
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
            Lookup::Absent => {
                let key = ReadKey {
                    name: name.to_owned(),
                    origin: origin.to_owned(),
                    value_id: id.clone(),
                };
                let read = self.read_secret(name, origin, id);
                self.inner.credential_reads.read(key, read).await
            }
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
                let left = cache.note_unread(name, origin, Instant::now());
                if let Some(left) = left {
                    let minutes = left.as_secs() / 60;
                    tracing::warn!(
                        secret = name,
                        minutes,
                        "using a key in memory, because the secrets backend is not responding"
                    );
                }
            }
            _ => cache.remove(name),
        }
        read
    }

    /// Reads a value once more, whether or not it is in memory.
    pub(super) async fn read_secret_again(
        &self,
        name: &str,
        origin: &str,
    ) -> Result<(), DomainError> {
        if let Some(id) = self.value_id(name, origin) {
            self.read_secret(name, origin, id).await?;
        }
        Ok(())
    }

    /// Whether every request that began at this moment or later carried the current value.
    pub(super) fn is_value_since(&self, from: &Provenance, origin: &str, begun: Instant) -> bool {
        // The environment of a process does not change.
        let Some(name) = from.secret_name() else {
            return true;
        };
        let id = self.value_id(name, origin);
        id.is_some_and(|id| self.inner.credentials.is_since(name, origin, &id, begun))
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

fn minutes(time: Duration) -> String {
    match time.as_secs() / 60 {
        0 => "minute".to_owned(),
        minutes => format!("{minutes} min"),
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
