//! Connections for pooled clients: every address is checked at the moment of connecting.

use crate::address_policy::AddressPolicy;
use crate::dialler::{Dialled, Dialler, ProxyRoute};
use crate::failure::{BoxError, CallFailure, FailureKind};
use crate::open_connections::OpenConnections;
use crate::resolver::Lookup;
use crate::tracked_stream::TrackedStream;
use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::future::{Future, Ready, ready};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tower_service::Service;

/// Connects to one origin.
#[derive(Clone)]
pub(crate) struct Connector {
    inner: HttpsConnector<Dialler>,
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
        proxy: Option<ProxyRoute>,
    ) -> Self {
        let dialler = Dialler::new(lookup, policy.clone(), literal, limit, proxy);
        Self {
            inner: HttpsConnector::from((dialler, tls)),
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
}

type Stream = MaybeHttpsStream<Dialled>;
pub(crate) type Connected = TokioIo<TrackedStream<TokioIo<Stream>>>;

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
                    FailureKind::Timeout,
                    format!(
                        "{} did not accept a connection within {} seconds. Check that it is up and that this machine can reach it.",
                        policy.origin,
                        limit.as_secs_f32()
                    ),
                )
            })??;
            Ok(TokioIo::new(TrackedStream::new(
                TokioIo::new(stream),
                open.open(),
                begun.elapsed(),
            )))
        })
    }
}
