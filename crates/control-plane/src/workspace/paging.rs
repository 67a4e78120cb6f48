//! Lists that are read page by page.

use super::DomainError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many things a page has: as many as are asked for, of the usual number and the most.
pub(super) fn limit(
    asked: Option<u32>,
    (usual, most): (u32, u32),
    things: &str,
) -> Result<u32, DomainError> {
    match asked.unwrap_or(usual) {
        limit if limit > 0 && limit <= most => Ok(limit),
        _ => {
            let message = format!("A page has from 1 to {most} {things}.");
            Err(DomainError::invalid("limit", "invalid_limit", message))
        }
    }
}

/// The cursor of a place in a list.
pub(super) fn cursor(place: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// The place of a cursor.
pub(super) fn read(cursor: &str) -> Result<Vec<u8>, DomainError> {
    URL_SAFE_NO_PAD.decode(cursor).map_err(|_| no_cursor())
}

/// What is no cursor of a list.
pub(super) fn no_cursor() -> DomainError {
    let message = "This is no cursor of this list; begin again without one.";
    DomainError::invalid("cursor", "invalid_cursor", message)
}
