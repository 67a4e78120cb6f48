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

/// Words that say, as a part of a header's name, that it carries a credential or a cookie.
const CREDENTIAL_PARTS: [&str; 12] = [
    "apikey",
    "auth",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "cookie2",
    "credential",
    "credentials",
    "password",
    "secret",
    "token",
];

/// What stands before `key` in the name of a header that carries a credential.
const KEY_KINDS: [&str; 7] = [
    "access",
    "api",
    "license",
    "master",
    "private",
    "secret",
    "subscription",
];

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
    let mut before = "";
    lower.split(['-', '_', '.']).any(|part| {
        let is_key = part == "key" && KEY_KINDS.contains(&before);
        before = part;
        is_key || CREDENTIAL_PARTS.contains(&part)
    })
}
