//! The operating system's keychain.
//!
//! Entries belong to a service name that carries the workspace's id, so that two data directories
//! never share a key. Each call connects anew: a connection that once failed would stay failed,
//! while the daemon behind it may have come back.

use super::backend::{BackendError, SecretsBackend as _};
use super::blocking::{Blocking, BlockingBackend};
use super::sealed::{SealedSecret, SecretVersion};
use super::text::SecretText;
use crate::kind::SecretsBackendKind;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The entry that the first start writes, reads and removes to see that the keychain works.
const ROUND_TRIP: &str = "round-trip";
/// A name under which nothing is ever stored.
const NEVER_STORED: &str = "health";

/// The backend.
pub(crate) struct Keychain {
    service: String,
}

impl Keychain {
    /// The backend of a workspace. Nothing is asked yet.
    pub(crate) fn new(workspace_id: &str) -> Self {
        Self {
            service: format!("waypost:{workspace_id}"),
        }
    }

    fn entry(&self, name: &str) -> Result<Entry, BackendError> {
        // What a person reads in the keychain's own window.
        let label = format!("Waypost {name}");
        let modifiers = HashMap::from([("label", label.as_str())]);
        connect()?
            .build(&self.service, name, Some(&modifiers))
            .map_err(explain)
    }
}

impl BlockingBackend for Keychain {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::Keychain
    }

    fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        match self.entry(name)?.get_secret() {
            Ok(bytes) => {
                let bytes = zeroize::Zeroizing::new(bytes);
                SealedSecret::decode(&bytes).map(Some).ok_or_else(|| {
                    BackendError::Damaged(format!(
                        "this version of Waypost cannot read the keychain's entry {name:?}"
                    ))
                })
            }
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(error)),
        }
    }

    fn put(&self, name: &str, document: &SealedSecret) -> Result<(), BackendError> {
        self.entry(name)?
            .set_secret(&document.encode())
            .map_err(explain)
    }

    fn delete(&self, name: &str) -> Result<bool, BackendError> {
        match self.entry(name)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(explain(error)),
        }
    }

    fn health(&self) -> Result<(), BackendError> {
        // Looking up a name that is never stored takes the whole way to the daemon and back.
        self.get(NEVER_STORED).map(drop)
    }
}

/// Stores an entry, reads it back and deletes it, to see that the keychain works.
pub(crate) async fn try_out(workspace_id: &str, limit: Duration) -> Result<(), String> {
    let keychain = Blocking::new(Keychain::new(workspace_id));
    let document = SealedSecret::of(SecretVersion {
        revision: None,
        origin: "waypost:round-trip".to_owned(),
        set_at: 0,
        value: SecretText::new(waypost_system::random::public_id()),
    });
    let round_trip = async {
        keychain.read(|_| check_collection()).await?;
        keychain.put(ROUND_TRIP, &document, None).await?;
        let back = keychain.get(ROUND_TRIP).await?;
        keychain.delete(ROUND_TRIP).await?;
        let same =
            back.is_some_and(|back| back.current.value.expose() == document.current.value.expose());
        same.then_some(()).ok_or_else(|| {
            BackendError::Unavailable("it did not return what was stored in it".to_owned())
        })
    };
    tokio::time::timeout(limit, round_trip)
        .await
        .map_err(|_| format!("no answer within {} seconds", limit.as_secs()))?
        .map_err(|error| error.to_string())
}

/// Refuses a keychain that forgets: without a default collection, or with one that lasts for the
/// session, its keys would be gone after the next start of the machine. Nothing is written, and no
/// window asks for anything.
#[cfg(target_os = "linux")]
fn check_collection() -> Result<(), BackendError> {
    use secret_service::blocking::SecretService;
    use secret_service::{EncryptionType, Error};
    let unavailable = |error: Error| {
        BackendError::Unavailable(format!(
            "the keychain cannot be reached ({})",
            waypost_routing::display_text::display_text(&error.to_string(), 200)
        ))
    };
    let service = SecretService::connect(EncryptionType::Plain).map_err(unavailable)?;
    let found = match service.get_default_collection() {
        Ok(collection) => !collection.collection_path.as_str().ends_with("/session"),
        Err(Error::NoResult) => false,
        Err(error) => return Err(unavailable(error)),
    };
    match found {
        true => Ok(()),
        false => Err(BackendError::Unavailable(
            "the keychain has no collection that outlives the session, so keys in it would be \
             lost. Create a default keyring"
                .to_owned(),
        )),
    }
}

#[cfg(not(target_os = "linux"))]
fn check_collection() -> Result<(), BackendError> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn connect() -> Result<Arc<impl CredentialStoreApi>, BackendError> {
    zbus_secret_service_keyring_store::Store::new().map_err(explain)
}

#[cfg(not(target_os = "linux"))]
fn connect() -> Result<Arc<keyring_core::CredentialStore>, BackendError> {
    Err(BackendError::Unavailable(
        "this build of Waypost supports no keychain on this system".to_owned(),
    ))
}

/// A keychain's error in words of our own. Some of its variants carry the bytes of a secret.
fn explain(error: Error) -> BackendError {
    BackendError::Unavailable(match error {
        Error::NoStorageAccess(_) => {
            "the keychain is locked or refuses access. Unlock it, and try again".to_owned()
        }
        Error::PlatformFailure(reason) => format!(
            "the keychain cannot be reached ({})",
            waypost_routing::display_text::display_text(&reason.to_string(), 200)
        ),
        Error::NoEntry => "the entry is gone".to_owned(),
        Error::Ambiguous(_) => "the keychain has several entries with the same name".to_owned(),
        Error::TooLong(_, limit) => {
            format!("the keychain accepts at most {limit} characters")
        }
        _ => "the keychain failed with an unknown error".to_owned(),
    })
}
