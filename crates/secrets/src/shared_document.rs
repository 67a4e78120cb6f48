//! A secret as it is stored where other tools read and write it, too: JSON.
//!
//! The fields are `value`, `origin` and `set_at`, so that other tools can use keys, and `revision`,
//! which only Waypost writes. While a value is being replaced, `previous` has the same fields of the
//! one before.

use crate::sealed::{SealedSecret, SecretVersion};
use crate::text::SecretText;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The fields as they are read.
#[derive(Deserialize)]
pub(crate) struct Fields {
    value: SecretText,
    origin: Option<String>,
    set_at: Option<Time>,
    revision: Option<String>,
    previous: Option<Box<Fields>>,
}

/// Unix seconds. What a command line is given becomes a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Time {
    Number(i64),
    Text(String),
}

impl Fields {
    /// The document. `created_at` is for a value that another tool wrote without a time.
    pub(crate) fn into_document(mut self, created_at: i64) -> SealedSecret {
        let previous = self.previous.take();
        SealedSecret {
            current: self.into_version(created_at),
            previous: previous.map(|fields| fields.into_version(created_at)),
        }
    }

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

/// Reads a document; `None` if it is not JSON with a text in the field `value`.
pub(crate) fn decode(bytes: &[u8], created_at: i64) -> Option<SealedSecret> {
    let fields: Fields = serde_json::from_slice(bytes).ok()?;
    Some(fields.into_document(created_at))
}

/// The fields as they are written.
#[derive(Serialize)]
pub(crate) struct WriteFields<'a> {
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
    pub(crate) fn of(document: &'a SealedSecret) -> Self {
        let previous = document.previous.as_ref();
        Self {
            previous: previous.map(|version| Box::new(Self::of_version(version))),
            ..Self::of_version(&document.current)
        }
    }

    fn of_version(version: &'a SecretVersion) -> Self {
        Self {
            value: version.value.expose(),
            origin: &version.origin,
            set_at: version.set_at,
            revision: version.revision.as_deref(),
            previous: None,
        }
    }
}

/// A body that has a document in it, as JSON.
pub(crate) fn to_json(body: &impl Serialize, document: &SealedSecret) -> Zeroizing<Vec<u8>> {
    let versions = std::iter::once(&document.current).chain(&document.previous);
    let length: usize = versions
        .map(|version| 2 * version.value.expose().len() + version.origin.len() + 256)
        .sum();
    // Reserve everything first: growing would leave a copy behind that is never wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    serde_json::to_writer(&mut *bytes, body).expect("texts and numbers are JSON");
    bytes
}

/// Writes a document.
pub(crate) fn encode(document: &SealedSecret) -> Zeroizing<Vec<u8>> {
    to_json(&WriteFields::of(document), document)
}
