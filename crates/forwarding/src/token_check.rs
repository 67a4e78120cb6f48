//! Who sends a request.

use crate::forward_error::ForwardError;
use http::{HeaderMap, StatusCode};
use std::net::IpAddr;

/// The agent that a valid token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenOwner {
    /// The token's public id.
    pub token: String,
    /// The agent's name.
    pub agent: String,
    /// The agent's permanent id, where it is known.
    pub agent_id: Option<String>,
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

impl From<TokenRefusal> for ForwardError {
    fn from(refusal: TokenRefusal) -> Self {
        match refusal {
            TokenRefusal::Invalid => Self::new(
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "Send the token of an agent as `authorization: Bearer TOKEN` or as `x-api-key`. This one is missing, mistyped, expired, revoked or not an agent's, or two headers contain different tokens. Create one with `waypost token create --agent NAME`.",
            ),
            TokenRefusal::TooManyFailures { seconds } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_failures",
                too_many_invalid_tokens(seconds),
            )
            .after(seconds),
        }
    }
}

/// What an address is answered after too many invalid tokens, below `/v1` and in the API alike.
#[must_use]
pub fn too_many_invalid_tokens(seconds: u64) -> String {
    format!(
        "Too many invalid tokens from this address. Try again in {seconds} seconds. A valid token works immediately."
    )
}
