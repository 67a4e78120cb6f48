//! Signing in by a single-use link, and who is signed in.

use super::body::ReadJson;
use super::client_address::ClientAddress;
use super::problem::ApiError;
use super::session_cache::Activity;
use crate::app::App;
use crate::store::Actor;
use crate::store::sessions::{SESSION_SECONDS, StoredSession};
use crate::workspace::Workspace;
use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::net::IpAddr;
use std::time::Instant;
use utoipa::ToSchema;
use waypost_api_types::{Role, SessionView};
use zeroize::Zeroizing;

/// The session of the request. It is there wherever the table asks for one.
#[derive(Clone, Debug)]
pub struct CurrentSession(pub StoredSession);

impl CurrentSession {
    /// How the audit log names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::session(&self.0.public_id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrentSession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(ApiError::not_signed_in)
    }
}

/// The workspace, seen by whoever is signed in: what is done to it is done in their name.
pub(super) struct Acting(pub(super) Workspace);

impl FromRequestParts<App> for Acting {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let session = CurrentSession::from_request_parts(parts, app).await?;
        Ok(Self(app.workspace().by(session.actor())))
    }
}

/// Lets a request pass whose cookie opens a session, and tells the handler which.
pub async fn require(State(app): State<App>, request: Request, next: Next) -> Response {
    pass(&app, request, next, |_| true).await
}

/// Lets a request pass whose cookie opens an administrator's session, and tells the handler which.
pub async fn require_admin(State(app): State<App>, request: Request, next: Next) -> Response {
    pass(&app, request, next, |role| role == Role::Admin).await
}

/// A request with this header does not count as use of its session: a page sent it by itself.
const BACKGROUND: HeaderName = HeaderName::from_static("x-waypost-background");

async fn pass(app: &App, mut request: Request, next: Next, may: fn(Role) -> bool) -> Response {
    let activity = match request.headers().contains_key(BACKGROUND) {
        true => Activity::Background,
        false => Activity::Person,
    };
    let session = app
        .cookie()
        .read(request.headers())
        .and_then(|token| app.sessions().find(&token, activity));
    match session {
        Some(session) if may(session.role) => {
            request.extensions_mut().insert(CurrentSession(session));
            next.run(request).await
        }
        Some(_) => ApiError::forbidden().into_response(),
        None => ApiError::not_signed_in().into_response(),
    }
}

/// `POST /api/v1/session`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// What stands behind `#token=` in the sign-in link.
    #[schema(value_type = String, write_only)]
    token: Zeroizing<String>,
}

/// Trades the link's token for a session.
///
/// The token is redeemed before the limiter is asked: whoever has a valid link gets in, however
/// many invalid ones came from the same address, which behind a proxy may be everybody's.
///
/// # Errors
/// If the token is not valid, or the address has sent too many such tokens.
pub async fn sign_in(
    State(app): State<App>,
    ClientAddress(client): ClientAddress,
    headers: HeaderMap,
    ReadJson(body): ReadJson<SignIn>,
) -> Result<Response, ApiError> {
    let previous = app.cookie().read(&headers);
    let Some(new) = app
        .sessions()
        .sign_in(&body.token, previous.as_deref().map(String::as_str))
        .await?
    else {
        return Err(invalid_link(&app, client));
    };
    let cookie = app.cookie().set(&new.token, SESSION_SECONDS);
    Ok(([(header::SET_COOKIE, cookie)], Json(view(&new.session))).into_response())
}

fn invalid_link(app: &App, client: IpAddr) -> ApiError {
    let now = Instant::now();
    if let Some(seconds) = app.failures().wait(client, now) {
        return ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_failures",
            format!("Too many invalid sign-in links came from this address. Try again in {seconds} seconds, or open a new link at once."),
        )
        .with_header(header::RETRY_AFTER, seconds.into());
    }
    app.failures().record(client, now);
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "invalid_link",
        "This sign-in link has expired or was already used. Make another with `waypost sign-in-link`.",
    )
    .at("token")
}

/// Says who is signed in.
pub async fn show(session: CurrentSession) -> Json<SessionView> {
    Json(view(&session.0))
}

/// Signs out.
///
/// # Errors
/// Where the database fails.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(token) = app.cookie().read(&headers) {
        app.sessions().end(&token).await?;
    }
    let cookie = app.cookie().set("", 0);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

fn view(session: &StoredSession) -> SessionView {
    SessionView {
        role: session.role,
        expires_at: session.expires_at,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
