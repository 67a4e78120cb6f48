//! Connections for pooled clients: every address is checked at the moment of connecting.

use crate::address_policy::AddressPolicy;
use crate::failure::{CallFailure, FailureKind};
use crate::open_connections::OpenConnections;
use crate::resolver::{Lookup, check};
use crate::tracked_stream::TrackedStream;
use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::{Connection as _, HttpConnector, HttpInfo};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::future::{Future, Ready, ready};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tower_service::Service;

/// Finds the addresses of a name and hands on those that may be called. An address that is written
/// in the URL never comes here.
#[derive(Clone)]
pub(crate) struct CheckedLookup {
    lookup: Arc<dyn Lookup>,
    policy: AddressPolicy,
}

/// Checked addresses. The port is the URL's.
type Found = std::vec::IntoIter<SocketAddr>;

impl Service<Name> for CheckedLookup {
    type Response = Found;
    type Error = CallFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Found, CallFailure>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), CallFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let addresses = self.lookup.addresses(name.as_str());
        let policy = self.policy.clone();
        Box::pin(async move {
            let checked = check(&policy, addresses.await)?.into_iter();
            let checked: Vec<_> = checked.map(|address| SocketAddr::new(address, 0)).collect();
            Ok(checked.into_iter())
        })
    }
}

/// Connects to one origin.
#[derive(Clone)]
pub(crate) struct Connector {
    inner: HttpsConnector<HttpConnector<CheckedLookup>>,
    policy: AddressPolicy,
    /// The address that the URL contains, if it contains one instead of a name.
    literal: Option<IpAddr>,
    limit: Duration,
    open: OpenConnections,
    /// Used first, if there is one.
    handed_over: HandedOver,
    #[cfg(any(test, feature = "test-support"))]
    pub(crate) dials: Arc<std::sync::atomic::AtomicUsize>,
}

impl Connector {
    pub(crate) fn new(
        lookup: Arc<dyn Lookup>,
        policy: AddressPolicy,
        literal: Option<IpAddr>,
        tls: Arc<ClientConfig>,
        limit: Duration,
        open: OpenConnections,
    ) -> Self {
        let mut http = HttpConnector::new_with_resolver(CheckedLookup {
            lookup,
            policy: policy.clone(),
        });
        http.enforce_http(false);
        // Small writes would wait for an acknowledgement that is delayed by 40 ms.
        http.set_nodelay(true);
        // Divided among the addresses of a name, so that one that does not answer leaves time for
        // the next.
        http.set_connect_timeout(Some(limit));
        Self {
            inner: HttpsConnector::from((http, tls)),
            policy,
            literal,
            limit,
            open,
            handed_over: HandedOver::default(),
            #[cfg(any(test, feature = "test-support"))]
            dials: Arc::default(),
        }
    }

    /// The same, taking connections that were opened elsewhere before it opens its own.
    pub(crate) fn taking(mut self, handed_over: HandedOver) -> Self {
        self.handed_over = handed_over;
        self
    }

    fn check_peer(policy: &AddressPolicy, stream: &Stream) -> Result<(), CallFailure> {
        let mut extras = http::Extensions::new();
        stream.connected().get_extras(&mut extras);
        match extras.get::<HttpInfo>() {
            // Only checked addresses were dialled, so this never differs; if it ever did, nothing
            // would be sent.
            Some(info) => policy.check(info.remote_addr().ip()),
            None => Ok(()),
        }
    }
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
pub(crate) type Connected = TokioIo<TrackedStream<TokioIo<Stream>>>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A connection that was opened to offer HTTP/2 and on which the upstream chose HTTP/1.1. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct HandedOver(Arc<Mutex<Option<(Instant, Connected)>>>);

/// A connection that waited longer may be closed by the upstream.
const HANDED_OVER_FOR: Duration = Duration::from_secs(1);

impl HandedOver {
    pub(crate) fn put(&self, connected: Connected) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some((Instant::now(), connected));
    }

    fn take(&self) -> Option<Connected> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (since, connected) = taken?;
        (since.elapsed() < HANDED_OVER_FOR).then_some(connected)
    }
}

impl Service<Uri> for Connector {
    type Response = Connected;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Connected, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if let Some(connected) = self.handed_over.take() {
            return Box::pin(ready(Ok(connected)));
        }
        if let Some(address) = self.literal
            && let Err(refusal) = self.policy.check(address)
        {
            let refused: Ready<Result<Connected, BoxError>> = ready(Err(refusal.into()));
            return Box::pin(refused);
        }
        #[cfg(any(test, feature = "test-support"))]
        self.dials.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let connecting = self.inner.call(uri);
        let (policy, limit) = (self.policy.clone(), self.limit);
        let open = self.open.clone();
        Box::pin(async move {
            let begun = Instant::now();
            let stream = timeout(limit, connecting).await.map_err(|_| {
                CallFailure::new(
                    FailureKind::ConnectFailed,
                    format!(
                        "{} did not accept a connection within {} seconds. Check that it is up and that this machine can reach it.",
                        policy.origin,
                        limit.as_secs_f32()
                    ),
                )
            })??;
            Self::check_peer(&policy, &stream)?;
            Ok(TokioIo::new(TrackedStream::new(
                TokioIo::new(stream),
                open.open(),
                begun.elapsed(),
            )))
        })
    }
}
