//! Headers: which ones an administrator may set, and which one carries a credential.

mod caller_headers;

pub use caller_headers::{PASSED_CALLER_HEADERS, read_pass_headers};

use crate::codes;
use std::collections::BTreeSet;
use std::fmt;

/// The most static headers that one provider or source may have.
pub const MAX_HEADERS: usize = 32;

/// The longest header, name and value together, in bytes.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Headers that belong to the connection, to the coding of the bodies or to the client that sends the request, and headers
/// that open a cloud's metadata service. Setting one would break the request or lend the sender's
/// identity to it.
const FORBIDDEN: [&str; 22] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "metadata",
    "metadata-flavor",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-aliyun-ecs-metadata-token",
    "x-aws-ec2-metadata-token",
    "x-aws-ec2-metadata-token-ttl-seconds",
    "x-google-metadata-request",
    "x-identity-header",
    "x-metadata-token",
];

/// Whole families of forbidden headers, by how their names begin.
const FORBIDDEN_PREFIXES: [&str; 2] = ["proxy-", "x-forwarded-"];

/// Headers that carry a caller's own identity. They are never passed on to anyone.
pub const CALLER_CREDENTIALS: [&str; 5] = [
    "authorization",
    "x-api-key",
    "api-key",
    "cookie",
    "proxy-authorization",
];

/// Why a header may not be set. The message never repeats a value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    EmptyName,
    NameCharacter,
    Forbidden(String),
    ValueCharacter,
    OuterSpace,
    TooLong,
    TooMany,
    Duplicate(String),
    EmptyCredential,
    CredentialCharacter,
    CredentialTooLong,
    PassedPattern,
    PassedCredential(String),
    PassedOwn(String),
}

impl HeaderError {
    /// The stable code: `invalid_header` for one header, `invalid_headers` where the set of them is
    /// at fault, `invalid_secret_value` for a credential.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::TooMany | Kind::Duplicate(_) => codes::INVALID_HEADERS,
            Kind::EmptyCredential | Kind::CredentialCharacter | Kind::CredentialTooLong => {
                codes::INVALID_SECRET_VALUE
            }
            _ => codes::INVALID_HEADER,
        }
    }

    /// What is wrong, in whole sentences.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.0 {
            Kind::EmptyName => "The header has no name.".into(),
            Kind::NameCharacter => "A header name consists of letters, digits and \
                 !#$%&'*+-.^_`|~ only."
                .into(),
            Kind::Forbidden(name) => {
                format!("The header `{name}` belongs to the connection and cannot be set.")
            }
            Kind::ValueCharacter => "A header value consists of visible ASCII characters and \
                 inner spaces only."
                .into(),
            Kind::OuterSpace => "A header value must not begin or end with a space.".into(),
            Kind::TooLong => format!("The header is longer than {} KiB.", MAX_HEADER_BYTES / 1024),
            Kind::TooMany => format!("There are more than {MAX_HEADERS} headers."),
            Kind::Duplicate(name) => {
                format!("The header `{name}` is given twice; names are compared without case.")
            }
            Kind::EmptyCredential => "The key is empty.".into(),
            Kind::CredentialCharacter => "The key contains a line break, a control character or a \
                 character that is not ASCII. Paste it again, without anything around it."
                .into(),
            Kind::CredentialTooLong => {
                format!("The key is longer than {} KiB.", MAX_HEADER_BYTES / 1024)
            }
            Kind::PassedPattern => "List each header by its whole name, without `*`.".into(),
            Kind::PassedCredential(name) => format!(
                "The header `{name}` carries a credential or a cookie. Those of a caller are never \
                 passed on."
            ),
            Kind::PassedOwn(name) => {
                format!("The header `{name}` is set by Waypost, so the caller's is not passed on.")
            }
        }
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl std::error::Error for HeaderError {}

/// Whether an administrator may set a header of this name, the auth header's own name included.
///
/// # Errors
/// A name that is no HTTP token, and a name that is forbidden.
pub fn check_name(name: &str) -> Result<(), HeaderError> {
    if name.is_empty() {
        return Err(HeaderError(Kind::EmptyName));
    }
    if name.len() > MAX_HEADER_BYTES {
        return Err(HeaderError(Kind::TooLong));
    }
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.bytes().all(is_token) {
        return Err(HeaderError(Kind::NameCharacter));
    }
    let lower = name.to_ascii_lowercase();
    let forbidden = FORBIDDEN.contains(&lower.as_str())
        || FORBIDDEN_PREFIXES
            .iter()
            .any(|prefix| lower.starts_with(prefix));
    if forbidden {
        return Err(HeaderError(Kind::Forbidden(lower)));
    }
    Ok(())
}

/// Whether a text can be a header's value. An empty value is one.
///
/// # Errors
/// Characters other than visible ASCII and inner spaces, and a value that is too long.
pub fn check_value(value: &str) -> Result<(), HeaderError> {
    if value.len() > MAX_HEADER_BYTES {
        return Err(HeaderError(Kind::TooLong));
    }
    if !value
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic())
    {
        return Err(HeaderError(Kind::ValueCharacter));
    }
    if value.starts_with(' ') || value.ends_with(' ') {
        return Err(HeaderError(Kind::OuterSpace));
    }
    Ok(())
}

/// Checks all static headers of a provider or source: each of them, their number, and that no
/// name is used twice. A header with the credential's own name is allowed here; the resolver warns
/// that the credential replaces it. The auth header's name is checked too.
///
/// # Errors
/// The name of the first header at fault, and what is wrong with it.
pub fn check_static_headers<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    auth_header: Option<&str>,
) -> Result<(), (String, HeaderError)> {
    if let Some(name) = auth_header.map(str::trim).filter(|name| !name.is_empty()) {
        check_name(name).map_err(|error| (name.to_owned(), error))?;
    }
    let mut seen = BTreeSet::new();
    for (name, value) in headers {
        let at_fault = |error| (name.to_owned(), error);
        check_name(name).map_err(at_fault)?;
        check_value(value).map_err(at_fault)?;
        if name.len() + value.len() > MAX_HEADER_BYTES {
            return Err(at_fault(HeaderError(Kind::TooLong)));
        }
        let lower = name.to_ascii_lowercase();
        if !seen.insert(lower.clone()) {
            return Err(at_fault(HeaderError(Kind::Duplicate(lower))));
        }
        if seen.len() > MAX_HEADERS {
            return Err(at_fault(HeaderError(Kind::TooMany)));
        }
    }
    Ok(())
}

/// The header that carries a credential, and what stands before it: a blank auth header means
/// `Authorization: Bearer <value>`, a given one carries the value as it is.
#[must_use]
pub fn credential_header(auth_header: Option<&str>) -> (String, &'static str) {
    match auth_header.map(str::trim).filter(|name| !name.is_empty()) {
        None => ("authorization".to_owned(), "Bearer "),
        Some(name) => (name.to_ascii_lowercase(), ""),
    }
}

/// The value of a credential as it is stored and sent: outer white space trimmed.
///
/// # Errors
/// An empty value, inner line breaks, control characters and anything else that a header cannot
/// carry.
pub fn credential_value(value: &str) -> Result<&str, HeaderError> {
    let trimmed = value.trim();
    if trimmed.is_empty() {
        return Err(HeaderError(Kind::EmptyCredential));
    }
    if trimmed.len() > MAX_HEADER_BYTES {
        return Err(HeaderError(Kind::CredentialTooLong));
    }
    match check_value(trimmed) {
        Ok(()) => Ok(trimmed),
        Err(_) => Err(HeaderError(Kind::CredentialCharacter)),
    }
}

/// Whether `Bearer ` would stand twice in the header that is sent: the auth header is blank and
/// the value already begins with the scheme.
#[must_use]
pub fn repeats_scheme(auth_header: Option<&str>, value: &str) -> bool {
    let (_, prefix) = credential_header(auth_header);
    let start = value.trim_start().get(..prefix.len());
    !prefix.is_empty() && start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Whether someone typed `Authorization` themselves, so that the value goes out without a scheme.
#[must_use]
pub fn sends_without_scheme(auth_header: Option<&str>) -> bool {
    let (name, prefix) = credential_header(auth_header);
    name == "authorization" && prefix.is_empty()
}

#[cfg(test)]
mod tests;
