//! A secret as it is stored in Vault.
//!
//! The fields are `value`, `origin` and `set_at`, so that other tools can read and write keys, and
//! `revision`, which only Waypost writes. While a value is being replaced, `previous` has the same
//! fields of the one before.

use super::JsonBody;
use super::api::Reply;
use crate::backend::BackendError;
use crate::sealed::{SealedSecret, SecretVersion};
use crate::text::SecretText;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

#[derive(Deserialize)]
struct Fields {
    value: SecretText,
    origin: Option<String>,
    set_at: Option<Time>,
    revision: Option<String>,
    previous: Option<Box<Fields>>,
}

/// Unix seconds. What `vault kv put` is given becomes a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Time {
    Number(i64),
    Text(String),
}

impl Fields {
    /// `created_at` is for a value that another tool wrote without a time.
    fn into_version(self, created_at: i64) -> SecretVersion {
        let set_at = match self.set_at {
            Some(Time::Number(time)) => Some(time),
            Some(Time::Text(text)) => text.trim().parse().ok(),
            None => None,
        };
        SecretVersion {
            // A text that was pasted may have ended in a line break.
            value: match self.revision {
                Some(_) => self.value,
                None => self.value.trimmed(),
            },
            revision: self.revision,
            origin: self.origin.unwrap_or_default(),
            set_at: set_at.unwrap_or(created_at),
        }
    }
}

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
            let mut fields = data.data;
            let previous = fields.previous.take();
            return Ok(Self {
                version: data.metadata.version,
                document: Ok(Some(SealedSecret {
                    current: fields.into_version(created_at),
                    previous: previous.map(|fields| fields.into_version(created_at)),
                })),
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

#[derive(Serialize)]
struct WriteFields<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    origin: &'a str,
    set_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Box<WriteFields<'a>>>,
}

impl<'a> WriteFields<'a> {
    fn of(version: &'a SecretVersion) -> Self {
        Self {
            value: version.value.expose(),
            origin: &version.origin,
            set_at: version.set_at,
            revision: version.revision.as_deref(),
            previous: None,
        }
    }
}

/// The body of a write that succeeds only while the newest version is this one.
pub(super) fn encode(document: &SealedSecret, newest: u64) -> JsonBody {
    let previous = document.previous.as_ref();
    let body = Write {
        options: WriteOptions { cas: newest },
        data: WriteFields {
            previous: previous.map(|version| Box::new(WriteFields::of(version))),
            ..WriteFields::of(&document.current)
        },
    };
    let lengths = std::iter::once(&document.current).chain(previous);
    let length: usize = lengths
        .map(|version| 2 * version.value.expose().len() + version.origin.len() + 256)
        .sum();
    // Reserve everything first: growing would leave a copy behind that is never wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    serde_json::to_writer(&mut *bytes, &body).expect("texts and numbers are JSON");
    bytes
}
