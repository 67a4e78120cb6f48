//! Connections for pooled clients: every address is checked at the moment of connecting.

use crate::address_policy::AddressPolicy;
use crate::failure::{CallFailure, FailureKind};
use crate::open_connections::OpenConnections;
use crate::resolver::{Lookup, check};
use crate::tracked_stream::TrackedStream;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::{Connection as _, HttpConnector, HttpInfo};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::future::{Future, Ready, ready};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
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
        let builder = HttpsConnectorBuilder::new().with_tls_config((*tls).clone());
        // All requests to an origin would share one HTTP/2 connection, and one caller that reads
        // slowly would hold up every other.
        let inner = builder.https_or_http().enable_http1().wrap_connector(http);
        Self {
            inner,
            policy,
            literal,
            limit,
            open,
            #[cfg(any(test, feature = "test-support"))]
            dials: Arc::default(),
        }
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
type Connected = TokioIo<TrackedStream<TokioIo<Stream>>>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for Connector {
    type Response = Connected;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Connected, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
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
