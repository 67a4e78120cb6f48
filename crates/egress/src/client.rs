//! The guarded client, and the client of one origin that it gives out.

use crate::address_policy::{AddressPolicy, OwnListeners};
use crate::connector::Connector;
use crate::dialler::ProxyRoute;
use crate::egress_proxy::EgressProxy;
use crate::failure::{self, CallFailure, FailureKind};
use crate::limits::Limits;
use crate::open_connections::OpenConnections;
use crate::request_body::RequestBody;
use crate::resolver::{Lookup, SystemLookup};
use crate::target;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue,
};
use http::{Request, Response, Uri};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::header;

/// The guarded client. Clones share everything.
#[derive(Clone)]
pub struct Egress {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) own: OwnListeners,
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) limits: Limits,
    /// Through which calls to public addresses go.
    pub(crate) proxy: Option<EgressProxy>,
    /// What https origins are checked with. It takes time and memory to read.
    pub(crate) tls: OnceLock<Result<Arc<ClientConfig>, CallFailure>>,
    /// The certificate that a test trusts, in place of the system's, as DER.
    #[cfg(any(test, feature = "test-support"))]
    pub(crate) trusted: Option<Vec<u8>>,
    /// How many connections were begun.
    #[cfg(any(test, feature = "test-support"))]
    pub(crate) dials: Arc<std::sync::atomic::AtomicUsize>,
}

/// An answer with any status.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, not compressed. Only its beginning if the status is not a success.
    pub body: Vec<u8>,
}

/// Calls one origin, with the headers that are meant for it.
///
/// The headers carry the credential, and this client refuses every other origin, so they cannot
/// reach one. It owns its connections: they are never shared between an origin that was granted
/// and one that was not.
pub struct OriginClient {
    client: Client<Connector, RequestBody>,
    base: Url,
    headers: HeaderMap,
    policy: AddressPolicy,
    limits: Limits,
}

impl Egress {
    /// Creates the client of a control plane that listens on this address.
    #[must_use]
    pub fn new(own_listener: SocketAddr) -> Self {
        Self::with_listeners(own_listener, Vec::new(), None)
    }

    /// Creates the client of a control plane that serves the sample on one address and listens on
    /// others as well, which are never called. Calls go through the proxy, if there is one.
    #[must_use]
    pub fn with_listeners(
        sample: SocketAddr,
        others: Vec<SocketAddr>,
        proxy: Option<EgressProxy>,
    ) -> Self {
        Self::with(Inner {
            own: OwnListeners {
                sample,
                others: others.into(),
            },
            lookup: Arc::new(SystemLookup),
            limits: Limits::default(),
            proxy,
            tls: OnceLock::new(),
            #[cfg(any(test, feature = "test-support"))]
            trusted: None,
            #[cfg(any(test, feature = "test-support"))]
            dials: Arc::default(),
        })
    }

    pub(crate) fn with(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Returns a client for the origin of a base URL. `granted` says that an administrator allowed
    /// this origin although its address is private. Every request carries `headers`, as pairs of
    /// name and value. Nothing is sent yet.
    ///
    /// # Errors
    /// If the address may not be called, a header cannot be sent, or this machine has no
    /// certificates to check an https origin with.
    pub fn origin(
        &self,
        base: &BaseUrl,
        granted: bool,
        headers: &[(&str, &str)],
    ) -> Result<OriginClient, CallFailure> {
        let (url, policy) = target::policy_for(base, granted, &self.inner.own)?;
        Ok(OriginClient {
            client: self.client(&url, &policy)?,
            base: url,
            headers: request_headers(headers)?,
            policy,
            limits: self.inner.limits,
        })
    }

    fn client(
        &self,
        url: &Url,
        policy: &AddressPolicy,
    ) -> Result<Client<Connector, RequestBody>, CallFailure> {
        let limits = &self.inner.limits;
        #[cfg_attr(
            not(any(test, feature = "test-support")),
            expect(unused_mut, reason = "tests count connections")
        )]
        let mut connector = Connector::new(
            Arc::clone(&self.inner.lookup),
            policy.clone(),
            target::literal_address(url),
            self.inner.tls(url.scheme() == "https")?,
            limits.connect,
            OpenConnections::default(),
            self.inner.proxy_route()?,
        );
        #[cfg(any(test, feature = "test-support"))]
        {
            connector.dials = Arc::clone(&self.inner.dials);
        }
        Ok(Client::builder(TokioExecutor::new())
            // A connection that was kept could be gone when the next page is asked for, and a new
            // one is checked anew.
            .pool_max_idle_per_host(0)
            .timer(TokioTimer::new())
            .http1_max_headers(limits.headers)
            .build(connector))
    }
}

impl Inner {
    /// What an origin's certificate is checked with. http needs none.
    pub(crate) fn tls(&self, is_https: bool) -> Result<Arc<ClientConfig>, CallFailure> {
        if !is_https {
            return crate::tls::without_certificates();
        }
        let made = self.tls.get_or_init(|| {
            #[cfg(any(test, feature = "test-support"))]
            if let Some(trusted) = &self.trusted {
                return crate::tls::trusting(trusted);
            }
            crate::tls::with_system_certificates()
        });
        made.clone()
    }

    /// The proxy with what it is reached by.
    pub(crate) fn proxy_route(&self) -> Result<Option<ProxyRoute>, CallFailure> {
        let Some(proxy) = &self.proxy else {
            return Ok(None);
        };
        Ok(Some(ProxyRoute {
            proxy: proxy.clone(),
            tls: self.tls(proxy.is_https())?,
            own: self.own.clone(),
        }))
    }
}

/// Checks the headers once more on their way out, and marks every value as one that is not logged.
fn request_headers(headers: &[(&str, &str)]) -> Result<HeaderMap, CallFailure> {
    let mut map = HeaderMap::new();
    for &(name, value) in headers {
        let unfit = |why: header::HeaderError| {
            CallFailure::new(
                FailureKind::InvalidHeader,
                format!(
                    "The header {} cannot be sent: {} Nothing was sent. Enter it again.",
                    shown_name(name),
                    why.message()
                ),
            )
        };
        header::check_name(name).map_err(unfit)?;
        header::check_value(value).map_err(unfit)?;
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a checked name is a token");
        let mut value = HeaderValue::from_str(value).expect("a checked value is visible ASCII");
        value.set_sensitive(true);
        map.insert(name, value);
    }
    map.entry(http::header::USER_AGENT)
        .or_insert(HeaderValue::from_static(concat!(
            "Waypost/",
            env!("CARGO_PKG_VERSION")
        )));
    map.insert(ACCEPT, HeaderValue::from_static("application/json"));
    // A compressed answer can be a thousand times larger than what the limit counts.
    map.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(map)
}

impl OriginClient {
    /// The base URL, with a trailing slash.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Sends one GET request and reads the answer.
    ///
    /// # Errors
    /// If the URL is outside the origin or its address may not be called, or if no complete
    /// answer arrives within the limits. An error status is an answer, not an error.
    pub async fn get(&self, url: &Url) -> Result<Answer, CallFailure> {
        target::check_url(url, &self.base, &self.policy)?;
        let begun = Instant::now();
        let mut request = Request::new(RequestBody::default());
        *request.uri_mut() = self.uri(url)?;
        *request.headers_mut() = self.headers.clone();
        let limits = &self.limits;
        let response = timeout(limits.first_byte, self.client.request(request))
            .await
            .map_err(|_| {
                self.fail(
                    FailureKind::Timeout,
                    format!(
                        "{} did not start to respond within {} seconds. Try again. If it persists, ask its operator.",
                        self.policy.origin,
                        limits.first_byte.as_secs_f32()
                    ),
                )
            })?
            .map_err(|error| failure::explain(&self.policy.origin, &error))?;
        self.check_head(&response)?;
        self.read(response, begun + limits.whole).await
    }

    fn uri(&self, url: &Url) -> Result<Uri, CallFailure> {
        url.as_str().parse().map_err(|_| {
            self.policy.refuse(format!(
                "A URL at {} cannot be called. Fix the base URL.",
                self.policy.origin
            ))
        })
    }

    fn fail(&self, kind: FailureKind, message: String) -> CallFailure {
        CallFailure::new(kind, message)
    }

    fn check_head(&self, response: &Response<Incoming>) -> Result<(), CallFailure> {
        let bytes: usize = response
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if bytes > self.limits.header_bytes {
            return Err(self.fail(
                FailureKind::TooLarge,
                format!(
                    "{} returned more than {} KiB of headers. Ask its operator.",
                    self.policy.origin,
                    self.limits.header_bytes / 1024
                ),
            ));
        }
        let encodings = response.headers().get_all(CONTENT_ENCODING);
        if encodings.iter().any(|value| !is_identity(value)) {
            return Err(self.fail(
                FailureKind::BadResponse,
                format!(
                    "{} compressed its response although it was asked not to. Waypost does not decompress responses. Turn off compression there.",
                    self.policy.origin
                ),
            ));
        }
        Ok(())
    }

    async fn read(
        &self,
        mut response: Response<Incoming>,
        deadline: Instant,
    ) -> Result<Answer, CallFailure> {
        let status = response.status();
        let whole = status.is_success();
        let limit = if whole {
            self.limits.body_bytes
        } else {
            self.limits.error_body_bytes
        };
        let mut body = Vec::new();
        let read = self
            .read_body(&mut response, &mut body, limit, deadline)
            .await;
        // Of an error the status is what counts; of its text the beginning is enough.
        if whole {
            read?;
        }
        Ok(Answer {
            status: status.as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }

    async fn read_body(
        &self,
        response: &mut Response<Incoming>,
        body: &mut Vec<u8>,
        limit: usize,
        deadline: Instant,
    ) -> Result<(), CallFailure> {
        let origin = &self.policy.origin;
        let too_large = || {
            self.fail(
                FailureKind::TooLarge,
                format!(
                    "{origin} returned more than {} MiB, which is too large for a model list. Check that the base URL is that of its API.",
                    limit / (1024 * 1024)
                ),
            )
        };
        let length = response.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let mut span_end = Instant::now() + self.limits.rate_span;
        let mut span_bytes = 0;
        loop {
            let next = timeout_at(deadline.min(span_end), response.frame()).await;
            match next {
                Ok(None) => return Ok(()),
                Ok(Some(Ok(frame))) => {
                    let chunk = frame.into_data().unwrap_or_default();
                    if chunk.len() > limit - body.len() {
                        body.extend_from_slice(&chunk[..limit - body.len()]);
                        return Err(too_large());
                    }
                    span_bytes += chunk.len();
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(Err(_))) => {
                    return Err(self.fail(
                        FailureKind::BadResponse,
                        format!("{origin} closed the connection in the middle of its response. Try again. If it persists, ask its operator."),
                    ));
                }
                Err(_) => {}
            }
            let now = Instant::now();
            if now >= deadline {
                return Err(self.fail(
                    FailureKind::Timeout,
                    format!(
                        "{origin} did not finish its response within {} seconds. Try again. If it persists, ask its operator.",
                        self.limits.whole.as_secs_f32()
                    ),
                ));
            }
            if now >= span_end {
                if span_bytes < self.limits.rate_bytes {
                    return Err(self.fail(
                        FailureKind::Timeout,
                        format!("{origin} responds too slowly: less than {} bytes in {} seconds. Try again. If it persists, ask its operator.",
                            self.limits.rate_bytes,
                            self.limits.rate_span.as_secs_f32()
                        ),
                    ));
                }
                span_end = now + self.limits.rate_span;
                span_bytes = 0;
            }
        }
    }
}

/// A header name for a message. A valid one is shown as it is.
fn shown_name(name: &str) -> String {
    name.escape_default().take(64).collect()
}

fn is_identity(value: &HeaderValue) -> bool {
    value
        .to_str()
        .is_ok_and(|text| text.trim().is_empty() || text.trim().eq_ignore_ascii_case("identity"))
}
