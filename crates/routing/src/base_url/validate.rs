//! Validates a base URL and brings it into its normal form.

use super::error::{BaseUrlError, ErrorKind};
use super::host::push_host;
use super::{BaseUrl, MAX_LENGTH, azure, is_version, page, user_info};
use crate::display_text::is_invisible;

/// Paths that an operation adds itself. The part that is cut begins at the operation's own name,
/// so that a version before it stays.
const ENDPOINTS: [&str; 7] = [
    "/chat/completions",
    "/completions",
    "/models",
    "/responses",
    "/embeddings",
    "/images/generations",
    "/audio/speech",
];

/// Endpoints that count only directly after a version, because a base path may well end in such a
/// word.
const VERSIONED_ENDPOINTS: [&str; 4] = [
    "/messages/count_tokens",
    "/messages",
    "/moderations",
    "/rerank",
];

pub(super) fn validate(text: &str) -> Result<BaseUrl, BaseUrlError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(BaseUrlError::new(ErrorKind::Missing));
    }
    if trimmed.len() > MAX_LENGTH {
        return Err(BaseUrlError::new(ErrorKind::TooLong));
    }
    if let Some(error) = pasted_around(trimmed) {
        return Err(error);
    }
    let (scheme, rest) = split_scheme(trimmed).map_err(|kind| match kind {
        ErrorKind::NoScheme => without_scheme(trimmed),
        _ => BaseUrlError::new(kind),
    })?;
    if let Some(range) = user_info(trimmed) {
        let without = [&trimmed[..range.start], &trimmed[range.end..]].concat();
        return Err(BaseUrlError::with_suggestion(
            ErrorKind::Credentials,
            probable(&without),
        ));
    }
    if let Some(api) = page::api_of(scheme, rest) {
        let suggestion = api.and_then(|api| probable(&api));
        return Err(BaseUrlError::with_suggestion(ErrorKind::Page, suggestion));
    }
    if let Some(at) = rest.find(['?', '#']) {
        let kind = if rest[at..].starts_with('?') {
            ErrorKind::Query
        } else {
            ErrorKind::Fragment
        };
        let cut = trimmed.len() - rest.len() + at;
        return Err(BaseUrlError::with_suggestion(
            kind,
            probable(&trimmed[..cut]),
        ));
    }
    if rest.contains('\\') {
        // Before an @ the backslash may be part of a password, which must not be repeated.
        let suggestion = match trimmed.contains('@') {
            true => None,
            false => probable(&trimmed.replace('\\', "/")),
        };
        return Err(BaseUrlError::with_suggestion(
            ErrorKind::Backslash,
            suggestion,
        ));
    }
    if rest.chars().any(char::is_whitespace) {
        return Err(BaseUrlError::new(ErrorKind::WhiteSpace));
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let url = assemble(scheme, authority, path).map_err(|kind| match kind {
        ErrorKind::TrailingDot => {
            // Cut where the host was found to end: a text that stayed as it is would be repaired
            // for ever.
            let host = split_port(authority).map_or(authority, |(host, _)| host);
            let (named, rest) = (host.trim_end_matches('.'), &authority[host.len()..]);
            let repaired = [scheme, "://", named, rest, path].concat();
            BaseUrlError::with_suggestion(kind, probable(&repaired))
        }
        _ => BaseUrlError::new(kind),
    })?;
    match endpoint(url.path()) {
        None => Ok(url),
        Some((endpoint, own_length)) => Err(BaseUrlError::with_suggestion(
            ErrorKind::Endpoint(endpoint),
            probable(&url.as_str()[..url.as_str().len() - own_length]),
        )),
    }
}

/// What copying brings along: invisible characters, quotes, and variables of the place it was copied
/// from. Each repair makes the text shorter.
fn pasted_around(text: &str) -> Option<BaseUrlError> {
    let hidden = |character: char| {
        is_invisible(character) && !character.is_whitespace() && !character.is_control()
    };
    if let Some(character) = text.chars().find(|character| hidden(*character)) {
        let visible: String = text
            .chars()
            .filter(|character| !hidden(*character))
            .collect();
        let kind = ErrorKind::Invisible(character);
        return Some(BaseUrlError::with_suggestion(kind, probable(&visible)));
    }
    const TYPOGRAPHIC: &str = "“”„‟«»‘’‚‛‹›´";
    const PLAIN: &str = "\"`<>";
    let is_quote =
        |character: &char| TYPOGRAPHIC.contains(*character) || PLAIN.contains(*character);
    let first = text.chars().next()?;
    let bare = text.trim_end_matches([',', ';']);
    let last = bare.chars().next_back().filter(is_quote);
    // An apostrophe at the end alone may be part of the path.
    let quote = Some(first)
        .filter(|first| is_quote(first) || *first == '\'')
        .or(last)?;
    let inner = |character: char| is_quote(&character) || character == '\'';
    let suggestion = probable(bare.trim_matches(inner));
    Some(BaseUrlError::with_suggestion(
        ErrorKind::Quotes(quote),
        suggestion,
    ))
}

/// The error of a text that does not begin with a scheme.
fn without_scheme(text: &str) -> BaseUrlError {
    let holds = |open: &str, close: &str| {
        text.split_once(open)
            .is_some_and(|(_, rest)| rest.contains(close))
    };
    if holds("${", "}") || holds("{{", "}}") {
        return BaseUrlError::new(ErrorKind::Template);
    }
    // A line of a configuration or a command: `OPENAI_BASE_URL=https://…`, `curl https://… -H …`.
    let scheme = ["https://", "http://"]
        .into_iter()
        .filter_map(|scheme| text.find(scheme))
        .min()
        .filter(|at| *at > 0);
    match scheme {
        Some(at) => {
            let url = text[at..].split_whitespace().next().unwrap_or_default();
            BaseUrlError::with_suggestion(ErrorKind::TextBefore, probable(url))
        }
        None => BaseUrlError::with_suggestion(ErrorKind::NoScheme, with_scheme(text)),
    }
}

/// The scheme in lower case, and what follows `://`.
fn split_scheme(text: &str) -> Result<(&'static str, &str), ErrorKind> {
    let (scheme, rest) = text.split_once("://").ok_or(ErrorKind::NoScheme)?;
    let looks_like_one = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if scheme.eq_ignore_ascii_case("https") {
        Ok(("https", rest))
    } else if scheme.eq_ignore_ascii_case("http") {
        Ok(("http", rest))
    } else if looks_like_one {
        Err(ErrorKind::OtherScheme)
    } else {
        Err(ErrorKind::NoScheme)
    }
}

/// Puts the normal form together from its checked parts.
fn assemble(scheme: &str, authority: &str, path: &str) -> Result<BaseUrl, ErrorKind> {
    let (host, port) = split_port(authority)?;
    let default_port = if scheme == "https" { 443 } else { 80 };
    let port = match port {
        None => default_port,
        Some(digits) => parse_port(digits)?,
    };
    let mut text = String::with_capacity(scheme.len() + 3 + authority.len() + path.len());
    text.push_str(scheme);
    text.push_str("://");
    let host_start = text.len();
    push_host(host, &mut text)?;
    let host_end = text.len();
    if port != default_port {
        text.push(':');
        text.push_str(&port.to_string());
    }
    let path_start = text.len();
    let path = path.trim_end_matches('/');
    check_path(path)?;
    text.push_str(path);
    Ok(BaseUrl {
        text,
        host: (offset(host_start), offset(host_end)),
        path_start: offset(path_start),
        port,
    })
}

/// An offset into a base URL, whose length [`MAX_LENGTH`] keeps far below the limit. Only an IPv6
/// address can grow in its normal form, and by a few bytes.
fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn split_port(authority: &str) -> Result<(&str, Option<&str>), ErrorKind> {
    let after_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_brackets..].split_once(':') {
        None => Ok((authority, None)),
        Some((rest_of_host, digits)) => {
            if digits.contains(':') && after_brackets == 0 {
                // Several colons outside brackets: an IPv6 address that lost its brackets.
                return Err(ErrorKind::Ipv6);
            }
            let host_length = after_brackets + rest_of_host.len();
            Ok((&authority[..host_length], Some(digits)))
        }
    }
}

fn parse_port(digits: &str) -> Result<u16, ErrorKind> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse::<u16>() {
        Ok(port) if all_digits && port > 0 => Ok(port),
        _ => Err(ErrorKind::Port),
    }
}

/// Accepts only what every reader leaves as it is: RFC 3986 path characters, complete percent
/// encodings, and no dot segment, written plainly or encoded.
fn check_path(path: &str) -> Result<(), ErrorKind> {
    let bytes = path.as_bytes();
    for (at, character) in path.char_indices() {
        let plain = character.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@".contains(character);
        if plain {
            continue;
        }
        if character != '%' {
            return Err(ErrorKind::Character(character));
        }
        let encoded = bytes.get(at + 1..at + 3);
        if !encoded.is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit)) {
            return Err(ErrorKind::PercentEncoding);
        }
    }
    let is_dots = |segment: &str| {
        let decoded = segment.replace("%2e", ".").replace("%2E", ".");
        decoded == "." || decoded == ".."
    };
    if path.split('/').any(is_dots) {
        return Err(ErrorKind::DotSegment);
    }
    Ok(())
}

/// The endpoint that a path ends in, and how many bytes of the end belong to it.
fn endpoint(path: &str) -> Option<(&'static str, usize)> {
    let ends_in = |suffix: &str| {
        path.len()
            .checked_sub(suffix.len())
            .and_then(|start| path.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    if let Some(found) = ENDPOINTS.into_iter().find(|suffix| ends_in(suffix)) {
        return Some((found, found.len()));
    }
    let found = VERSIONED_ENDPOINTS
        .into_iter()
        .find(|suffix| ends_in(suffix))?;
    let before = &path[..path.len() - found.len()];
    let version = before.rsplit('/').next().unwrap_or(before);
    is_version(&version.to_ascii_lowercase()).then_some((found, found.len()))
}

/// The base URL that a repaired text gives, following the repairs it needs itself.
fn probable(repaired: &str) -> Option<String> {
    match validate(repaired) {
        Ok(url) => Some(azure::base_of(&url).unwrap_or(url.text)),
        Err(error) => error.suggestion().map(str::to_owned),
    }
}

/// What a text without a scheme probably means. Plain words get no suggestion, and hosts that are
/// most likely on the same machine or network get http.
fn with_scheme(text: &str) -> Option<String> {
    let authority = &text[..text.find('/').unwrap_or(text.len())];
    let host = authority.split(':').next().unwrap_or(authority);
    let is_number = host
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let local = host.eq_ignore_ascii_case("localhost") || !host.contains('.') || is_number;
    let looks_like_a_host =
        host.eq_ignore_ascii_case("localhost") || authority.contains(':') || host.contains('.');
    if !looks_like_a_host {
        return None;
    }
    let scheme = if local { "http" } else { "https" };
    probable(&[scheme, "://", text].concat())
}
