//! Who sends a request, and what an endpoint asks of them.

use super::current_session::CurrentSession;
use super::problem::ApiError;
use crate::http::app::App;
use crate::store::Actor;
use crate::tokens::{TokenAccess, VerifiedToken};
use crate::workspace::Workspace;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use std::sync::Arc;
use waypost_api_types::Role;

/// Which tokens an endpoint accepts beside a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptedTokens {
    /// None: it takes a person.
    None,
    /// Service tokens with the role that the endpoint asks for.
    Service,
    /// Those, and agents' tokens.
    ServiceAndAgent,
}

/// What an endpoint asks of its callers.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// Whether only administrators may call it.
    pub admin: bool,
    /// Which tokens it accepts.
    pub tokens: AcceptedTokens,
}

/// Who sends the request. It is there wherever the table asks for a session.
#[derive(Clone, Debug)]
pub enum Caller {
    /// A person who is signed in.
    Session(CurrentSession),
    /// A script or an agent with a token.
    Token(Arc<VerifiedToken>),
}

impl Caller {
    /// How the audit log names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Session(session) => session.actor(),
            Self::Token(token) => token.actor(),
        }
    }

    /// The agent that the caller may ask about; `None` if it may ask about any.
    #[must_use]
    pub fn own_agent(&self) -> Option<&str> {
        match self {
            Self::Token(token) => match &token.access {
                TokenAccess::Agent(name) => Some(name),
                TokenAccess::Service(_) => None,
            },
            Self::Session(_) => None,
        }
    }

    pub(super) fn check(&self, requirement: Requirement) -> Result<(), ApiError> {
        let is_admin = match self {
            Self::Session(session) => session.0.role == Role::Admin,
            Self::Token(token) => match (&token.access, requirement.tokens) {
                (TokenAccess::Agent(_), AcceptedTokens::ServiceAndAgent) => return Ok(()),
                (TokenAccess::Agent(_), _) => return Err(agent_token()),
                (TokenAccess::Service(_), AcceptedTokens::None) => return Err(session_required()),
                (TokenAccess::Service(role), _) => *role == Role::Admin,
            },
        };
        match (requirement.admin && !is_admin, self) {
            (false, _) => Ok(()),
            (true, Self::Session(_)) => Err(ApiError::forbidden()),
            (true, Self::Token(_)) => Err(viewer_token()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(ApiError::not_signed_in)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrentSession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Caller::from_request_parts(parts, state).await? {
            Caller::Session(session) => Ok(session),
            Caller::Token(_) => Err(ApiError::not_signed_in()),
        }
    }
}

/// The workspace, seen by the caller: what is done to it is done in their name.
pub(super) struct SignedIn(pub(super) Workspace);

impl FromRequestParts<App> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        Ok(Self(app.workspace().by(caller.actor())))
    }
}

fn agent_token() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "agent_token",
        "This is an agent token, which may only call `POST /api/v1/route`. Use a service token for scripts and CI.",
    )
}

fn session_required() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "session_required",
        "This requires a signed-in session; tokens are not accepted. Use the dashboard or the command line.",
    )
}

fn viewer_token() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "forbidden",
        "This token has the role viewer, which may only read and request routes. Use a token with the role admin to make changes.",
    )
}
