//! What a request asks for: the paths below `/v1` that are served, and no others.
//!
//! A gateway's own administration must not be reachable through Waypost, so every path is either on
//! the list, letter by letter, or answered by Waypost.

use crate::dialect::Dialect;
use crate::forward_error::ForwardError;
use crate::token_check::TokenCheck;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Uri, header};
use waypost_routing::codes;
use waypost_routing::operation::Operation;

/// The paths that are forwarded.
const OPERATIONS: [(&str, Operation); 10] = [
    ("/v1/chat/completions", Operation::Chat),
    ("/v1/completions", Operation::Completions),
    ("/v1/responses", Operation::Responses),
    ("/v1/embeddings", Operation::Embeddings),
    ("/v1/moderations", Operation::Moderations),
    ("/v1/rerank", Operation::Rerank),
    ("/v1/images/generations", Operation::Images),
    ("/v1/audio/speech", Operation::Speech),
    ("/v1/messages", Operation::Messages),
    ("/v1/messages/count_tokens", Operation::CountTokens),
];

/// The names of query parameters that carry a key.
const CREDENTIAL_PARAMETERS: [&str; 3] = ["key", "api_key", "access_token"];

/// The shape in which a path's errors are written.
pub(crate) fn dialect(uri: &Uri, headers: &HeaderMap) -> Dialect {
    let path = uri.path();
    let below = |prefix: &str| {
        let rest = path.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_shared = !OPERATIONS.iter().any(|(known, _)| *known == path);
    if below("/v1/messages") || (is_shared && headers.contains_key("anthropic-version")) {
        Dialect::Anthropic
    } else if below("/v1/responses") {
        Dialect::OpenAiResponses
    } else {
        Dialect::OpenAi
    }
}

/// Whether a request asks for the list of models: `Some(None)` for the whole list, `Some(Some(id))` for
/// one model, whose id is the rest of the path.
pub(crate) fn list<'u>(method: &Method, uri: &'u Uri) -> Option<Option<&'u str>> {
    let rest = uri.path().strip_prefix("/v1/models")?;
    if method != Method::GET {
        return None;
    }
    if rest.is_empty() {
        return Some(None);
    }
    let id = rest.strip_prefix('/')?;
    let is_plain =
        !id.contains(['%', '\\']) && id.split('/').all(|part| !matches!(part, "" | "." | ".."));
    is_plain.then_some(Some(id))
}

/// The operation that a request asks for.
pub(crate) fn operation(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Operation, ForwardError> {
    let found = OPERATIONS.iter().find(|(path, _)| *path == uri.path());
    let Some((path, operation)) = found else {
        return Err(ForwardError::unknown_path(
            "Waypost does not forward this path. It forwards POST /v1/chat/completions, /v1/completions, /v1/responses, /v1/embeddings, /v1/moderations, /v1/rerank, /v1/images/generations, /v1/audio/speech, /v1/messages and /v1/messages/count_tokens, and answers GET /v1/models.",
        ));
    };
    if method != Method::POST {
        return Err(ForwardError::unknown_path(format!(
            "Send a POST request to {path}."
        )));
    }
    if headers.contains_key(header::UPGRADE) {
        return Err(ForwardError::unknown_path(
            "Waypost does not upgrade connections. Send the request without an `upgrade` header.",
        ));
    }
    Ok(*operation)
}

/// Refuses a query with a credential in it: addresses end up in logs.
pub(crate) fn check_query(uri: &Uri, tokens: &dyn TokenCheck) -> Result<(), ForwardError> {
    let Some(query) = uri.query() else {
        return Ok(());
    };
    let has_credential = tokens.contains_token(query)
        // Some servers take a semicolon for the end of a parameter, too.
        || query.split(';').flat_map(|part| form_urlencoded::parse(part.as_bytes())).any(|(name, value)| {
            CREDENTIAL_PARAMETERS
                .iter()
                .any(|parameter| name.eq_ignore_ascii_case(parameter))
                || tokens.contains_token(&value)
                || tokens.contains_token(&name)
        });
    if !has_credential {
        return Ok(());
    }
    Err(ForwardError::bad_request(
        "credential_in_url",
        "The query contains a credential. Send it as `authorization: Bearer TOKEN`, and replace the one that was sent: addresses end up in logs.",
    ))
}

/// The path of an operation with the caller's query, byte for byte.
pub(crate) fn path_and_query(
    path: &str,
    query: Option<&str>,
) -> Result<PathAndQuery, ForwardError> {
    let text = match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    text.parse().map_err(|_| {
        ForwardError::unprocessable(
            codes::INVALID_BASE_URL,
            "The base URL and the request's query do not form a valid URL.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token_check::{TokenOwner, TokenRefusal};
    use std::net::IpAddr;

    struct Tokens;

    impl TokenCheck for Tokens {
        fn check(&self, _: &HeaderMap, _: IpAddr) -> Result<TokenOwner, TokenRefusal> {
            Err(TokenRefusal::Invalid)
        }

        fn contains_token(&self, text: &str) -> bool {
            text.contains("wpa_")
        }
    }

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn only_these_paths_are_forwarded_letter_by_letter() {
        let none = HeaderMap::new();
        let found = |path: &str| operation(&Method::POST, &uri(path), &none).ok();
        assert_eq!(found("/v1/chat/completions"), Some(Operation::Chat));
        assert_eq!(found("/v1/messages?beta=true"), Some(Operation::Messages));
        assert_eq!(
            found("http://waypost/v1/messages/count_tokens"),
            Some(Operation::CountTokens)
        );
        for operation in Operation::ALL {
            let is_listed = OPERATIONS.iter().any(|(_, listed)| *listed == operation);
            assert_eq!(is_listed, operation != Operation::Models, "{operation:?}");
        }
        for (path, operation) in OPERATIONS {
            assert_eq!(found(path), Some(operation), "{path}");
            assert!(path.ends_with(operation.path()), "{path}");
        }
        for path in [
            "/v1",
            "/v1/",
            "/v1/key/generate",
            "/v1/images/edits",
            "/v1/audio/transcriptions",
            "/v1/models",
            "/v1/chat/completions/",
            "/v1/chat//completions",
            "/v1/chat/../chat/completions",
            "/v1/chat/./completions",
            "/v1/chat%2Fcompletions",
            "/v1/chat\\completions",
            "/V1/chat/completions",
            "/v1/v1/messages",
            "/v1/batches",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
        let get = operation(&Method::GET, &uri("/v1/messages"), &none);
        assert_eq!(get.unwrap_err().code, "unknown_path");
        let mut upgrade = HeaderMap::new();
        upgrade.insert("upgrade", "websocket".parse().unwrap());
        let refused = operation(&Method::POST, &uri("/v1/messages"), &upgrade);
        assert_eq!(refused.unwrap_err().code, "unknown_path");
    }

    #[test]
    fn a_list_of_models_is_asked_for_by_its_path() {
        let parsed = |path: &str| uri(path);
        for (path, expected) in [
            ("/v1/models", Some(None)),
            ("/v1/models?limit=1", Some(None)),
            ("/v1/models/gw/x/y", Some(Some("gw/x/y"))),
            ("/v1/models/", None),
            ("/v1/modelsx", None),
            ("/v1/models/a%2Fb", None),
            ("/v1/models/a//b", None),
            ("/v1/models/a/../b", None),
        ] {
            assert_eq!(list(&Method::GET, &parsed(path)), expected, "{path}");
        }
        assert_eq!(list(&Method::POST, &parsed("/v1/models")), None);
    }

    #[test]
    fn the_path_decides_the_shape_of_errors() {
        let mut headers = HeaderMap::new();
        for (path, expected) in [
            ("/v1/messages", Dialect::Anthropic),
            ("/v1/messages/count_tokens", Dialect::Anthropic),
            ("/v1/messages/x", Dialect::Anthropic),
            ("/v1/messagesx", Dialect::OpenAi),
            ("/v1/responses", Dialect::OpenAiResponses),
            ("/v1/chat/completions", Dialect::OpenAi),
            ("/v1/models", Dialect::OpenAi),
        ] {
            assert_eq!(dialect(&uri(path), &headers), expected, "{path}");
        }
        headers.insert("anthropic-version", "2023-06-01".parse().unwrap());
        assert_eq!(dialect(&uri("/v1/models"), &headers), Dialect::Anthropic);
        assert_eq!(
            dialect(&uri("/v1/chat/completions"), &headers),
            Dialect::OpenAi
        );
    }

    #[test]
    fn a_credential_in_the_query_is_refused() {
        for query in [
            "key=sk-1",
            "beta=true&api_key=x",
            "ACCESS_TOKEN=x",
            "a=1;key=x",
            ";API_KEY=x",
            "%6bey=x",
            "a=wpa_x",
            "a=wp%61_x",
            "wpa_x",
        ] {
            let refused = check_query(&uri(&format!("/v1/messages?{query}")), &Tokens);
            assert_eq!(refused.unwrap_err().code, "credential_in_url", "{query}");
        }
        for query in ["beta=true", "keys=1", "monkey=key"] {
            let uri = uri(&format!("/v1/messages?{query}"));
            assert!(check_query(&uri, &Tokens).is_ok(), "{query}");
        }
    }
}
