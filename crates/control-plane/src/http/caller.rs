//! Who sends a request, and what an endpoint asks of them: a session by its cookie, or a token by
//! its header. Both are checked in memory, before the body is read.

use super::client_address::ClientAddress;
use super::problem::ApiError;
use super::session::CurrentSession;
use super::session_cache::Activity;
use super::token_header::TokenHeader;
use crate::http::app::App;
use crate::store::Actor;
use crate::tokens::{TokenAccess, VerifiedToken};
use crate::workspace::Workspace;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Instant;
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
    Token(VerifiedToken),
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
            Self::Token(VerifiedToken {
                access: TokenAccess::Agent(name),
                ..
            }) => Some(name),
            Self::Token(_) | Self::Session(_) => None,
        }
    }

    fn check(&self, requirement: Requirement) -> Result<(), ApiError> {
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

/// The workspace, seen by the caller: what is done to it is done in their name.
pub(super) struct SignedIn(pub(super) Workspace);

impl FromRequestParts<App> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        Ok(Self(app.workspace().by(caller.actor())))
    }
}

/// A request with this header does not count as use of its session: a page sent it without a person.
const BACKGROUND: HeaderName = HeaderName::from_static("x-waypost-background");

/// Lets a request pass whose caller meets the requirement, and tells the handler who it is.
pub async fn require(
    State((app, requirement)): State<(App, Requirement)>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match identify(&app, request.headers()) {
        Ok(caller) => caller,
        Err(Unknown::NoCredential) => return ApiError::not_signed_in().into_response(),
        Err(Unknown::InvalidToken) => {
            let (mut parts, _) = request.into_parts();
            return invalid_token(&app, &mut parts).await.into_response();
        }
    };
    if let Err(error) = caller.check(requirement) {
        return error.into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Why it is not known who sends a request.
enum Unknown {
    /// No credential, or a cookie that opens nothing.
    NoCredential,
    /// A token that opens nothing.
    InvalidToken,
}

fn identify(app: &App, headers: &HeaderMap) -> Result<Caller, Unknown> {
    let token = TokenHeader::read(headers);
    match token {
        TokenHeader::Token(token) => {
            let verified = app.workspace().live_tokens().verify(&token);
            return verified.map(Caller::Token).ok_or(Unknown::InvalidToken);
        }
        TokenHeader::Invalid => return Err(Unknown::InvalidToken),
        TokenHeader::Absent | TokenHeader::Foreign => {}
    }
    let Some(cookie) = app.cookie().read(headers) else {
        return Err(match token {
            // A script that sends the key of an upstream should learn that it is the wrong one.
            TokenHeader::Foreign => Unknown::InvalidToken,
            _ => Unknown::NoCredential,
        });
    };
    let activity = match headers.contains_key(BACKGROUND) {
        true => Activity::Background,
        false => Activity::Person,
    };
    let session = app.sessions().find(&cookie, activity);
    session
        .map(|session| Caller::Session(CurrentSession(session)))
        .ok_or(Unknown::NoCredential)
}

/// The answer to a token that opens nothing. Valid tokens never come here, so that a limit on
/// guesses from an address does not affect them.
async fn invalid_token(app: &App, parts: &mut Parts) -> ApiError {
    let now = Instant::now();
    let Ok(ClientAddress(client)) = ClientAddress::from_request_parts(parts, app).await;
    if let Some(seconds) = app.token_failures().wait(client, now) {
        return ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_failures",
            format!("Too many invalid tokens came from this address. Try again in {seconds} seconds; a valid token works at once."),
        )
        .with_header(header::RETRY_AFTER, seconds.into());
    }
    app.token_failures().record(client, now);
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "invalid_token",
        "This is not a valid token: it was mistyped, has expired or was revoked, or two headers carry different ones. Send it as `authorization: Bearer TOKEN`. `waypost token create` makes another.",
    )
    .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

fn agent_token() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "agent_token",
        "This token belongs to an agent, which may only ask for its routes: `POST /api/v1/route`. Scripts and CI use a service token.",
    )
}

fn session_required() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "session_required",
        "This takes a person who is signed in. Tokens are created from a browser session or the command line, never by a token.",
    )
}

fn viewer_token() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "forbidden",
        "This token has the role viewer, which may read and ask for routes. Changes need a token with the role admin.",
    )
}
