//! Signing in by a single-use link, and signing out.

use super::body::ReadJson;
use super::client_address::ClientAddress;
use super::current_session::CurrentSession;
use super::problem::ApiError;
use super::user_agent;
use crate::http::app::App;
use crate::store::sessions::{SESSION_SECONDS, SessionClient};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::net::IpAddr;
use std::time::Instant;
use utoipa::ToSchema;
use waypost_api_types::{SessionView, SignInOptions};
use zeroize::Zeroizing;

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
/// The token is redeemed before the limiter is checked: a valid link always signs in, however many
/// invalid ones came from the same address, which behind a proxy all clients may share.
///
/// # Errors
/// If the token is not valid, or the address has sent too many such tokens.
pub async fn sign_in(
    State(app): State<App>,
    ClientAddress(client): ClientAddress,
    headers: HeaderMap,
    ReadJson(body): ReadJson<SignIn>,
) -> Result<Response, ApiError> {
    if !app.accepts_sign_in_links() {
        return Err(links_off());
    }
    let previous = app.cookie().read(&headers);
    let opened_by = opened_by(&headers, client);
    let previous = previous.as_deref().map(String::as_str);
    let new = app.sessions().sign_in(&body.token, previous, opened_by);
    let Some(new) = new.await? else {
        return Err(invalid_link(&app, client));
    };
    let cookie = app.cookie().set(&new.token, SESSION_SECONDS);
    Ok((
        [(header::SET_COOKIE, cookie)],
        Json(CurrentSession(new.session).view()),
    )
        .into_response())
}

/// What a person will recognise the session of a request by.
pub(super) fn opened_by(headers: &HeaderMap, client: IpAddr) -> SessionClient {
    let user_agent = headers.get(header::USER_AGENT);
    let user_agent = user_agent.and_then(|value| value.to_str().ok());
    SessionClient {
        label: user_agent::describe(user_agent.unwrap_or_default()),
        address: client.to_string(),
    }
}

/// Says how to sign in.
pub async fn options(State(app): State<App>) -> Json<SignInOptions> {
    Json(SignInOptions {
        provider: app.oidc().map(|oidc| oidc.name().to_owned()),
        links: app.accepts_sign_in_links(),
    })
}

fn links_off() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "sign_in_links_off",
        "This server does not accept sign-in links. Sign in with the identity provider, or start the server with `--sign-in-links on`.",
    )
    .at("token")
}

fn invalid_link(app: &App, client: IpAddr) -> ApiError {
    let now = Instant::now();
    if let Some(seconds) = app.failures().wait(client, now) {
        return ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_failures",
            format!("Too many invalid sign-in links from this address. Try again in {seconds} seconds, or open a new link."),
        )
        .with_header(header::RETRY_AFTER, seconds.into());
    }
    app.failures().record(client, now);
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "invalid_link",
        "This sign-in link has expired or was already used. Create another with `waypost sign-in-link`.",
    )
    .at("token")
}

/// Says who is signed in.
pub async fn show(session: CurrentSession) -> Json<SessionView> {
    Json(session.view())
}

/// Signs out.
///
/// # Errors
/// If the database fails.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(token) = app.cookie().read(&headers) {
        app.sessions().end(&token).await?;
    }
    let cookie = app.cookie().set("", 0);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
