//! The operating system's keychain.
//!
//! Entries belong to a service name that carries the workspace's id, so that two data directories
//! never share a key. Each call connects anew: a connection that once failed would stay failed,
//! while the daemon behind it may have come back.

use super::backend::{Backend, Sealed};
use super::text::SecretText;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use waypost_api_types::SecretsBackend;

/// The entry that the first start writes, reads and removes to see that the keychain works.
const ROUND_TRIP: &str = "round-trip";

/// The backend.
pub(super) struct Keychain {
    service: String,
}

impl Keychain {
    /// The backend of a workspace. Nothing is asked yet.
    pub(super) fn new(workspace_id: &str) -> Self {
        Self {
            service: format!("waypost:{workspace_id}"),
        }
    }

    /// Writes an entry, reads it back and removes it.
    pub(super) fn round_trip(&self) -> Result<(), String> {
        let sealed = Sealed {
            origin: "waypost:round-trip".to_owned(),
            set_at: 0,
            value: SecretText::new(crate::random::public_id()),
        };
        self.write(ROUND_TRIP, &sealed)?;
        let back = self.read(ROUND_TRIP)?;
        self.delete(ROUND_TRIP)?;
        match back {
            Some(back) if back.value.expose() == sealed.value.expose() => Ok(()),
            _ => Err("it did not give back what was written to it".to_owned()),
        }
    }

    fn entry(&self, name: &str) -> Result<Entry, String> {
        // What a person reads in the keychain's own window.
        let label = format!("Waypost {name}");
        let modifiers = HashMap::from([("label", label.as_str())]);
        connect()?
            .build(&self.service, name, Some(&modifiers))
            .map_err(explain)
    }
}

impl Backend for Keychain {
    fn kind(&self) -> SecretsBackend {
        SecretsBackend::Keychain
    }

    fn names(&self) -> Result<BTreeSet<String>, String> {
        let found = connect()?
            .search(&HashMap::from([("service", self.service.as_str())]))
            .map_err(explain)?;
        Ok(found
            .iter()
            .filter_map(|entry| entry.get_specifiers())
            .map(|(_, name)| name)
            .filter(|name| name != ROUND_TRIP)
            .collect())
    }

    fn read(&self, name: &str) -> Result<Option<Sealed>, String> {
        match self.entry(name)?.get_secret() {
            Ok(bytes) => {
                let bytes = zeroize::Zeroizing::new(bytes);
                Sealed::decode(&bytes).map(Some).ok_or_else(|| {
                    format!("the keychain's entry {name:?} was not written by this Waypost. Remove it there, and enter the key again")
                })
            }
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(error)),
        }
    }

    fn write(&self, name: &str, sealed: &Sealed) -> Result<(), String> {
        self.entry(name)?
            .set_secret(&sealed.encode())
            .map_err(explain)
    }

    fn delete(&self, name: &str) -> Result<bool, String> {
        match self.entry(name)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(explain(error)),
        }
    }
}

#[cfg(target_os = "linux")]
fn connect() -> Result<Arc<impl CredentialStoreApi>, String> {
    zbus_secret_service_keyring_store::Store::new().map_err(explain)
}

#[cfg(not(target_os = "linux"))]
fn connect() -> Result<Arc<keyring_core::CredentialStore>, String> {
    Err("this build of Waypost knows no keychain on this system".to_owned())
}

/// A keychain's error in words of our own. Some of its variants carry the bytes of a secret.
fn explain(error: Error) -> String {
    match error {
        Error::NoStorageAccess(_) => {
            "the keychain is locked or refuses access. Unlock it, and try again".to_owned()
        }
        Error::PlatformFailure(reason) => format!(
            "the keychain cannot be reached ({})",
            crate::sanitise::line(&reason.to_string(), 200)
        ),
        Error::NoEntry => "the entry is gone".to_owned(),
        Error::Ambiguous(_) => "the keychain holds several entries of one name".to_owned(),
        Error::TooLong(_, limit) => {
            format!("the keychain takes no more than {limit} characters")
        }
        _ => "the keychain failed in a way that has no name".to_owned(),
    }
}
