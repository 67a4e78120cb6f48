//! What may be stored as a secret.

use super::error::SecretsError;
use super::text::SecretText;

/// Room for 32 headers of 8 KiB, which is the most that one secret holds.
const LONGEST: usize = 512 * 1024;

/// Trims outer white space, and refuses what could not be sent in a header.
pub(crate) fn checked(value: &SecretText) -> Result<SecretText, SecretsError> {
    let value = value.trimmed();
    let text = value.expose();
    if text.is_empty() {
        return Err(SecretsError::InvalidValue(
            "The value is empty. Paste the key, or remove the stored one.",
        ));
    }
    if text.len() > LONGEST {
        return Err(SecretsError::InvalidValue(
            "The value is longer than 512 KiB.",
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(SecretsError::InvalidValue(
            "The value has a line break or another control character inside. Copy the key alone and paste it again.",
        ));
    }
    if !text.is_ascii() {
        return Err(SecretsError::InvalidValue(
            "The value has a character that cannot be sent in a header; it may be invisible. Copy the key alone and paste it again.",
        ));
    }
    Ok(value)
}
