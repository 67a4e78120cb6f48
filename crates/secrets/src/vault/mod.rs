//! HashiCorp Vault or OpenBao: a KV engine of version 2.
//!
//! The client is our own and small. The crates for Vault bring an HTTP client of theirs, and every
//! call of Waypost goes through the guarded one of `egress`.

mod api;
mod document;
mod login;
mod options;
mod session;

pub use options::{Credential, VaultLogin, VaultOptions};

use crate::backend::{BackendError, SecretsBackend, StoredVersion};
use crate::kind::{RemoteBackend, SecretsBackendKind};
use crate::sealed::SealedSecret;
use api::{Api, Reply};
use async_trait::async_trait;
use document::Found;
use http::Method;
use serde::Deserialize;
use session::Session;
use std::sync::Arc;
use waypost_egress::Egress;
use zeroize::Zeroizing;

/// How many versions before the current one are destroyed when a value is replaced. Vault keeps ten
/// unless it is configured otherwise, and an edit adds two.
const DESTROYED_VERSIONS: u64 = 16;

/// The backend.
pub(crate) struct Vault {
    session: Arc<Session>,
    mount: String,
    prefix: String,
}

impl Vault {
    /// The backend that the options describe. Nothing is sent yet.
    pub(crate) fn new(options: &VaultOptions, egress: &Egress) -> Result<Self, String> {
        let api = Api::new(options, egress)?;
        let session = Session::start(api, options.login.clone());
        Ok(Self {
            session,
            mount: options.mount.clone(),
            prefix: options.prefix.clone(),
        })
    }

    /// Where a secret is, in the part of the engine that `kind` names.
    fn path(&self, kind: &str, name: &str) -> Result<String, BackendError> {
        let is_plain = |segment: &str| {
            let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            segment.bytes().all(of_name) && !segment.bytes().all(|byte| byte == b'.')
        };
        if !name.split('/').all(is_plain) {
            return Err(BackendError::Unavailable(
                "Vault has no path for a secret of this name".to_owned(),
            ));
        }
        let Self { mount, prefix, .. } = self;
        Ok(match prefix.as_str() {
            "" => format!("{mount}/{kind}/{name}"),
            prefix => format!("{mount}/{kind}/{prefix}/{name}"),
        })
    }

    async fn read(&self, name: &str) -> Result<Found, BackendError> {
        let path = self.path("data", name)?;
        let reply = self.session.call(Method::GET, &path, None).await?;
        match reply.status {
            200 => Found::read(&reply, &path),
            404 if reply.has_no_route() => Err(self.no_engine()),
            404 => Ok(Found::deleted(&reply)),
            _ => Err(reply.refusal(&path, "read")),
        }
    }

    fn no_engine(&self) -> BackendError {
        BackendError::Unavailable(format!(
            "Vault has no KV engine of version 2 at `{}/`. Check the mount and the namespace",
            self.mount
        ))
    }

    /// Destroys the values that a settled one has replaced: Vault would keep them readable.
    async fn destroy_before(&self, name: &str, version: u64) {
        let first = version.saturating_sub(DESTROYED_VERSIONS).max(1);
        let versions: Vec<String> = (first..version)
            .map(|version| version.to_string())
            .collect();
        if versions.is_empty() {
            return;
        }
        let body = format!("{{\"versions\":[{}]}}", versions.join(",")).into_bytes();
        let Ok(path) = self.path("destroy", name) else {
            return;
        };
        let reply = self.session.call(Method::PUT, &path, Some(body.into()));
        let failure = match reply.await {
            Ok(reply) if reply.is_success() => return,
            Ok(reply) => reply.refusal(&path, "update"),
            Err(error) => error,
        };
        tracing::warn!(secret = name, %failure, "replaced versions not destroyed in Vault");
    }
}

#[derive(Deserialize)]
struct Mount {
    data: MountData,
}

#[derive(Deserialize)]
struct MountData {
    r#type: String,
    options: Option<MountOptions>,
}

#[derive(Deserialize)]
struct MountOptions {
    version: Option<String>,
}

#[derive(Deserialize)]
struct Written {
    data: WrittenData,
}

#[derive(Deserialize)]
struct WrittenData {
    version: u64,
}

#[async_trait]
impl SecretsBackend for Vault {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::Vault
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn remote(&self) -> Option<RemoteBackend> {
        let path = match self.prefix.as_str() {
            "" => format!("{}/", self.mount),
            prefix => format!("{}/{prefix}/", self.mount),
        };
        Some(self.session.status(path))
    }

    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        self.read(name).await?.document()
    }

    async fn get_for_update(
        &self,
        name: &str,
    ) -> Result<(Option<SealedSecret>, Option<StoredVersion>), BackendError> {
        let found = self.read(name).await?;
        let version = StoredVersion::of_number(found.version);
        Ok((found.document()?, Some(version)))
    }

    async fn put(
        &self,
        name: &str,
        document: &SealedSecret,
        over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        let path = self.path("data", name)?;
        let newest = match over.and_then(StoredVersion::number) {
            Some(newest) => newest,
            // An engine may demand the version of every write.
            None => self.read(name).await?.version,
        };
        let body = document::encode(document, newest);
        let reply = self.session.call(Method::PUT, &path, Some(body)).await?;
        match reply.status {
            200 | 204 => {}
            400 if reply.is_version_conflict() => {
                return Err(BackendError::Conflict(format!(
                    "another program has changed `{path}` in Vault"
                )));
            }
            404 => return Err(self.no_engine()),
            _ => return Err(reply.refusal(&path, "create and update")),
        }
        if document.previous.is_none()
            && let Some(Written { data }) = reply.json()
        {
            self.destroy_before(name, data.version).await;
        }
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<bool, BackendError> {
        let found = self.read(name).await?;
        if found.version == 0 {
            return Ok(false);
        }
        let was_there = found.is_there();
        drop(found);
        let path = self.path("metadata", name)?;
        let reply = self.session.call(Method::DELETE, &path, None).await?;
        match reply.is_success() {
            true => Ok(was_there),
            false => Err(reply.refusal(&path, "delete")),
        }
    }

    async fn health(&self) -> Result<(), BackendError> {
        let path = format!("sys/internal/ui/mounts/{}", self.mount);
        let reply: Reply = self.session.call(Method::GET, &path, None).await?;
        match reply.status {
            200 => {
                let is_kv2 = reply.json().is_some_and(|Mount { data }| {
                    let version = data.options.and_then(|options| options.version);
                    data.r#type == "kv" && version.as_deref() == Some("2")
                });
                is_kv2.then_some(()).ok_or_else(|| self.no_engine())
            }
            403 => Err(BackendError::Unavailable(format!(
                "Vault refused access to `{}/` (403): there is no such mount, or the login has no policy for it",
                self.mount
            ))),
            404 => Err(self.no_engine()),
            _ => Err(reply.refusal(&path, "read")),
        }
    }
}

/// A body of JSON, wiped when it is dropped.
type JsonBody = Zeroizing<Vec<u8>>;
