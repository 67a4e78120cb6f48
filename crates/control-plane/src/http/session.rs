//! Signing in by a single-use link, and the session cookie.

use super::body::ReadJson;
use super::problem::ApiError;
use crate::app::App;
use crate::store::audit::Actor;
use crate::store::sessions::{self, StoredSession};
use crate::workspace::Workspace;
use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;
use utoipa::ToSchema;
use waypost_api_types::{Role, SessionView};
use zeroize::Zeroizing;

/// What the session cookie is called and how it travels.
#[derive(Clone, Debug)]
pub struct CookieRules {
    name: String,
    secure: bool,
}

impl CookieRules {
    /// Cookies are shared by all ports of a host, so the name carries the workspace's id: two
    /// workspaces on one machine do not sign each other out. Over https it also takes the prefix
    /// that makes browsers hold it to this very host.
    #[must_use]
    pub fn new(workspace_id: &str, secure: bool) -> Self {
        let prefix = if secure { "__Host-" } else { "" };
        Self {
            name: format!("{prefix}waypost-{workspace_id}"),
            secure,
        }
    }

    /// The cookie's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn set(&self, value: &str, seconds: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!(
            "{}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}",
            self.name
        );
        let mut header = HeaderValue::from_str(&cookie).expect("a token is visible ASCII");
        header.set_sensitive(true);
        header
    }

    fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name)
            .map(|(_, value)| value)
    }
}

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

async fn pass(app: &App, mut request: Request, next: Next, may: fn(Role) -> bool) -> Response {
    let token = app.cookie().read(request.headers());
    let found = match token {
        Some(token) => sessions::find(app.pool(), token).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(session)) if may(session.role) => {
            request.extensions_mut().insert(CurrentSession(session));
            next.run(request).await
        }
        Ok(Some(_)) => ApiError::forbidden().into_response(),
        Ok(None) => ApiError::not_signed_in().into_response(),
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// The address that a request came from.
pub struct Peer(IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(
            info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip()),
        ))
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
/// # Errors
/// A token that opens nothing, or too many of those from one address.
pub async fn sign_in(
    State(app): State<App>,
    Peer(peer): Peer,
    headers: HeaderMap,
    ReadJson(body): ReadJson<SignIn>,
) -> Result<Response, ApiError> {
    if let Some(seconds) = app.failures().wait(peer, Instant::now()) {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_failures",
            format!("Too many sign-in links that open nothing came from this address. Try again in {seconds} seconds."),
        )
        .with_header(header::RETRY_AFTER, seconds.into()));
    }
    let previous = app.cookie().read(&headers);
    let Some(new) = sessions::sign_in(app.pool(), &body.token, previous).await? else {
        app.failures().record(peer, Instant::now());
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "invalid_link",
            "This sign-in link opens nothing: it was used already, or its 15 minutes are over. Make another with `waypost sign-in-link`.",
        )
        .at("token"));
    };
    let cookie = app.cookie().set(&new.token, sessions::SESSION_SECONDS);
    Ok(([(header::SET_COOKIE, cookie)], Json(view(&new.session))).into_response())
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
        sessions::end(app.pool(), token).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let rules = CookieRules::new("ab12", false);
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("waypost-ffff=no; waypost-ab12=yes; x=waypost-ab12"),
        );
        assert_eq!(rules.read(&headers), Some("yes"));
        assert_eq!(rules.read(&HeaderMap::new()), None);
    }

    #[test]
    fn over_https_the_cookie_is_held_to_its_host() {
        let cookie = CookieRules::new("ab12", true).set("t", 5);
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-waypost-ab12=t; HttpOnly; SameSite=Strict; Path=/; Max-Age=5; Secure"
        );
        assert!(cookie.is_sensitive());
    }
}
