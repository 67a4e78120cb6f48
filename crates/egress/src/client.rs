//! The guarded client, and the client of one origin that it gives out.

use crate::address_policy::{AddressPolicy, OwnListeners};
use crate::failure::{self, CallFailure, FailureKind};
use crate::limits::Limits;
use crate::resolver::{Guard, Lookup, SystemLookup};
use crate::target;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, redirect};
use std::net::SocketAddr;
use std::sync::Arc;
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
    client: Client,
    base: Url,
    headers: HeaderMap,
    policy: AddressPolicy,
    limits: Limits,
}

impl Egress {
    /// Creates the client of a control plane that listens on this address.
    #[must_use]
    pub fn new(own_listener: SocketAddr) -> Self {
        Self::with_listeners(own_listener, Vec::new())
    }

    /// Creates the client of a control plane that serves the sample on one address and listens on
    /// others as well, which are never called.
    #[must_use]
    pub fn with_listeners(sample: SocketAddr, others: Vec<SocketAddr>) -> Self {
        Self::with(Inner {
            own: OwnListeners {
                sample,
                others: others.into(),
            },
            lookup: Arc::new(SystemLookup),
            limits: Limits::default(),
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

    fn client(&self, url: &Url, policy: &AddressPolicy) -> Result<Client, CallFailure> {
        let limits = &self.inner.limits;
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            // One protocol has fewer ways to be abused than two, and a model list needs no second.
            .http1_only()
            .http1_max_headers(limits.headers)
            // A connection that was kept could be gone when the next page is asked for, and a new
            // one is checked anew.
            .pool_max_idle_per_host(0)
            .connect_timeout(limits.connect)
            .dns_resolver(Guard {
                lookup: Arc::clone(&self.inner.lookup),
                policy: policy.clone(),
            });
        // The system's certificates take time and memory to read, and http needs none.
        let builder = match url.scheme() {
            "https" => self.with_certificates(builder),
            _ => builder.tls_certs_only([]),
        };
        #[cfg(any(test, feature = "test-support"))]
        let builder =
            builder.connector_layer(crate::dial_count::Count(Arc::clone(&self.inner.dials)));
        builder.build().map_err(|_| {
            CallFailure::new(
                FailureKind::TlsFailed,
                crate::tls::NO_CERTIFICATES.to_owned(),
            )
        })
    }

    #[cfg(not(any(test, feature = "test-support")))]
    fn with_certificates(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        builder
    }

    #[cfg(any(test, feature = "test-support"))]
    fn with_certificates(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        match &self.inner.trusted {
            Some(der) => {
                let certificate = reqwest::Certificate::from_der(der);
                builder.tls_certs_only(certificate)
            }
            None => builder,
        }
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
        let call = self
            .client
            .get(url.clone())
            .headers(self.headers.clone())
            .send();
        let limits = &self.limits;
        let response = timeout(limits.first_byte, call)
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
            .map_err(|error| {
                failure::explain(&self.policy.origin, &error, limits.connect.as_secs_f32())
            })?;
        self.check_head(&response)?;
        self.read(response, begun + limits.whole).await
    }

    fn fail(&self, kind: FailureKind, message: String) -> CallFailure {
        CallFailure::new(kind, message)
    }

    fn check_head(&self, response: &Response) -> Result<(), CallFailure> {
        // Only checked addresses were handed out, so this never differs; if it ever did, nothing
        // of the answer would be believed.
        if let Some(peer) = response.remote_addr() {
            self.policy.check(peer.ip())?;
        }
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

    async fn read(&self, mut response: Response, deadline: Instant) -> Result<Answer, CallFailure> {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
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
            headers,
            body,
        })
    }

    async fn read_body(
        &self,
        response: &mut Response,
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
        if response
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(too_large());
        }
        let mut span_end = Instant::now() + self.limits.rate_span;
        let mut span_bytes = 0;
        loop {
            let next = timeout_at(deadline.min(span_end), response.chunk()).await;
            match next {
                Ok(Ok(None)) => return Ok(()),
                Ok(Ok(Some(chunk))) => {
                    if chunk.len() > limit - body.len() {
                        body.extend_from_slice(&chunk[..limit - body.len()]);
                        return Err(too_large());
                    }
                    span_bytes += chunk.len();
                    body.extend_from_slice(&chunk);
                }
                Ok(Err(_)) => {
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
