//! Lists that are read page by page.

use super::DomainError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many rows the pages of a list have.
pub struct PageLimits {
    /// As many as they have unless a request asks for another number.
    pub default: u32,
    /// As many as a request may ask for.
    pub max: u32,
}

/// The pages of agents.
pub const AGENTS: PageLimits = PageLimits {
    default: 100,
    max: 500,
};
/// The pages of the audit log.
pub const AUDIT: PageLimits = PageLimits {
    default: 100,
    max: 500,
};
/// The pages of models.
pub const MODELS: PageLimits = PageLimits {
    default: 200,
    max: 1_000,
};
/// The pages of the request log.
pub const REQUESTS: PageLimits = PageLimits {
    default: 100,
    max: 500,
};
/// The pages of tokens.
pub const TOKENS: PageLimits = PageLimits {
    default: 100,
    max: 500,
};
/// The uses of a provider, source, model or secret, which have one page.
pub const USES: PageLimits = PageLimits {
    default: 200,
    max: 10_000,
};

impl PageLimits {
    /// How many rows a page has that asks for this many.
    pub(crate) fn rows(&self, asked: Option<u32>) -> Result<u32, DomainError> {
        match asked.unwrap_or(self.default) {
            rows if rows > 0 && rows <= self.max => Ok(rows),
            _ => {
                let message = format!("The limit of a page must be from 1 to {}.", self.max);
                Err(DomainError::invalid("limit", "invalid_limit", message))
            }
        }
    }
}

/// The cursor of a place in a list.
pub(super) fn cursor(place: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// The place of a cursor.
pub(super) fn read(cursor: &str) -> Result<Vec<u8>, DomainError> {
    URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid_cursor())
}

/// A cursor that no page of the list has given.
pub(crate) fn invalid_cursor() -> DomainError {
    let message = "Invalid cursor. Omit `cursor` to start from the beginning.";
    DomainError::invalid("cursor", "invalid_cursor", message)
}
