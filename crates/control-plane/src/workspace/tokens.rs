//! API tokens, as the API offers them.

use super::paging::{self, invalid_cursor};
use super::{DomainError, Workspace};
use crate::tokens::{self, LiveTokens, NewToken, TokenFilter};
use waypost_api_types::{Page, TokenInput, TokenView};
use waypost_store::TokenOwner;

impl Workspace {
    /// The tokens that requests are checked against.
    #[must_use]
    pub fn live_tokens(&self) -> &LiveTokens {
        &self.inner.tokens
    }

    /// One page of the tokens, the newest first.
    ///
    /// # Errors
    /// `invalid_limit` and `invalid_cursor`.
    pub fn tokens(
        &self,
        filter: &TokenFilter,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Page<TokenView>, DomainError> {
        let limit = paging::TOKENS.rows(limit)? as usize;
        let before = cursor.map(position).transpose()?;
        let mut items = self.live_tokens().list(filter);
        if let Some((at, id)) = before {
            items.retain(|view| tokens::position(view) < (at, id.as_str()));
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|view| {
            let (at, id) = tokens::position(view);
            paging::cursor(format!("{at} {id}").as_bytes())
        });
        Ok(Page { items, next_cursor })
    }

    /// Creates a token.
    ///
    /// # Errors
    /// As [`tokens::create`].
    pub async fn create_token(&self, input: TokenInput) -> Result<NewToken, DomainError> {
        let new = tokens::create(self.store(), self.actor(), input).await?;
        self.reload_tokens().await;
        Ok(new)
    }

    /// Revokes a token: once this has answered, no request with it is let in.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn revoke_token(&self, id: &str) -> Result<(), DomainError> {
        tokens::revoke(self.store(), self.actor(), id).await?;
        self.live_tokens().remove(|row| row.id == id).await;
        Ok(())
    }

    /// Forgets the tokens of an agent that was deleted.
    pub(super) async fn forget_tokens_of(&self, agent_id: &str) {
        self.live_tokens()
            .remove(|row| matches!(&row.owner, TokenOwner::Agent { id, .. } if id == agent_id))
            .await;
    }

    /// Reads the tokens again after a change that is already stored. Should that fail, the next
    /// look at the database makes up for it.
    pub(super) async fn reload_tokens(&self) {
        if let Err(error) = self.live_tokens().refresh().await {
            tracing::warn!(%error, "cannot reload tokens after a change");
        }
    }
}

fn position(cursor: &str) -> Result<(i64, String), DomainError> {
    let bytes = paging::read(cursor)?;
    let text = String::from_utf8(bytes).map_err(|_| invalid_cursor())?;
    let (at, id) = text.split_once(' ').ok_or_else(invalid_cursor)?;
    Ok((at.parse().map_err(|_| invalid_cursor())?, id.to_owned()))
}
