//! The token that a request carries in its headers. One in the query string is never looked at:
//! addresses end up in logs.

use crate::tokens::ApiToken;
use axum::http::{HeaderMap, HeaderName, header};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What the headers `Authorization` and `x-api-key` say of the caller.
pub(super) enum TokenHeader {
    /// Neither is there, or only an `Authorization` of another scheme.
    Absent,
    /// A well-formed token, the same in both headers if both are there.
    Token(ApiToken),
    /// Something with the prefix of a token that is none, or two headers that differ.
    Invalid,
    /// Credentials for something else, as a proxy in front of Waypost may add them.
    Foreign,
}

impl TokenHeader {
    /// Reads the headers of a request.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let bearers = headers
            .get_all(header::AUTHORIZATION)
            .iter()
            .filter_map(|value| bearer(value.as_bytes()));
        let keys = headers
            .get_all(API_KEY)
            .iter()
            .map(|value| value.as_bytes());
        let given: Vec<&[u8]> = bearers.chain(keys.map(<[u8]>::trim_ascii)).collect();
        let Some(first) = given.first() else {
            return Self::Absent;
        };
        if !given.iter().any(|text| has_prefix(text)) {
            return Self::Foreign;
        }
        if given.iter().any(|text| text != first) {
            return Self::Invalid;
        }
        let token = std::str::from_utf8(first).ok().and_then(ApiToken::parse);
        token.map_or(Self::Invalid, Self::Token)
    }

    /// Whether the caller is known by this header alone, whatever cookie comes along.
    pub(super) fn decides(&self) -> bool {
        matches!(self, Self::Token(_) | Self::Invalid)
    }
}

/// The credentials of the scheme `Bearer`, which is compared without case.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"bearer ";
    let (scheme, credentials) = value.split_at_checked(SCHEME.len())?;
    scheme
        .eq_ignore_ascii_case(SCHEME)
        .then(|| credentials.trim_ascii())
}

fn has_prefix(text: &[u8]) -> bool {
    text.starts_with(b"wpa_") || text.starts_with(b"wps_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use waypost_api_types::TokenKind;

    fn read(pairs: &[(&'static str, &str)]) -> TokenHeader {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        TokenHeader::read(&headers)
    }

    #[test]
    fn a_token_is_read_from_either_header() {
        let token = ApiToken::generate(TokenKind::Agent);
        let text = token.expose();
        let bearer = format!("Bearer {text}");
        let lower = format!("bearer  {text}");
        for pairs in [
            vec![("authorization", bearer.as_str())],
            vec![("authorization", lower.as_str())],
            vec![("x-api-key", text)],
            vec![("authorization", bearer.as_str()), ("x-api-key", text)],
            vec![("authorization", "Basic YTpi"), ("x-api-key", text)],
        ] {
            let TokenHeader::Token(read) = read(&pairs) else {
                panic!("no token in {} headers", pairs.len());
            };
            assert_eq!(read.digest(), token.digest());
        }
    }

    #[test]
    fn two_headers_that_differ_are_invalid() {
        let one = ApiToken::generate(TokenKind::Agent);
        let other = ApiToken::generate(TokenKind::Agent);
        let bearer = format!("Bearer {}", one.expose());
        for key in [other.expose(), "sk-of-an-upstream", "wpa_", ""] {
            let header = read(&[("authorization", &bearer), ("x-api-key", key)]);
            assert!(matches!(header, TokenHeader::Invalid));
        }
        for pairs in [
            [("authorization", "Bearer wpa_short"), ("accept", "*/*")],
            [("x-api-key", "wps_"), ("accept", "*/*")],
        ] {
            assert!(matches!(read(&pairs), TokenHeader::Invalid));
        }
    }

    #[test]
    fn what_is_no_token_of_ours_is_left_to_the_cookie() {
        assert!(matches!(read(&[]), TokenHeader::Absent));
        assert!(matches!(
            read(&[("authorization", "Basic YTpi")]),
            TokenHeader::Absent
        ));
        for pair in [
            ("authorization", "Bearer eyJhbGciOi"),
            ("x-api-key", "sk-1"),
        ] {
            let header = read(&[pair]);
            assert!(matches!(header, TokenHeader::Foreign));
            assert!(!header.decides());
        }
    }
}
