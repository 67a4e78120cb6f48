//! What every answer and every request is held to, whatever the address: the Host allow-list,
//! the cross-site guard and the security headers.

use super::assets::Assets;
use super::problem::ApiError;
use super::token_header::TokenHeader;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use url::Url;
use waypost_forwarding::Forwarding;

/// What an answer that is no page may do in a browser: nothing.
const BARE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The same below `/v1`, whether or not requests are forwarded here.
const FORWARDING_POLICY: &str = "sandbox; default-src 'none'";

/// The hosts that a request may name.
///
/// A page of a foreign site can have its own name resolve to this machine; the browser then
/// takes Waypost for that site. The name in `Host` gives such a request away.
#[derive(Clone, Debug)]
pub struct Hosts(Arc<BTreeSet<String>>);

impl Hosts {
    /// The loopback names and the address that is listened on, with the port and without, and the
    /// host of the public URL.
    ///
    /// Without a port, because browsers leave out the usual one, and because development servers
    /// that pass `/api` on leave it out; a foreign name cannot look like that either.
    #[must_use]
    pub fn new(listen: SocketAddr, public_url: Option<&Url>) -> Self {
        let mut hosts = BTreeSet::new();
        let own = match listen.ip() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let names = ["127.0.0.1", "localhost", "[::1]", &own];
        // "Every address" is where a server listens, not what anybody calls it by.
        let named = if listen.ip().is_unspecified() { 3 } else { 4 };
        for name in &names[..named] {
            hosts.insert((*name).to_owned());
            hosts.insert(format!("{name}:{}", listen.port()));
        }
        if let Some(url) = public_url
            && let Some(host) = url.host_str()
        {
            hosts.insert(match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            });
        }
        Self(Arc::new(hosts))
    }

    fn allow(&self, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else {
            return false;
        };
        host.to_str()
            .is_ok_and(|host| self.0.contains(&host.to_ascii_lowercase()))
    }
}

/// What an orchestrator asks under the address of a pod, which no list knows beforehand. The answers
/// are the same for everybody, so a foreign page that reads them learns nothing.
const FOR_ANY_HOST: [&str; 2] = ["/healthz", "/readyz"];

/// Refuses a request whose `Host` is not on the list.
pub async fn check_host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    if hosts.allow(request.headers()) || FOR_ANY_HOST.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    ApiError::new(
        StatusCode::FORBIDDEN,
        "host_not_allowed",
        "Unknown host name. Open the address that `waypost serve` printed, or start it with `--public-url` to use another name.",
    )
    .into_response()
}

/// The guard against writes that another site makes a browser send.
pub fn cross_site_guard()
-> CsrfLayer<impl Fn(ProtectionError) -> Response<Body> + Clone + Send + Sync + 'static> {
    CsrfLayer::new().with_rejection_response(|_error: ProtectionError| {
        ApiError::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "Another site sent this request, so it was rejected.",
        )
        .into_response()
    })
}

/// Takes a request with a token out of that guard. The guard protects cookies, which a browser sends
/// unasked; such a request is let in by its token or not at all, whatever cookie comes along.
pub async fn exempt_tokens(mut request: Request, next: Next) -> Response {
    if TokenHeader::read(request.headers()).decides() {
        for name in [header::ORIGIN, HeaderName::from_static("sec-fetch-site")] {
            request.headers_mut().remove(name);
        }
    }
    next.run(request).await
}

/// The policy of a page that is not the dashboard's, as an extension of its answer.
#[derive(Clone)]
pub(super) struct PagePolicy(pub(super) HeaderValue);

/// The headers that every answer carries.
#[derive(Clone, Debug)]
pub struct SecurityHeaders {
    page_policy: HeaderValue,
    strict_transport: bool,
}

impl SecurityHeaders {
    /// For this dashboard, whose inline scripts are named by their digests.
    #[must_use]
    pub fn new(assets: &Assets, public_url: Option<&Url>) -> Self {
        Self {
            page_policy: assets.page_policy(),
            strict_transport: public_url.is_some_and(|url| url.scheme() == "https"),
        }
    }
}

/// Sets the security headers of an answer. A header that its handler has set stays, such as how long an
/// asset may be kept.
pub async fn set_headers(
    State(rules): State<SecurityHeaders>,
    request: Request,
    next: Next,
) -> Response {
    let is_forwarding = Forwarding::serves(request.uri().path());
    let mut response = next.run(request).await;
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let own = response.extensions().get::<PagePolicy>().cloned();
    let policy = match own {
        Some(PagePolicy(policy)) => policy,
        None if is_page => rules.page_policy,
        None if is_forwarding => HeaderValue::from_static(FORWARDING_POLICY),
        None => HeaderValue::from_static(BARE_POLICY),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if rules.strict_transport {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(hosts: &Hosts, named: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in named {
            headers.append(header::HOST, HeaderValue::from_str(host).unwrap());
        }
        hosts.allow(&headers)
    }

    #[test]
    fn loopback_names_pass_and_others_do_not() {
        let hosts = Hosts::new("127.0.0.1:8700".parse().unwrap(), None);
        for host in [
            "127.0.0.1:8700",
            "localhost:8700",
            "LOCALHOST:8700",
            "[::1]:8700",
            "127.0.0.1",
        ] {
            assert!(allowed(&hosts, &[host]), "{host}");
        }
        for host in [
            "127.0.0.1:8701",
            "example.com",
            "example.com:8700",
            "localhost.:8700",
            "127.0.0.2:8700",
            "",
        ] {
            assert!(!allowed(&hosts, &[host]), "{host}");
        }
        assert!(!allowed(&hosts, &[]));
        assert!(!allowed(&hosts, &["127.0.0.1:8700", "127.0.0.1:8700"]));
    }

    #[test]
    fn the_address_that_is_listened_on_passes() {
        for (listen, host) in [
            ("127.0.0.2:8700", "127.0.0.2:8700"),
            ("192.0.2.7:80", "192.0.2.7"),
            ("[2001:db8::1]:8700", "[2001:db8::1]:8700"),
        ] {
            let hosts = Hosts::new(listen.parse().unwrap(), None);
            assert!(allowed(&hosts, &[host]), "{host}");
        }
        let everywhere = Hosts::new("0.0.0.0:8700".parse().unwrap(), None);
        assert!(!allowed(&everywhere, &["0.0.0.0:8700"]));
    }

    #[test]
    fn the_public_url_adds_its_host() {
        let public = Url::parse("https://Waypost.example/").unwrap();
        let hosts = Hosts::new("0.0.0.0:8700".parse().unwrap(), Some(&public));
        assert!(allowed(&hosts, &["waypost.example"]));
        assert!(!allowed(&hosts, &["waypost.example:8700"]));
        let public = Url::parse("https://waypost.example:8443/").unwrap();
        let hosts = Hosts::new("0.0.0.0:8700".parse().unwrap(), Some(&public));
        assert!(allowed(&hosts, &["waypost.example:8443"]));
    }
}
