//! The answers and bodies of Vault's KV engine that have a secret in them.

use super::JsonBody;
use super::api::Reply;
use crate::backend::BackendError;
use crate::sealed::SealedSecret;
use crate::shared_document::{Fields, WriteFields, to_json};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Answer<T> {
    data: AnswerData<T>,
}

#[derive(Deserialize)]
struct AnswerData<T> {
    data: T,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    version: u64,
    #[serde(default)]
    created_time: String,
}

/// What Vault holds under a name.
pub(super) struct Found {
    /// The number of the newest version, also of one that was deleted; zero if there never was one.
    pub(super) version: u64,
    document: Result<Option<SealedSecret>, BackendError>,
}

impl Found {
    /// Reads the answer to a read that succeeded.
    pub(super) fn read(reply: &Reply, path: &str) -> Result<Self, BackendError> {
        let damaged = || {
            BackendError::Damaged(format!(
                "`{path}` in Vault has no text in the field `value`"
            ))
        };
        if let Some(Answer::<Fields> { data }) = reply.json() {
            let created_at = seconds(&data.metadata.created_time);
            return Ok(Self {
                version: data.metadata.version,
                document: Ok(Some(data.data.into_document(created_at))),
            });
        }
        let Some(Answer::<serde::de::IgnoredAny> { data }) = reply.json() else {
            return Err(BackendError::Unavailable(
                "Vault gave an answer that is not its own. Check VAULT_ADDR".to_owned(),
            ));
        };
        Ok(Self {
            version: data.metadata.version,
            document: Err(damaged()),
        })
    }

    /// Reads the answer that there is nothing, or nothing any more.
    pub(super) fn deleted(reply: &Reply) -> Self {
        let answer: Option<Answer<serde::de::IgnoredAny>> = reply.json();
        Self {
            version: answer.map_or(0, |answer| answer.data.metadata.version),
            document: Ok(None),
        }
    }

    pub(super) fn document(self) -> Result<Option<SealedSecret>, BackendError> {
        self.document
    }

    pub(super) fn is_there(&self) -> bool {
        !matches!(self.document, Ok(None))
    }
}

fn seconds(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>()
        .map_or(0, jiff::Timestamp::as_second)
}

#[derive(Serialize)]
struct Write<'a> {
    options: WriteOptions,
    data: WriteFields<'a>,
}

#[derive(Serialize)]
struct WriteOptions {
    cas: u64,
}

/// The body of a write that succeeds only while the newest version is this one.
pub(super) fn encode(document: &SealedSecret, newest: u64) -> JsonBody {
    let body = Write {
        options: WriteOptions { cas: newest },
        data: WriteFields::of(document),
    };
    to_json(&body, document)
}
