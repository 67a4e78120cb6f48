//! API tokens: creating, listing and revoking them, and checking the ones that requests carry.
//!
//! What is stored of a token is its SHA-256 digest. [`ApiToken`] is the text, [`LiveTokens`] the
//! digests in memory, so that no request waits for the database to learn who sent it.

mod live_tokens;
mod text;

pub use live_tokens::{LiveTokens, TokenAccess, VerifiedToken};
pub use text::{ApiToken, contains_token};

use crate::domain_error::DomainError;
use waypost_api_types::{
    MAX_AGENT_TOKEN_DAYS, MAX_SERVICE_TOKEN_DAYS, MAX_TOKEN_LABEL, Role, SERVICE_TOKEN_DAYS,
    TOKENS_PER_LABEL, TokenInput, TokenKind, TokenView,
};
use waypost_store::{Actor, Store, StoreError, TokenOwner, TokenRow};
use waypost_system::{clock, random};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A token that was just created, with the only copy of its text.
pub struct NewToken {
    /// What is shown of it from now on.
    pub view: TokenView,
    /// The text, which is shown once.
    pub token: ApiToken,
}

/// Which tokens to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenFilter {
    /// Those of this agent.
    pub agent: Option<String>,
    /// Those of this kind.
    pub kind: Option<TokenKind>,
}

impl TokenFilter {
    /// The views that pass, the newest first.
    fn apply(&self, views: impl Iterator<Item = TokenView>) -> Vec<TokenView> {
        let mut passed: Vec<TokenView> = views
            .filter(|view| {
                self.kind.is_none_or(|kind| view.kind == kind)
                    && (self.agent.is_none() || view.agent == self.agent)
            })
            .collect();
        passed.sort_by(|one, other| position(other).cmp(&position(one)));
        passed
    }
}

/// Creates a token.
///
/// # Errors
/// `not_found` if there is no such agent; `missing_field` and `unexpected_field` if `agent` and
/// `role` do not fit the kind; `invalid_label`; `invalid_expiry`; `too_many_tokens` if the agent
/// already has two active tokens with this label.
pub async fn create(
    store: &dyn Store,
    actor: &Actor,
    input: TokenInput,
) -> Result<NewToken, DomainError> {
    let label = label(&input.label)?;
    let now = clock::now();
    let expires_at = expires_at(input.kind, input.expires_in_days, now)?;
    let agent = match (input.kind, input.agent) {
        (TokenKind::Agent, None) => {
            return Err(missing(
                "agent",
                "Enter the agent that the token belongs to.",
            ));
        }
        (TokenKind::Service, Some(_)) => {
            return Err(unexpected(
                "agent",
                "A service token has no agent. Remove `agent`, or create an agent token.",
            ));
        }
        (_, agent) => agent,
    };
    let role = match (input.kind, input.role) {
        (TokenKind::Service, None) => {
            return Err(missing(
                "role",
                "Choose the token's role: `admin` or `viewer`.",
            ));
        }
        (TokenKind::Agent, Some(_)) => {
            return Err(unexpected(
                "role",
                "An agent token has no role. Remove `role`, or create a service token.",
            ));
        }
        (_, role) => role,
    };

    let mut transaction = store.begin().await?;
    let owner = match agent {
        Some(name) => {
            let agent = transaction.agent(&name).await?.ok_or_else(|| {
                DomainError::not_found(format!("There is no agent `{name}`.")).at("agent")
            })?;
            let live = transaction
                .count_live_tokens(&agent.id, &label, now)
                .await?;
            if live >= TOKENS_PER_LABEL {
                return Err(too_many(&name, &label));
            }
            TokenOwner::Agent { id: agent.id, name }
        }
        None => TokenOwner::Service(role.unwrap_or(Role::Viewer)),
    };
    let token = ApiToken::generate(input.kind);
    let row = TokenRow {
        id: random::public_id(),
        hash: token.digest(),
        owner,
        label,
        hint: token.hint(),
        created_at: now,
        created_by: actor.as_str().to_owned(),
        last_used_at: None,
        expires_at,
    };
    transaction.add_token(&row).await?;
    let mut fields = vec![match input.kind {
        TokenKind::Agent => "agent",
        TokenKind::Service => "role",
    }];
    fields.extend((!row.label.is_empty()).then_some("label"));
    fields.extend(row.expires_at.map(|_| "expires_at"));
    transaction
        .record(actor, "token.create", &target(&row.id), &fields)
        .await?;
    transaction.commit().await?;
    Ok(NewToken {
        view: view(row),
        token,
    })
}

/// Revokes a token for good.
///
/// # Errors
/// `not_found`.
pub async fn revoke(store: &dyn Store, actor: &Actor, id: &str) -> Result<(), DomainError> {
    let mut transaction = store.begin().await?;
    if !transaction.delete_token(id).await? {
        return Err(DomainError::not_found(format!(
            "There is no token `{id}`. It may have been revoked already."
        )));
    }
    transaction
        .record(actor, "token.revoke", &target(id), &[])
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// The tokens that a filter lets pass, the newest first.
///
/// # Errors
/// Fails if the database cannot be read.
pub async fn list(store: &dyn Store, filter: &TokenFilter) -> Result<Vec<TokenView>, StoreError> {
    let rows = store.tokens().await?;
    Ok(filter.apply(rows.into_iter().map(view)))
}

/// The position of a token in the list.
#[must_use]
pub fn position(view: &TokenView) -> (i64, &str) {
    (view.created_at, &view.id)
}

/// How the audit log names a token.
fn target(id: &str) -> String {
    format!("token:{id}")
}

fn view(row: TokenRow) -> TokenView {
    let (kind, agent, role) = match row.owner {
        TokenOwner::Agent { name, .. } => (TokenKind::Agent, Some(name), None),
        TokenOwner::Service(role) => (TokenKind::Service, None, Some(role)),
    };
    TokenView {
        id: row.id,
        kind,
        agent,
        role,
        label: row.label,
        hint: row.hint,
        created_at: row.created_at,
        created_by: row.created_by,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
    }
}

fn label(typed: &str) -> Result<String, DomainError> {
    let label = typed.trim();
    let fault = if label.chars().count() > MAX_TOKEN_LABEL {
        format!("The label is longer than {MAX_TOKEN_LABEL} characters.")
    } else if label.chars().any(char::is_control) {
        "The label must not contain line breaks or other control characters.".to_owned()
    } else {
        return Ok(label.to_owned());
    };
    Err(DomainError::invalid("label", "invalid_label", fault))
}

fn expires_at(kind: TokenKind, days: Option<u32>, now: i64) -> Result<Option<i64>, DomainError> {
    let (days, most) = match kind {
        TokenKind::Agent => (days, MAX_AGENT_TOKEN_DAYS),
        TokenKind::Service => (
            Some(days.unwrap_or(SERVICE_TOKEN_DAYS)),
            MAX_SERVICE_TOKEN_DAYS,
        ),
    };
    let Some(days) = days else {
        return Ok(None);
    };
    if (1..=most).contains(&days) {
        return Ok(Some(now + i64::from(days) * DAY_SECONDS));
    }
    let kind = match kind {
        TokenKind::Agent => "An agent token",
        TokenKind::Service => "A service token",
    };
    let message = format!("{kind} must expire after 1 to {most} days.");
    Err(DomainError::invalid(
        "expires_in_days",
        "invalid_expiry",
        message,
    ))
}

fn missing(field: &str, message: &str) -> DomainError {
    DomainError::invalid(field, "missing_field", message)
}

fn unexpected(field: &str, message: &str) -> DomainError {
    DomainError::invalid(field, "unexpected_field", message)
}

fn too_many(agent: &str, label: &str) -> DomainError {
    let label = match label {
        "" => "without a label".to_owned(),
        label => format!("labelled `{label}`"),
    };
    DomainError::conflict(
        "too_many_tokens",
        format!(
            "The agent `{agent}` already has {TOKENS_PER_LABEL} active tokens {label}. Revoke one of them, or choose another label."
        ),
    )
    .at("label")
}

#[cfg(test)]
mod tests;
