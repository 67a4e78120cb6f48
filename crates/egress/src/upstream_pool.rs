//! Pooled connections for forwarded requests, per origin and grant.

use crate::client::Egress;
use crate::connector::{Connector, HandedOver};
use crate::failure::{self, CallFailure, FailureKind};
use crate::http2::{self, Http2Pool};
use crate::open_connections::OpenConnections;
use crate::request_body::RequestBody;
use crate::response_body::ResponseBody;
use crate::target;
use crate::tracked_stream::{ConnectionUse, OpenedIn};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, Request, Response, Uri};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::runtime::{self, Handle};
use waypost_routing::base_url::BaseUrl;

/// How long a connection is kept without a request: less than most servers keep it.
pub(crate) const IDLE: Duration = Duration::from_secs(30);

/// Lines in the head of an answer.
pub(crate) const MAX_HEADERS: usize = 100;

/// Names and values in the head of an answer, in bytes.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Origins whose connections a runtime keeps. Beyond them all start anew.
const MAX_ORIGINS: usize = 1024;

/// How the pool connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLimits {
    /// Connections that a runtime keeps to one origin without a request. More may be open.
    pub kept: usize,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self { kept: 64 }
    }
}

/// How an origin may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whether an administrator allowed this origin although its address is private.
    pub granted: bool,
    /// How long connecting may take: from looking up the name to the end of the TLS handshake.
    pub connect: Duration,
}

impl Access {
    /// With the usual time to connect.
    #[must_use]
    pub fn new(granted: bool) -> Self {
        Self {
            granted,
            connect: Duration::from_secs(5),
        }
    }
}

/// A request to one origin. Its headers are sent as they are, after `host` and `content-length`.
#[derive(Clone)]
pub struct OutgoingRequest {
    /// The method.
    pub method: Method,
    /// The path, with the query where there is one.
    pub path_and_query: PathAndQuery,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: RequestBody,
}

/// Sends requests over connections that are kept: HTTP/2 where an https upstream offers it, with several
/// requests on each, otherwise HTTP/1.1 with one at a time. Clones share the connections, which belong to
/// the runtime that opened them: a request of another one opens its own.
#[derive(Clone)]
pub struct UpstreamPool(Arc<Inner>);

struct Inner {
    egress: Egress,
    limits: PoolLimits,
    /// By the runtime that drives the connections: those of another one would be woken across threads.
    clients: RwLock<HashMap<runtime::Id, Origins>>,
    open: OpenConnections,
}

/// By origin, and there by how it may be called: connections that were opened with a grant are never used
/// without it.
type Origins = HashMap<String, Vec<(Access, Arc<OriginPool>)>>;

/// Different ways to call one origin. Beyond them all start anew.
const MAX_ACCESSES: usize = 16;

/// The connections to one origin under one policy.
struct OriginPool {
    client: Client<Connector, RequestBody>,
    /// For https alone: without TLS there is nothing to agree on a version with.
    http2: Option<Http2Pool>,
    origin: String,
    scheme: Scheme,
    authority: Authority,
    sample_only: bool,
}

impl Egress {
    /// A pool of connections for forwarded requests. Nothing is opened yet.
    #[must_use]
    pub fn upstream_pool(&self, limits: PoolLimits) -> UpstreamPool {
        UpstreamPool(Arc::new(Inner {
            egress: self.clone(),
            limits,
            clients: RwLock::default(),
            open: OpenConnections::default(),
        }))
    }
}

impl UpstreamPool {
    /// How many connections are open, in use or kept.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.0.open.count()
    }

    /// Sends a request to the origin of a base URL and returns the head of the answer.
    ///
    /// A connection that was kept and dies before the first byte of the answer is replaced once.
    /// Dropping the future, or the body of the answer, cancels the request.
    ///
    /// # Errors
    /// If the address may not be called, no connection is made in time, or the upstream closes it
    /// before the head of its answer is complete. An error status is an answer, not an error.
    pub async fn send(
        &self,
        base: &BaseUrl,
        access: Access,
        request: OutgoingRequest,
    ) -> Result<Response<ResponseBody>, CallFailure> {
        let pool = self.0.pool(base, access)?;
        if pool.sample_only && !target::below_sample(request.path_and_query.path()) {
            return Err(CallFailure::new(
                FailureKind::AddressNotAllowed,
                format!(
                    "A URL at {} leaves the sample's path. It is not called.",
                    pool.origin
                ),
            ));
        }
        let error = match pool.send(request.clone()).await {
            Ok(response) => return pool.checked(response),
            Err(error) => error,
        };
        let fresh = match error.replacement {
            None => return Err(error.failure),
            // Other connections that are kept may be just as dead.
            Some(Replacement::Http1) => {
                self.0.forget(base, &pool);
                self.0.pool(base, access)?
            }
            // Those of HTTP/2 that are dead are known to be.
            Some(Replacement::Http2) => pool,
        };
        match fresh.send(request).await {
            Ok(response) => fresh.checked(response),
            Err(error) => Err(error.failure),
        }
    }
}

/// Why a request got no head of an answer.
struct SendError {
    failure: CallFailure,
    /// Where it may be sent once more.
    replacement: Option<Replacement>,
}

/// The version of a connection that died before it answered.
enum Replacement {
    Http1,
    Http2,
}

impl From<CallFailure> for SendError {
    fn from(failure: CallFailure) -> Self {
        Self {
            failure,
            replacement: None,
        }
    }
}

pub(crate) fn died_while_kept(error: &legacy::Error) -> bool {
    let Some(connection) = error.connect_info() else {
        return false;
    };
    let mut extras = http::Extensions::new();
    connection.get_extras(&mut extras);
    let usage = extras.get::<ConnectionUse>();
    usage.is_some_and(ConnectionUse::died_while_kept)
}

impl Inner {
    fn pool(&self, base: &BaseUrl, access: Access) -> Result<Arc<OriginPool>, CallFailure> {
        let origin = base.origin_str();
        let sample_only = target::is_sample(base);
        let is_this = |(kept, pool): &&(Access, Arc<OriginPool>)| {
            *kept == access && pool.sample_only == sample_only
        };
        let runtime = Handle::current().id();
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        let pools = clients
            .get(&runtime)
            .and_then(|origins| origins.get(origin));
        if let Some((_, pool)) = pools.and_then(|pools| pools.iter().find(is_this)) {
            return Ok(Arc::clone(pool));
        }
        drop(clients);
        let made = Arc::new(self.make(base, access)?);
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        let origins = clients.entry(runtime).or_default();
        if origins.len() >= MAX_ORIGINS && !origins.contains_key(origin) {
            origins.clear();
        }
        let pools = origins.entry(origin.to_owned()).or_default();
        if let Some((_, pool)) = pools.iter().find(is_this) {
            return Ok(Arc::clone(pool));
        }
        if pools.len() >= MAX_ACCESSES {
            pools.clear();
        }
        pools.push((access, Arc::clone(&made)));
        Ok(made)
    }

    fn forget(&self, base: &BaseUrl, pool: &Arc<OriginPool>) {
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        let origins = clients.values_mut();
        for pools in origins.filter_map(|origins| origins.get_mut(base.origin_str())) {
            pools.retain(|(_, kept)| !Arc::ptr_eq(kept, pool));
        }
    }

    fn make(&self, base: &BaseUrl, access: Access) -> Result<OriginPool, CallFailure> {
        let inner = &self.egress.inner;
        let (url, policy) = target::policy_for(base, access.granted, &inner.own)?;
        let literal = target::literal_address(&url);
        let origin = policy.origin.clone();
        let sample_only = policy.sample_only;
        let uri: Uri = url
            .as_str()
            .parse()
            .map_err(|_| policy.refuse(format!("{origin} cannot be called. Fix the base URL.")))?;
        let origin_uri = uri.clone();
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(policy.refuse("The base URL has no host.".to_owned()));
        };
        let tls = inner.tls(scheme == Scheme::HTTPS)?;
        let proxy = inner.proxy_route()?;
        let is_https = scheme == Scheme::HTTPS;
        let connector = |tls| {
            #[cfg_attr(
                not(any(test, feature = "test-support")),
                expect(unused_mut, reason = "tests count connections")
            )]
            let mut connector = Connector::new(
                Arc::clone(&inner.lookup),
                policy.clone(),
                literal,
                tls,
                access.connect,
                self.open.clone(),
                proxy.clone(),
            );
            #[cfg(any(test, feature = "test-support"))]
            {
                connector.dials = Arc::clone(&inner.dials);
            }
            connector
        };
        let handed_over = HandedOver::default();
        let http2 = is_https.then(|| {
            let connector = connector(crate::tls::offering_http2(&tls));
            Http2Pool::new(connector, origin_uri, origin.clone(), handed_over.clone())
        });
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(self.limits.kept)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .http1_max_headers(MAX_HEADERS)
            .build(connector(tls).taking(handed_over));
        Ok(OriginPool {
            client,
            http2,
            origin,
            scheme,
            authority,
            sample_only,
        })
    }
}

impl OriginPool {
    async fn send(&self, request: OutgoingRequest) -> Result<Response<ResponseBody>, SendError> {
        let mut uri = http::uri::Parts::default();
        uri.scheme = Some(self.scheme.clone());
        uri.authority = Some(self.authority.clone());
        uri.path_and_query = Some(request.path_and_query);
        let uri = Uri::from_parts(uri).expect("scheme, authority and path are there");
        let mut outgoing = Request::new(request.body);
        *outgoing.method_mut() = request.method;
        *outgoing.uri_mut() = uri;
        *outgoing.headers_mut() = request.headers;
        let slot = match &self.http2 {
            Some(http2) => http2.slot().await?,
            None => None,
        };
        let Some(slot) = slot else {
            return self.send_http1(outgoing).await;
        };
        match http2::send(slot, &self.origin, outgoing).await {
            Ok(response) => Ok(response.map(ResponseBody::from)),
            Err(error) => Err(SendError {
                failure: error.failure,
                replacement: error.is_unprocessed.then_some(Replacement::Http2),
            }),
        }
    }

    async fn send_http1(
        &self,
        request: Request<RequestBody>,
    ) -> Result<Response<ResponseBody>, SendError> {
        let (head, body) = request.into_parts();
        let (body, unsent) = body.tracked();
        let request = Request::from_parts(head, body);
        let mut response = self.client.request(request).await.map_err(|error| {
            let failure = failure::explain_pooled(&self.origin, &error);
            SendError {
                failure,
                replacement: died_while_kept(&error).then_some(Replacement::Http1),
            }
        })?;
        let usage = response.extensions().get::<ConnectionUse>().cloned();
        if let Some(opened_in) = usage.as_ref().and_then(ConnectionUse::note_served) {
            response.extensions_mut().insert(OpenedIn(opened_in));
        }
        Ok(response.map(|body| ResponseBody::http1(body, unsent, usage)))
    }

    /// Refuses a head that is too large.
    fn checked(
        &self,
        response: Response<ResponseBody>,
    ) -> Result<Response<ResponseBody>, CallFailure> {
        let headers = response.headers();
        let bytes: usize = headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if bytes <= MAX_HEADER_BYTES && headers.len() <= MAX_HEADERS {
            return Ok(response);
        }
        Err(CallFailure::new(
            FailureKind::TooLarge,
            format!(
                "{} returned more than {MAX_HEADERS} headers, or more than {} KiB of them. Ask its operator.",
                self.origin,
                MAX_HEADER_BYTES / 1024
            ),
        ))
    }
}
