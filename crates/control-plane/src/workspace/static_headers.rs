//! The static headers of a custom source, which are one secret.

use super::DomainError;
use std::collections::BTreeMap;
use waypost_secrets::SecretText;

/// One of the static headers, from the JSON object that they are stored as.
pub(super) fn read_header(all: &SecretText, name: &str) -> Result<Option<SecretText>, DomainError> {
    let mut headers: BTreeMap<String, SecretText> = serde_json::from_str(all.expose())
        // The error's text may quote a secret, so it is dropped.
        .map_err(|_| DomainError::internal("stored headers damaged", &name))?;
    Ok(headers.remove(name))
}

/// The static headers as the one secret they are stored as.
pub(super) fn write_headers(headers: &BTreeMap<String, SecretText>) -> SecretText {
    let plain: BTreeMap<&str, &str> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
        .collect();
    SecretText::new(serde_json::to_string(&plain).expect("strings are JSON"))
}
