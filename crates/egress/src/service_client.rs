//! The client of one service that an operator option names, such as a secrets backend.

use crate::address_policy::Grant;
use crate::client::{Answer, Egress};
use crate::connector::Connector;
use crate::failure::{self, CallFailure, FailureKind};
use crate::limits::Limits;
use crate::open_connections::OpenConnections;
use crate::request_body::RequestBody;
use crate::target;
use crate::tracked_stream::ConnectionUse;
use crate::upstream_pool::{IDLE, MAX_HEADERS, OutgoingRequest, died_while_kept};
use http::uri::{PathAndQuery, Scheme};
use http::{Request, Uri};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use std::sync::Arc;
use tokio::time::timeout;
use waypost_routing::base_url::BaseUrl;

/// Calls one service. Its origin is granted to this client and to nothing else, so that an address
/// in an operator option opens no way for a provider or source. Clones share the connections.
#[derive(Clone)]
pub struct ServiceClient {
    client: Client<Connector, RequestBody>,
    base: BaseUrl,
    settings: ServiceSettings,
    limits: Limits,
}

/// The options that a service is configured by, as messages name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceSettings {
    /// The one with the address.
    pub address: &'static str,
    /// The one with the file of trusted certificates.
    pub authorities: &'static str,
}

impl Egress {
    /// A client for the service at an address. `authorities` is a PEM file of the certificates to trust
    /// in place of the system's. Nothing is sent yet.
    ///
    /// # Errors
    /// If the address may not be called, or there are no certificates to check it with.
    pub fn service(
        &self,
        base: &BaseUrl,
        settings: ServiceSettings,
        authorities: Option<&[u8]>,
    ) -> Result<ServiceClient, CallFailure> {
        self.service_with(base, settings, authorities, Grant::Private)
    }

    /// A client for an address that such a service names, and no operator: only public addresses
    /// are open to it.
    ///
    /// # Errors
    /// If the address may not be called, or there are no certificates to check it with.
    pub fn service_elsewhere(
        &self,
        base: &BaseUrl,
        settings: ServiceSettings,
    ) -> Result<ServiceClient, CallFailure> {
        self.service_with(base, settings, None, Grant::None)
    }

    /// The same for a service of AWS, whose metadata addresses are open to the one that finds
    /// credentials.
    pub(crate) fn service_of_aws(
        &self,
        base: &BaseUrl,
        settings: ServiceSettings,
        reaches_metadata: bool,
    ) -> Result<ServiceClient, CallFailure> {
        let grant = match reaches_metadata {
            true => Grant::AwsCredentials,
            false => Grant::Private,
        };
        self.service_with(base, settings, None, grant)
    }

    fn service_with(
        &self,
        base: &BaseUrl,
        settings: ServiceSettings,
        authorities: Option<&[u8]>,
        grant: Grant,
    ) -> Result<ServiceClient, CallFailure> {
        let (url, policy) = target::policy_with(base, grant, &self.inner.own)
            .map_err(|failure| about(settings, failure))?;
        let limits = self.inner.limits;
        let tls = self.service_tls(url.scheme() == "https", authorities)?;
        let connector = Connector::new(
            Arc::clone(&self.inner.lookup),
            policy,
            target::literal_address(&url),
            tls,
            limits.connect,
            OpenConnections::default(),
            self.inner.proxy_route()?,
        );
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(4)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .http1_max_headers(MAX_HEADERS)
            .build(connector);
        Ok(ServiceClient {
            client,
            base: base.clone(),
            settings,
            limits,
        })
    }

    fn service_tls(
        &self,
        is_https: bool,
        authorities: Option<&[u8]>,
    ) -> Result<Arc<ClientConfig>, CallFailure> {
        if let Some(pem) = authorities.filter(|_| is_https) {
            return crate::tls::trusting_pem(pem).unwrap_or_else(|| {
                Err(CallFailure::new(
                    FailureKind::TlsFailed,
                    "The file of certificates has no valid certificate in PEM form.".to_owned(),
                ))
            });
        }
        self.inner.tls(is_https)
    }
}

impl ServiceClient {
    /// The address of the service.
    #[must_use]
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Sends a request and reads the whole answer. The path of the request is below the service's
    /// address. A request that only reads is sent once more if it met a kept connection that had died.
    ///
    /// # Errors
    /// If no connection is made, or no complete answer arrives within the limits. An error status is
    /// an answer, not an error.
    pub async fn send(&self, request: OutgoingRequest) -> Result<Answer, CallFailure> {
        timeout(self.limits.whole, self.exchange(request))
            .await
            .unwrap_or_else(|_| {
                Err(CallFailure::new(
                    FailureKind::Timeout,
                    format!(
                        "{} did not answer within {} seconds.",
                        self.base.origin_str(),
                        self.limits.whole.as_secs_f32()
                    ),
                ))
            })
    }

    async fn exchange(&self, request: OutgoingRequest) -> Result<Answer, CallFailure> {
        let may_repeat = request.method.is_safe();
        let response = match self.dispatch(request.clone()).await {
            Err(error) if may_repeat && died_while_kept(&error) => self.dispatch(request).await,
            other => other,
        };
        let mut response = response.map_err(|error| {
            let failure = failure::explain_pooled(self.base.origin_str(), &error);
            about(self.settings, failure)
        })?;
        if let Some(usage) = response.extensions().get::<ConnectionUse>() {
            usage.note_served();
        }
        let mut body = Vec::new();
        while let Some(frame) = response.frame().await {
            let frame = frame.map_err(|_| {
                self.fail(
                    FailureKind::BadResponse,
                    "closed the connection in the middle of its answer",
                )
            })?;
            let Some(data) = frame.data_ref() else {
                continue;
            };
            if data.len() > self.limits.body_bytes - body.len() {
                return Err(self.fail(FailureKind::TooLarge, "returned too much"));
            }
            body.extend_from_slice(data);
        }
        let (head, _) = response.into_parts();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    async fn dispatch(
        &self,
        request: OutgoingRequest,
    ) -> Result<http::Response<Incoming>, legacy::Error> {
        let mut outgoing = Request::new(request.body);
        *outgoing.method_mut() = request.method;
        *outgoing.uri_mut() = self.uri(&request.path_and_query);
        *outgoing.headers_mut() = request.headers;
        self.client.request(outgoing).await
    }

    fn uri(&self, path: &PathAndQuery) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(match self.base.scheme() {
            "https" => Scheme::HTTPS,
            _ => Scheme::HTTP,
        });
        let (_, authority) = self.base.origin_str().split_once("://").unwrap_or_default();
        parts.authority = authority.parse().ok();
        parts.path_and_query = match self.base.path() {
            "" | "/" => Some(path.clone()),
            below => format!("{below}{path}").parse().ok(),
        };
        Uri::from_parts(parts).expect("a checked base URL and a path are a URL")
    }

    fn fail(&self, kind: FailureKind, what: &str) -> CallFailure {
        CallFailure::new(kind, format!("{} {what}.", self.base.origin_str()))
    }
}

/// The same failure, with the names of the service's own options.
fn about(settings: ServiceSettings, failure: CallFailure) -> CallFailure {
    let message = failure
        .message
        .replace("the base URL", settings.address)
        .replace("SSL_CERT_FILE", settings.authorities);
    CallFailure { message, ..failure }
}
