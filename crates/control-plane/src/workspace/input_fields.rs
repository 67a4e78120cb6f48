//! Checks what is entered, and names the field at fault. The rules are those of `waypost_routing`:
//! `base_url` for base URLs, `header` for headers and keys, `catalog` for names.

use super::DomainError;
use crate::tokens::contains_token;
use std::collections::BTreeMap;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::key_text::{self, Carrier};
use waypost_routing::time_limits::TimeLimits;
use waypost_routing::{catalog, codes, header};
use waypost_secrets::SecretText;

/// A base URL that can be called.
pub(super) fn base_url(typed: &str) -> Result<BaseUrl, DomainError> {
    let url = BaseUrl::parse(typed).map_err(|error| {
        DomainError::invalid("base_url", error.code(), error.message())
            .suggesting(error.suggestion().map(str::to_owned))
    })?;
    // The client that sends the request reads the URL with another parser. Were they to see
    // another host, a key could go there.
    let same = url::Url::parse(url.as_str())
        .is_ok_and(|other| other.origin().ascii_serialization() == url.origin());
    if same {
        Ok(url)
    } else {
        Err(DomainError::invalid(
            "base_url",
            "invalid_base_url",
            "URL parsers disagree about this base URL. Write it in a simpler form.",
        ))
    }
}

/// The label of a source.
pub(super) fn label(typed: &str) -> Result<String, DomainError> {
    let label = typed.trim();
    let fault = if label.is_empty() {
        "Enter a name."
    } else if label.chars().count() > 200 {
        "The name is longer than 200 characters."
    } else if label.chars().any(char::is_control) {
        "The name must not contain line breaks or other control characters."
    } else {
        return Ok(label.to_owned());
    };
    Err(DomainError::invalid("name", "invalid_name", fault))
}

/// The name of a provider or the slug of a source.
pub(super) fn name(field: &str, typed: &str) -> Result<(), DomainError> {
    catalog::check_name(typed)
        .map_err(|error| DomainError::invalid(field, error.code(), error.message()))
}

/// The header that carries an auth value; blank means `Authorization`.
pub(super) fn auth_header(typed: Option<&str>) -> Result<Option<String>, DomainError> {
    let Some(name) = typed.map(str::trim).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    header::check_name(name)
        .map_err(|error| DomainError::invalid("auth_header", error.code(), error.message()))?;
    Ok(Some(name.to_owned()))
}

/// A key or an auth value, without what surrounds it. One that looks like something else is refused
/// unless the caller accepts that.
pub(super) fn key(
    field: &str,
    typed: &SecretText,
    carrier: Carrier,
    accepts_suspicious: bool,
) -> Result<SecretText, DomainError> {
    let read = key_text::read(typed.expose(), carrier)
        .map_err(|error| DomainError::invalid(field, error.code(), error.message()))?;
    let suspicion = read.suspicion.filter(|_| !accepts_suspicious);
    let value = SecretText::new(read.value.into_owned());
    no_waypost_token(field, value.expose())?;
    match suspicion {
        Some(found) => Err(DomainError::invalid(field, found.code(), found.message())),
        None => Ok(value),
    }
}

/// Refuses a token of Waypost's own as the credential of an upstream: it opens this Waypost, or
/// another one, and a request that returns here would go round and round.
fn no_waypost_token(field: &str, value: &str) -> Result<(), DomainError> {
    if !contains_token(value) {
        return Ok(());
    }
    Err(DomainError::invalid(
        field,
        "waypost_token",
        "This is a Waypost token, not a provider's key. Enter the key you got from the provider.",
    ))
}

/// Headers that are no secret.
pub(super) fn default_headers(headers: &BTreeMap<String, String>) -> Result<(), DomainError> {
    let pairs = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    header::check_static_headers(pairs, None)
        .map_err(|(name, error)| header_error("default_headers", &name, &error))?;
    for (name, value) in headers {
        let field = format!("default_headers.{}", name.to_ascii_lowercase());
        no_waypost_token(&field, value)?;
    }
    Ok(())
}

/// Headers of a caller that are passed on, in lower case. The field of an error names the header.
pub(super) fn pass_headers(
    names: &[String],
    auth_header: Option<&str>,
) -> Result<Vec<String>, DomainError> {
    header::read_pass_headers(names.iter().map(String::as_str), auth_header)
        .map_err(|(name, error)| header_error("pass_headers", &name, &error))
}

/// Time limits within their bounds. The field of an error names the limit.
pub(super) fn limits(limits: TimeLimits) -> Result<TimeLimits, DomainError> {
    match limits.check() {
        Ok(()) => Ok(limits),
        Err(error) => {
            let field = format!("limits.{}", error.field);
            Err(DomainError::invalid(
                &field,
                codes::INVALID_LIMITS,
                error.message,
            ))
        }
    }
}

/// Static headers of a source, by lower-case name. Each value is read like a key, as far as its
/// name says that it is one; one that looks like something else is refused unless the caller
/// accepts that.
pub(super) fn static_headers(
    headers: &BTreeMap<String, SecretText>,
    accepts_suspicious: bool,
) -> Result<BTreeMap<String, SecretText>, DomainError> {
    let mut read = Vec::with_capacity(headers.len());
    for (name, typed) in headers {
        let name = name.trim();
        let field = format!("headers.{}", name.to_ascii_lowercase());
        if typed.trimmed().expose().is_empty() {
            let message =
                format!("The header `{name}` has no value. Enter one, or remove the header.");
            return Err(DomainError::invalid(field, "invalid_header", message));
        }
        let carrier = Carrier::of_static_header(name);
        header::check_name(name).map_err(|error| header_error("headers", name, &error))?;
        let text = key_text::read(typed.expose(), carrier).map_err(|error| {
            DomainError::invalid(&*field, "invalid_header", error.message_for(carrier))
        })?;
        let suspicion = text.suspicion.filter(|_| !accepts_suspicious);
        let value = SecretText::new(text.value.into_owned());
        no_waypost_token(&field, value.expose())?;
        if let Some(found) = suspicion {
            let message = found.message_for(carrier);
            return Err(DomainError::invalid(field, found.code(), message));
        }
        read.push((name, value));
    }
    let pairs = read.iter().map(|(name, value)| (*name, value.expose()));
    header::check_static_headers(pairs, None)
        .map_err(|(name, error)| header_error("headers", &name, &error))?;
    Ok(read
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect())
}

fn header_error(field: &str, name: &str, error: &header::HeaderError) -> DomainError {
    let field = if name.is_empty() {
        field.to_owned()
    } else {
        format!("{field}.{}", name.to_ascii_lowercase())
    };
    DomainError::invalid(field, error.code(), error.message())
}

/// The name of an environment variable; blank means none.
pub(super) fn variable(typed: Option<&str>) -> Result<Option<String>, DomainError> {
    let Some(name) = typed.map(str::trim).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    if catalog::check_variable_name(name) {
        return Ok(Some(name.to_owned()));
    }
    Err(DomainError::invalid(
        "api_key_env",
        "invalid_api_key_env",
        "This is not the name of an environment variable. Enter a name such as MYPROXY_KEY, not the key itself.",
    ))
}

/// The address of a page that tells of a provider; blank means none.
pub(super) fn docs(typed: Option<&str>) -> Result<Option<String>, DomainError> {
    let Some(text) = typed.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let is_page = text.len() <= 2048
        && url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_page {
        return Ok(Some(text.to_owned()));
    }
    Err(DomainError::invalid(
        "docs",
        "invalid_docs",
        "Enter an http:// or https:// URL, or leave the field empty.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::ApiToken;
    use waypost_api_types::TokenKind;

    fn refused<T>(checked: Result<T, DomainError>) -> (&'static str, Option<String>) {
        let error = checked.err().expect("it is refused");
        assert!(error.message.starts_with("This is a Waypost token"));
        (error.code, error.field)
    }

    #[test]
    fn a_waypost_token_is_no_credential_of_an_upstream() {
        for kind in [TokenKind::Agent, TokenKind::Service] {
            let token = ApiToken::generate(kind);
            for typed in [
                token.expose().to_owned(),
                format!(" {} ", token.expose()),
                format!("Bearer {}", token.expose()),
            ] {
                let typed = SecretText::new(typed);
                let (code, field) = refused(key("auth_value", &typed, Carrier::Bearer, true));
                assert_eq!(
                    (code, field.as_deref()),
                    ("waypost_token", Some("auth_value"))
                );
                let headers = BTreeMap::from([("X-Key".to_owned(), typed.clone())]);
                let (code, field) = refused(static_headers(&headers, true));
                assert_eq!(
                    (code, field.as_deref()),
                    ("waypost_token", Some("headers.x-key"))
                );
            }
            let headers = BTreeMap::from([("X-Key".to_owned(), token.expose().to_owned())]);
            let (code, field) = refused(default_headers(&headers));
            assert_eq!(
                (code, field.as_deref()),
                ("waypost_token", Some("default_headers.x-key"))
            );
        }
        let other = SecretText::new("sk-wpa_short".to_owned());
        assert!(key("value", &other, Carrier::Bearer, false).is_ok());
    }

    #[test]
    fn a_static_header_is_checked_like_a_key() {
        let read = |name: &str, value: &str, accepts| {
            let headers = BTreeMap::from([(name.to_owned(), SecretText::new(value.to_owned()))]);
            match static_headers(&headers, accepts) {
                Ok(read) => Ok(read.values().next().unwrap().expose().to_owned()),
                Err(error) => Err((error.code, error.field.unwrap_or_default())),
            }
        };
        let key = |value: &str, accepts| read("X-Api-Key", value, accepts);
        assert_eq!(key("\u{feff}\"sk-key\"", false).as_deref(), Ok("sk-key"));
        assert_eq!(key("x-api-key: sk-key", false).as_deref(), Ok("sk-key"));
        let refused = |code| Err((code, "headers.x-api-key".to_owned()));
        assert_eq!(key("sk-\u{2026}", true), refused("invalid_header"));
        for typed in ["sk-***", "Bearer sk-key", "${KEY}"] {
            assert_eq!(key(typed, false), refused("suspicious_secret_value"));
            assert_eq!(key(typed, true).as_deref(), Ok(typed));
        }
        for plain in ["https://waypost.example", "{\"a\":1}", "blue"] {
            assert_eq!(read("x-team", plain, false).as_deref(), Ok(plain));
        }
        for (name, value) in [("x-team", "blue\nx-other: 1"), ("host", "x"), ("x y", "x")] {
            let (code, _) = read(name, value, true).unwrap_err();
            assert_eq!(code, "invalid_header", "{name}");
        }
    }

    #[test]
    fn a_suspicious_key_is_refused_until_it_is_accepted() {
        let typed = SecretText::new("sk-***".to_owned());
        let error = key("value", &typed, Carrier::Bearer, false).err().unwrap();
        assert_eq!(
            (error.code, error.field.as_deref()),
            ("suspicious_secret_value", Some("value"))
        );
        let kept = key("value", &typed, Carrier::Bearer, true).ok().unwrap();
        assert_eq!(kept.expose(), "sk-***");
        let mask = SecretText::new("sk-\u{2026}".to_owned());
        let error = key("value", &mask, Carrier::Bearer, true).err().unwrap();
        assert_eq!(error.code, "invalid_secret_value", "no header can carry it");
    }
}
