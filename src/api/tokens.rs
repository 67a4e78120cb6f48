//! API tokens.

use super::transport::{Call, CallOrigin};
use super::{Answer, Api};
use crate::paths::Encoded;
use serde::Deserialize;
use waypost_api_types::{Page, TokenInput, TokenView};

/// A token that was just created, with its text. The type has no `Debug` and no `Serialize`, and the
/// text leaves it only once.
#[derive(Deserialize)]
pub struct CreatedToken {
    /// What is shown of it from now on.
    #[serde(flatten)]
    pub view: TokenView,
    token: String,
}

impl CreatedToken {
    /// The text, for its creator.
    #[must_use]
    pub fn into_text(self) -> String {
        self.token
    }
}

impl Api {
    /// The tokens of one agent, the newest first.
    pub fn agent_tokens(self, agent: &str) -> Answer<Vec<TokenView>> {
        self.tokens(format!("kind=agent&agent={}", Encoded(agent)))
    }

    /// The service tokens, the newest first.
    pub fn service_tokens(self) -> Answer<Vec<TokenView>> {
        self.tokens("kind=service".to_owned())
    }

    /// Every token that a query selects, however many pages that takes.
    fn tokens(self, query: String) -> Answer<Vec<TokenView>> {
        // Later pages are asked for as the first one is.
        let origin = CallOrigin::current();
        Box::pin(async move {
            let mut tokens = Vec::new();
            let mut cursor: Option<String> = None;
            loop {
                let mut path = format!("/tokens?{query}");
                if let Some(cursor) = &cursor {
                    path.push_str(&format!("&cursor={}", Encoded(cursor)));
                }
                let call = origin.mark(|| Call::get(path));
                let page: Page<TokenView> = call.read(self).await?;
                tokens.extend(page.items);
                cursor = page.next_cursor;
                if cursor.is_none() {
                    return Ok(tokens);
                }
            }
        })
    }

    /// Creates a token.
    ///
    /// # Errors
    /// `too_many_tokens` if the agent has two active tokens with this label, `invalid_label`.
    pub fn create_token(self, input: &TokenInput) -> Answer<CreatedToken> {
        Call::post("/tokens").json(input).read(self)
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// `not_found` if it was revoked already.
    pub fn revoke_token(self, id: &str) -> Answer<()> {
        Call::delete(format!("/tokens/{}", Encoded(id))).done(self)
    }
}
