//! `/oidc`: the browser's way to the identity provider and back.
//!
//! Both answers are for a person and not for a script, so errors are pages here.

use super::api_route::QueryParameter;
use super::client_address::ClientAddress;
use super::oidc_page;
use super::problem::ApiError;
use super::session::opened_by;
use crate::http::app::App;
use crate::oidc::{
    Callback, LoginState, Oidc, OidcError, OidcErrorKind, not_begun_here, own_address,
};
use crate::store::sessions::PERSON_SESSION_SECONDS;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

pub(super) const PARAMETERS: &[QueryParameter] = &[QueryParameter {
    name: "return",
    description: "The page of the dashboard to open afterwards.",
}];

/// Sends the browser to the identity provider.
pub(super) async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let oidc = app.oidc().ok_or_else(ApiError::no_such_address)?;
    let wanted = parameter(&uri, "return");
    // The provider sends the browser to the public URL; under another name of this server it would
    // not have the cookie there.
    if !is_at(&headers, oidc.dashboard()) {
        let wanted = url::form_urlencoded::byte_serialize(own_address(&wanted).as_bytes());
        let wanted: String = wanted.collect();
        let url = format!("{}/oidc/sign-in?return={wanted}", oidc.dashboard());
        return Ok(redirect(&url, None));
    }
    let login = LoginState::begin(&wanted);
    match oidc.authorization_url(&login).await {
        Ok(url) => {
            let cookie = app.login_cookie().set(&login.cookie_value());
            Ok(redirect(url.as_str(), Some(cookie)))
        }
        Err(error) => Ok(failed(oidc, &error, login.return_to())),
    }
}

/// Signs in the person that the identity provider has sent back.
pub(super) async fn finish(
    State(app): State<App>,
    ClientAddress(client): ClientAddress,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let oidc = app.oidc().ok_or_else(ApiError::no_such_address)?;
    let callback = Callback::read(uri.query().unwrap_or_default());
    let cookie = app.login_cookie().read(&headers);
    let login = cookie.and_then(|cookie| LoginState::read(&cookie));
    // The cookie of another sign-in stays: a page elsewhere must not be able to end it.
    let Some(login) = login.filter(|login| login.matches(callback.state())) else {
        return Ok(failed(oidc, &not_begun_here(), "/"));
    };
    let mut response = match oidc.sign_in(&login, &callback).await {
        Ok((person, role)) => {
            let previous = app.cookie().read(&headers);
            let previous = previous.as_deref().map(String::as_str);
            let name = person.name.clone();
            let client = opened_by(&headers, client);
            let new = app
                .sessions()
                .sign_in_person(person, role, previous, client)
                .await?;
            let mut response = oidc_page::signed_in(&name, oidc.base_path(), login.return_to());
            let cookie = app.cookie().set(&new.token, PERSON_SESSION_SECONDS);
            response.headers_mut().append(header::SET_COOKIE, cookie);
            response
        }
        Err(error) => failed(oidc, &error, login.return_to()),
    };
    let removed = app.login_cookie().remove();
    response.headers_mut().append(header::SET_COOKIE, removed);
    Ok(response)
}

fn failed(oidc: &Oidc, error: &OidcError, address: &str) -> Response {
    tracing::warn!(reason = %error, "a sign-in with the identity provider failed");
    let status = match error.kind {
        OidcErrorKind::Provider => StatusCode::BAD_GATEWAY,
        OidcErrorKind::Setup => StatusCode::INTERNAL_SERVER_ERROR,
        OidcErrorKind::SignIn => StatusCode::BAD_REQUEST,
        OidcErrorKind::NoAccess => StatusCode::FORBIDDEN,
    };
    oidc_page::not_signed_in(status, &error.message, oidc.base_path(), address)
}

fn redirect(url: &str, cookie: Option<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::from_str(url) else {
        return ApiError::fault().into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Whether a request names the host of a URL.
fn is_at(headers: &HeaderMap, url: &str) -> bool {
    let host = headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let (_, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

/// A parameter of a query; empty if it is absent.
fn parameter(uri: &Uri, name: &str) -> String {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
