//! One log line per request, and the id that ties an answer to it.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use waypost_system::random;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Logs a request, and puts its id into the answer. The id is always Waypost's own: a client
/// could send anything to be logged.
///
/// Bodies, queries and headers are never logged, and of a path only what is in the table of
/// endpoints: a parameter may be a secret, such as the token that undoes a deletion.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>();
    let path = match matched {
        Some(matched) => matched.as_str().to_owned(),
        None => shown(request.uri().path()).to_owned(),
    };
    let id = random::public_id();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let milliseconds = begun.elapsed().as_millis();
    // Probes come every few seconds, and say nothing while all is well.
    if matches!(path.as_str(), "/healthz" | "/readyz" | "/metrics")
        && response.status().is_success()
    {
        tracing::debug!(%id, %method, path, status, milliseconds, "request");
    } else {
        tracing::info!(%id, %method, path, status, milliseconds, "request");
    }
    let id = HeaderValue::from_str(&id).expect("an id is hexadecimal");
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The dashboard's addresses are no secret. What is no endpoint below `/api` or `/v1` may be an
/// endpoint with its parameter, misspelt.
fn shown(path: &str) -> &str {
    for prefix in ["/api", "/v1", "/sample"] {
        if let Some(rest) = path.strip_prefix(prefix)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return prefix;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_unknown_address_of_the_api_nothing_is_shown() {
        assert_eq!(shown("/api/v1/undo/secret/"), "/api");
        assert_eq!(shown("/v1"), "/v1");
        assert_eq!(shown("/v1x"), "/v1x");
        assert_eq!(shown("/models/gateways"), "/models/gateways");
    }
}
