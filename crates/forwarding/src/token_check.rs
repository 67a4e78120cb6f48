//! Who sends a request.

use http::HeaderMap;
use std::net::IpAddr;

/// The agent that a valid token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenOwner {
    /// The token's public id.
    pub token: String,
    /// The agent's name.
    pub agent: String,
}

/// Why a request is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// There is no token, it is not an agent's, or it is mistyped, expired or revoked.
    Invalid,
    /// The address has sent too many invalid tokens.
    TooManyFailures {
        /// After how many seconds it may try again.
        seconds: u64,
    },
}

/// Checks tokens. It reads memory only.
pub trait TokenCheck: Send + Sync + 'static {
    /// The owner of the token in the headers of a request from this address.
    ///
    /// # Errors
    /// The reason why the request is not accepted.
    fn check(&self, headers: &HeaderMap, client: IpAddr) -> Result<TokenOwner, TokenRefusal>;

    /// Whether a text has a token in it, wherever.
    fn contains_token(&self, text: &str) -> bool;
}
