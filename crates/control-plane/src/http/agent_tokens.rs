//! The tokens of agents, as forwarding checks them.

use super::failures::Failures;
use super::token_header::TokenHeader;
use crate::tokens::{LiveTokens, TokenAccess, contains_token};
use axum::http::HeaderMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use waypost_forwarding::{TokenCheck, TokenOwner, TokenRefusal};

/// Accepts the live tokens of agents, and no service token.
pub(super) struct AgentTokens {
    pub(super) live: LiveTokens,
    /// The same limit as for the admin API: an address has one number of guesses.
    pub(super) failures: Arc<Failures>,
}

impl TokenCheck for AgentTokens {
    fn check(&self, headers: &HeaderMap, client: IpAddr) -> Result<TokenOwner, TokenRefusal> {
        if let TokenHeader::Token(token) = TokenHeader::read(headers)
            && let Some(verified) = self.live.verify(&token)
            && let TokenAccess::Agent(agent) = &verified.access
        {
            return Ok(TokenOwner {
                token: verified.id.clone(),
                agent: agent.clone(),
                agent_id: verified.agent_id.clone(),
            });
        }
        let now = Instant::now();
        if let Some(seconds) = self.failures.wait(client, now) {
            return Err(TokenRefusal::TooManyFailures { seconds });
        }
        self.failures.record(client, now);
        Err(TokenRefusal::Invalid)
    }

    fn contains_token(&self, text: &str) -> bool {
        contains_token(text)
    }
}
