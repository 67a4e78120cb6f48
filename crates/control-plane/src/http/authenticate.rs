//! Finds out who sends a request: a session by its cookie, or a token by its header. Both are checked
//! in memory, before the body is read.

use super::caller::{Caller, Requirement};
use super::client_address::ClientAddress;
use super::current_session::CurrentSession;
use super::problem::ApiError;
use super::session_cache::Initiator;
use super::token_header::TokenHeader;
use crate::http::app::App;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::time::Instant;
use waypost_forwarding::too_many_invalid_tokens;

/// A request with this header does not count as use of its session: a page sent it without a person.
const BACKGROUND: HeaderName = HeaderName::from_static("x-waypost-background");

/// What a browser sends when it connects to a stream again.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Lets a request pass whose caller meets the requirement, and tells the handler who it is.
pub(super) async fn require(
    State((app, requirement)): State<(App, Requirement)>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match identify(&app, request.headers()) {
        Ok(caller) => caller,
        Err(Unknown::NoCredential) => return ApiError::not_signed_in().into_response(),
        Err(Unknown::Stale) => return stale_configuration().into_response(),
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

/// Whether the caller of a stream is still let in. A stream is no use of a session.
pub(super) fn still_signed_in(app: &App, headers: &HeaderMap) -> bool {
    identify_as(app, headers, Initiator::Background).is_ok()
}

/// Why it is not known who sends a request.
enum Unknown {
    /// No credential, or a cookie that opens nothing.
    NoCredential,
    /// A token that opens nothing.
    InvalidToken,
    /// A token that may have been revoked: the database was not reached for too long.
    Stale,
}

fn identify(app: &App, headers: &HeaderMap) -> Result<Caller, Unknown> {
    // A browser that connects to a stream again does so without a person, and cannot send a header of
    // Waypost's.
    let is_background = headers.contains_key(BACKGROUND) || headers.contains_key(LAST_EVENT_ID);
    let initiator = match is_background {
        true => Initiator::Background,
        false => Initiator::Person,
    };
    identify_as(app, headers, initiator)
}

fn identify_as(app: &App, headers: &HeaderMap, initiator: Initiator) -> Result<Caller, Unknown> {
    let token = TokenHeader::read(headers);
    match token {
        TokenHeader::Token(_) if app.is_stale() => return Err(Unknown::Stale),
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
    let session = app.sessions().find(&cookie, initiator);
    session
        .map(|session| Caller::Session(CurrentSession(session)))
        .ok_or(Unknown::NoCredential)
}

fn stale_configuration() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "stale_configuration",
        "Waypost has not reached its database for too long, so it may not know which tokens were revoked. Its log says why.",
    )
    .with_header(header::RETRY_AFTER, HeaderValue::from_static("5"))
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
            too_many_invalid_tokens(seconds),
        )
        .with_header(header::RETRY_AFTER, seconds.into());
    }
    app.token_failures().record(client, now);
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "invalid_token",
        "Invalid token: it is mistyped, expired or revoked, or two headers contain different tokens. Send it as `authorization: Bearer TOKEN`. Create another with `waypost token create`.",
    )
    .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}
