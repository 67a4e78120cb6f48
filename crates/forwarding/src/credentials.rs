//! The values of credentials, and the headers that a request is sent with.

use crate::caller_headers;
use crate::forward_error::ForwardError;
use async_trait::async_trait;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::time::Instant;
use waypost_routing::codes;
use waypost_routing::credential::source_headers_secret;
use waypost_routing::endpoint::Endpoint;
use waypost_routing::header;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::{CredentialState, RouteHeader};
use zeroize::Zeroizing;

/// Where the value of a credential or of a secret header is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialPlace<'a> {
    /// A stored secret, by its name.
    Secret(&'a str),
    /// An environment variable.
    Variable(&'a str),
    /// A static header of a source. All headers of a source are one secret.
    SourceHeader {
        /// The name of the secret.
        secret: String,
        /// The header's lower-case name.
        header: &'a str,
    },
}

/// The value of a credential, wiped from memory when it is dropped.
///
/// It has no `Debug`, `Display` or `Serialize`, so that a log line, an error text or an answer
/// that would show it does not compile.
pub struct CredentialText(Zeroizing<String>);

impl CredentialText {
    /// Takes a text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

/// Why a credential cannot be used. Nothing is sent then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialError {
    /// It is not there, or is not a key.
    Unusable {
        /// A stable code, such as `missing_api_key`.
        code: &'static str,
        /// What happened and what to do.
        message: String,
    },
    /// The secrets backend is not responding.
    Unavailable {
        /// What happened.
        message: String,
    },
}

/// Gives out the values of credentials.
#[async_trait]
pub trait CredentialSource: Send + Sync + 'static {
    /// The value at a place for requests to this origin; `None` if there is none for it.
    ///
    /// # Errors
    /// If there should be a value and it cannot be used or read.
    async fn value(
        &self,
        place: CredentialPlace<'_>,
        origin: &str,
    ) -> Result<Option<CredentialText>, CredentialError>;

    /// Notes whether an upstream accepted a credential. It must not wait.
    fn note_answer(&self, _answer: CredentialAnswer<'_>) {}
}

/// What an upstream said about the credential of a request.
#[derive(Clone, Copy, Debug)]
pub struct CredentialAnswer<'a> {
    /// The provider or source.
    pub provider: &'a str,
    /// Where the credential came from.
    pub from: &'a Provenance,
    /// The origin that it was sent to.
    pub origin: &'a str,
    /// When the attempt to send the request began, before the credential was looked up.
    pub begun: Instant,
    /// Whether it was accepted: refused is what got 401, accepted what got a success.
    pub is_accepted: bool,
}

/// What an answer says about the credential that the request carried, if anything.
pub(crate) fn is_accepted(status: StatusCode) -> Option<bool> {
    match status {
        StatusCode::UNAUTHORIZED => Some(false),
        status if status.is_success() => Some(true),
        _ => None,
    }
}

impl From<CredentialError> for ForwardError {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::Unusable { code, message } => Self::unprocessable(code, message),
            CredentialError::Unavailable { message } => Self::secrets_unavailable(message),
        }
    }
}

/// The headers of the request to an endpoint: those of the caller that pass, then those of the
/// endpoint, which win, with every secret filled in.
pub(crate) async fn request_headers(
    endpoint: &Endpoint,
    caller: &HeaderMap,
    source: &dyn CredentialSource,
    origin: &str,
) -> Result<HeaderMap, ForwardError> {
    let mut headers = caller_headers::passed(caller, &endpoint.pass_headers);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for header in &endpoint.headers {
        let text = text_of(endpoint, header, source, origin).await?;
        let value = match &text {
            HeaderText::Literal(text) => sendable(&header.name, text)?,
            HeaderText::Secret(text) => {
                let mut value = sendable(&header.name, text)?;
                value.set_sensitive(true);
                value
            }
        };
        header::check_name(&header.name).map_err(|error| unfit(&header.name, &error))?;
        let name = HeaderName::from_bytes(header.name.as_bytes()).expect("a checked name");
        headers.insert(name, value);
    }
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(headers)
}

enum HeaderText<'a> {
    Literal(&'a str),
    Secret(Zeroizing<String>),
}

async fn text_of<'a>(
    endpoint: &Endpoint,
    header: &'a RouteHeader,
    source: &dyn CredentialSource,
    origin: &str,
) -> Result<HeaderText<'a>, ForwardError> {
    if let Some(auth) = &endpoint.auth
        && auth.name == header.name
    {
        let place = match &auth.from {
            Provenance::Secret(name) => CredentialPlace::Secret(name),
            Provenance::Env(variable) => CredentialPlace::Variable(variable),
            other => return Err(missing(other)),
        };
        let Some(key) = source.value(place, origin).await? else {
            // Where the state is unknown, another place may hold the key that is meant.
            let credential = endpoint.credential.as_ref();
            let is_unknown = credential.is_some_and(|it| it.state == CredentialState::Unknown);
            return Err(match is_unknown {
                true => ForwardError::secrets_unavailable(
                    "The secrets backend is not responding, so nothing was sent.".to_owned(),
                ),
                false => missing(&auth.from),
            });
        };
        let mut text = String::with_capacity(auth.prefix.len() + key.0.len());
        text.push_str(auth.prefix);
        text.push_str(&key.0);
        return Ok(HeaderText::Secret(Zeroizing::new(text)));
    }
    // From the server the value of a source's header is always a secret.
    if let Provenance::Source(slug) = &header.from
        && header.value.starts_with("{{secret:")
    {
        let secret = source_headers_secret(slug);
        let place = CredentialPlace::SourceHeader {
            secret: secret.clone(),
            header: &header.name,
        };
        // Leaving out a header that is listed would send another request than was configured.
        let value = source.value(place, origin).await?;
        let text = value.ok_or_else(|| missing(&Provenance::Secret(secret)))?;
        return Ok(HeaderText::Secret(text.0));
    }
    Ok(HeaderText::Literal(&header.value))
}

fn missing(place: &Provenance) -> ForwardError {
    let name = place.label();
    ForwardError::unprocessable(
        codes::MISSING_API_KEY,
        format!("The value of `{name}` is missing, so nothing was sent. Enter it again."),
    )
}

fn sendable(name: &str, text: &str) -> Result<HeaderValue, ForwardError> {
    header::check_value(text).map_err(|error| unfit(name, &error))?;
    Ok(HeaderValue::from_str(text).expect("a checked value is visible ASCII"))
}

fn unfit(name: &str, error: &header::HeaderError) -> ForwardError {
    let name: String = name.escape_default().take(64).collect();
    ForwardError::unprocessable(
        codes::INVALID_HEADER,
        format!(
            "The header `{name}` cannot be sent: {} Nothing was sent.",
            error.message()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::CredentialText;

    #[test]
    fn a_credential_can_be_neither_printed_nor_serialised() {
        static_assertions::assert_not_impl_any!(CredentialText: std::fmt::Debug, std::fmt::Display, serde::Serialize, std::ops::Deref);
    }
}
