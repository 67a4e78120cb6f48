//! AWS Secrets Manager, through the SDK of AWS, whose every call goes through `egress`.

mod error;
mod options;

pub use options::AwsOptions;

use crate::backend::{BackendError, SecretsBackend, StoredVersion};
use crate::kind::{LastError, RemoteBackend, SecretsBackendKind};
use crate::sealed::SealedSecret;
use crate::shared_document;
use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use error::Explain as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;
use waypost_egress::Egress;
use waypost_system::{clock, random};

/// AWS bills every read.
const CHECK_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// The days in which a deleted secret can be restored: the fewest that AWS allows.
const RECOVERY_DAYS: i64 = 7;
/// The label of the version that is read.
const CURRENT: &str = "AWSCURRENT";
/// The longest text of a secret that AWS takes, in bytes.
const LONGEST: usize = 64 * 1024;
/// A name under which nothing is ever stored.
const NEVER_STORED: &str = "waypost-health";

/// The backend.
pub(crate) struct Aws {
    options: AwsOptions,
    egress: Egress,
    /// Made at the first call, because finding credentials and region may need the network.
    client: OnceCell<Client>,
    last_error: Mutex<Option<LastError>>,
}

/// What is stored under a name.
struct Found {
    document: Result<SealedSecret, BackendError>,
    version: StoredVersion,
}

impl Aws {
    pub(crate) fn new(options: &AwsOptions, egress: &Egress) -> Self {
        Self {
            options: options.clone(),
            egress: egress.clone(),
            client: OnceCell::new(),
            last_error: Mutex::default(),
        }
    }

    async fn client(&self) -> &Client {
        let made = self
            .client
            .get_or_init(|| self.options.client(&self.egress));
        made.await
    }

    fn id(&self, name: &str) -> String {
        match self.options.prefix.as_str() {
            "" => name.to_owned(),
            prefix => format!("{prefix}/{name}"),
        }
    }

    /// Remembers a failure for Settings.
    fn note<T>(&self, result: Result<T, BackendError>) -> Result<T, BackendError> {
        if let Err(error) = &result
            && !matches!(error, BackendError::Conflict(_))
        {
            let mut last = self
                .last_error
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *last = Some(LastError {
                message: error.to_string(),
                at: clock::now(),
            });
        }
        result
    }

    async fn read(&self, name: &str) -> Result<Option<Found>, BackendError> {
        let id = self.id(name);
        let call = self
            .client()
            .await
            .get_secret_value()
            .secret_id(&id)
            .version_stage(CURRENT);
        let found = match call.send().await {
            Ok(found) => found,
            Err(error) => {
                let is_absent = error.as_service_error().is_some_and(|error| {
                    // It is scheduled for deletion.
                    error.is_resource_not_found_exception() || error.is_invalid_request_exception()
                });
                return match is_absent {
                    true => Ok(None),
                    false => Err(error.explain(&id, "secretsmanager:GetSecretValue")),
                };
            }
        };
        let created_at = found.created_date().map_or(0, |date| date.secs());
        let document = found
            .secret_string()
            .and_then(|text| shared_document::decode(text.as_bytes(), created_at))
            .ok_or_else(|| {
                BackendError::Damaged(format!(
                    "`{id}` in AWS Secrets Manager is not JSON with a text in the field `value`"
                ))
            });
        Ok(Some(Found {
            document,
            version: StoredVersion::new(found.version_id().unwrap_or_default()),
        }))
    }

    async fn create(&self, id: &str, text: &str) -> Result<(), BackendError> {
        let client = self.client().await;
        let call = client
            .create_secret()
            .name(id)
            .secret_string(text)
            .client_request_token(token())
            .set_kms_key_id(self.options.kms_key.clone());
        let Err(error) = call.send().await else {
            return Ok(());
        };
        let service = error.as_service_error();
        if service.is_some_and(|error| error.is_resource_exists_exception()) {
            return self.create_over_deleted(id, text).await;
        }
        let is_scheduled = service.is_some_and(|error| error.is_invalid_request_exception());
        match is_scheduled {
            true => self.create_over_deleted(id, text).await,
            false => Err(error.explain(id, "secretsmanager:CreateSecret")),
        }
    }

    /// Stores a value under a name that is scheduled for deletion, and under no other that exists.
    async fn create_over_deleted(&self, id: &str, text: &str) -> Result<(), BackendError> {
        let client = self.client().await;
        let described = client.describe_secret().secret_id(id).send().await;
        let described =
            described.map_err(|error| error.explain(id, "secretsmanager:DescribeSecret"))?;
        if described.deleted_date().is_none() {
            return Err(conflict(id));
        }
        let restored = client.restore_secret().secret_id(id).send().await;
        restored.map_err(|error| error.explain(id, "secretsmanager:RestoreSecret"))?;
        let current = client
            .get_secret_value()
            .secret_id(id)
            .version_stage(CURRENT);
        let current = current.send().await;
        let current =
            current.map_err(|error| error.explain(id, "secretsmanager:GetSecretValue"))?;
        self.replace(id, text, current.version_id().unwrap_or_default())
            .await
    }

    /// Adds a version beside the current one, and makes it the current one if that still is the one
    /// to replace.
    async fn replace(&self, id: &str, text: &str, over: &str) -> Result<(), BackendError> {
        let client = self.client().await;
        let version = token();
        let added = client
            .put_secret_value()
            .secret_id(id)
            .secret_string(text)
            .client_request_token(&version)
            // A separate label: without one, the version would be the current one at once.
            .version_stages(format!("waypost-{version}"));
        let added = added.send().await;
        added.map_err(|error| error.explain(id, "secretsmanager:PutSecretValue"))?;
        let moved = client
            .update_secret_version_stage()
            .secret_id(id)
            .version_stage(CURRENT)
            .remove_from_version_id(over)
            .move_to_version_id(&version);
        let moved = moved.send().await;
        let removed = client
            .update_secret_version_stage()
            .secret_id(id)
            .version_stage(format!("waypost-{version}"))
            .remove_from_version_id(&version);
        // A version without a label is deleted by AWS.
        let removed = removed.send().await;
        if let Err(error) = moved {
            let is_conflict = error
                .as_service_error()
                .is_some_and(|error| error.is_invalid_parameter_exception());
            return Err(match is_conflict {
                true => conflict(id),
                false => error.explain(id, "secretsmanager:UpdateSecretVersionStage"),
            });
        }
        removed
            .map(drop)
            .map_err(|error| error.explain(id, "secretsmanager:UpdateSecretVersionStage"))
    }
}

fn conflict(id: &str) -> BackendError {
    BackendError::Conflict(format!(
        "another program has changed `{id}` in AWS Secrets Manager"
    ))
}

/// A name for a request, by which AWS recognises that it is repeated.
fn token() -> String {
    format!("{}{}", random::public_id(), random::public_id())
}

#[async_trait]
impl SecretsBackend for Aws {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::Aws
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn check_interval(&self) -> Duration {
        CHECK_INTERVAL
    }

    fn remote(&self) -> Option<RemoteBackend> {
        let last_error = self
            .last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let region = self
            .client
            .get()
            .and_then(|client| client.config().region());
        let options = &self.options;
        Some(RemoteBackend {
            address: options.endpoint.clone().unwrap_or_else(|| {
                let region = region.map_or("an unknown region", |region| region.as_ref());
                format!("AWS Secrets Manager in {region}")
            }),
            namespace: None,
            path: match options.prefix.as_str() {
                "" => "/".to_owned(),
                prefix => format!("{prefix}/"),
            },
            login: match &options.role {
                None => "default credentials".to_owned(),
                Some(role) => format!("role {role}"),
            },
            expires_at: None,
            last_error: last_error.clone(),
        })
    }

    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        let (document, _) = self.get_for_update(name).await?;
        Ok(document)
    }

    async fn get_for_update(
        &self,
        name: &str,
    ) -> Result<(Option<SealedSecret>, Option<StoredVersion>), BackendError> {
        match self.note(self.read(name).await)? {
            None => Ok((None, Some(StoredVersion::new("")))),
            Some(found) => Ok((Some(found.document?), Some(found.version))),
        }
    }

    async fn put(
        &self,
        name: &str,
        document: &SealedSecret,
        over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        let text = shared_document::encode(document);
        let text = std::str::from_utf8(&text).expect("JSON is UTF-8");
        if text.len() > LONGEST {
            return self.note(Err(BackendError::Unavailable(
                "AWS Secrets Manager stores at most 64 KiB in one secret".to_owned(),
            )));
        }
        let id = self.id(name);
        let over = match over {
            Some(over) => over.clone(),
            None => match self.note(self.read(name).await)? {
                None => StoredVersion::new(""),
                Some(found) => found.version,
            },
        };
        self.note(match over.as_str() {
            "" => self.create(&id, text).await,
            over => self.replace(&id, text, over).await,
        })
    }

    async fn delete(&self, name: &str) -> Result<bool, BackendError> {
        let id = self.id(name);
        if self.note(self.read(name).await)?.is_none() {
            return Ok(false);
        }
        let call = self
            .client()
            .await
            .delete_secret()
            .secret_id(&id)
            .recovery_window_in_days(RECOVERY_DAYS);
        let deleted = call.send().await.map(|_| true);
        self.note(deleted.map_err(|error| error.explain(&id, "secretsmanager:DeleteSecret")))
    }

    async fn health(&self) -> Result<(), BackendError> {
        // Reading a name that is never stored takes the whole way, by a right that is needed anyway.
        let read = self.read(NEVER_STORED).await.map(drop);
        self.note(read)
    }
}
