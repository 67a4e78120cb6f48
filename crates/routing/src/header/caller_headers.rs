//! The headers of a caller that are passed on with a forwarded request.

use super::{HeaderError, Kind, MAX_HEADERS, check_name, credential_header};

/// The headers of a caller that are passed on with every forwarded request, sorted. `x-stainless-*`
/// stands for every name that begins with `x-stainless-`. It lists what passes, because a list of what
/// does not would miss the next header that carries an identity.
pub const PASSED_CALLER_HEADERS: [&str; 10] = [
    "accept",
    "anthropic-beta",
    "anthropic-version",
    "idempotency-key",
    "openai-beta",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-request-id",
    "x-stainless-*",
];

/// The headers that describe the body or its coding, which Waypost sets itself.
const OF_THE_BODY: [&str; 4] = [
    "accept-encoding",
    "content-encoding",
    "content-type",
    "content-range",
];

/// Texts that say, anywhere in a header's name, that it carries a credential, a cookie or a session.
const CREDENTIAL_TEXTS: [&str; 15] = [
    "apikey",
    "assertion",
    "auth",
    "bearer",
    "cookie",
    "credential",
    "csrf",
    "dpop",
    "jwt",
    "passw",
    "secret",
    "session",
    "signature",
    "token",
    "xsrf",
];

/// The one header whose name ends in a key and that identifies no sender.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Reads the names that a provider or source lists in `pass_headers`: lower case, sorted, each once.
///
/// # Errors
/// The first name that may not be listed, as it is written, and why: it is no header's name, it belongs
/// to the connection, the body or Waypost, it carries a credential or a cookie, it is the auth
/// header, or there are too many.
pub fn read_pass_headers<'a>(
    names: impl IntoIterator<Item = &'a str>,
    auth_header: Option<&str>,
) -> Result<Vec<String>, (String, HeaderError)> {
    let (auth_header, _) = credential_header(auth_header);
    let mut read = Vec::new();
    for name in names {
        let name = name.trim();
        let lower = check_passed(name, &auth_header).map_err(|error| (name.to_owned(), error))?;
        read.push(lower);
    }
    read.sort_unstable();
    read.dedup();
    match read.get(MAX_HEADERS) {
        Some(name) => Err((name.clone(), HeaderError(Kind::TooMany))),
        None => Ok(read),
    }
}

fn check_passed(name: &str, auth_header: &str) -> Result<String, HeaderError> {
    check_name(name)?;
    let lower = name.to_ascii_lowercase();
    if lower.contains('*') {
        return Err(HeaderError(Kind::PassedPattern));
    }
    if lower == auth_header || carries_credential(&lower) {
        return Err(HeaderError(Kind::PassedCredential(lower)));
    }
    if OF_THE_BODY.contains(&lower.as_str()) || lower.starts_with("x-waypost-") {
        return Err(HeaderError(Kind::PassedOwn(lower)));
    }
    Ok(lower)
}

/// Whether a header's name says that it carries the identity of its sender.
fn carries_credential(lower: &str) -> bool {
    let mut parts = lower.split(['-', '_', '.']);
    let has_key = lower != IDEMPOTENCY_KEY && parts.any(|part| part.ends_with("key"));
    has_key || CREDENTIAL_TEXTS.iter().any(|text| lower.contains(text))
}
