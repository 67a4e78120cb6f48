//! HTTP/2 connections to one origin, each shared by several requests.
//!
//! hyper-util keeps one connection for each origin and does not say how many streams the upstream allows,
//! so these are connections of the `h2` crate itself.

mod connection;
mod exchange;
#[cfg(test)]
mod tests;

pub(crate) use connection::Slot;
pub(crate) use exchange::{Http2Body, send};

use crate::connector::{Connector, HandedOver};
use crate::failure::{self, CallFailure, FailureKind};
use connection::Http2Connection;
use http::Uri;
use hyper_util::client::legacy::connect::Connection as _;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tower_service::Service as _;

/// For how long an upstream that chose HTTP/1.1 is not offered HTTP/2 again.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(600);

/// The connections to one https origin. Clones share them.
#[derive(Clone)]
pub(crate) struct Http2Pool(Arc<Inner>);

struct Inner {
    connector: Connector,
    uri: Uri,
    origin: String,
    state: Mutex<State>,
    /// Takes connections on which the upstream chose HTTP/1.1.
    handed_over: HandedOver,
}

#[derive(Default)]
struct State {
    connections: Vec<Arc<Http2Connection>>,
    /// The result of the dial under way. Requests wait for it instead of opening a connection each.
    dialling: Option<watch::Receiver<Option<Result<(), CallFailure>>>>,
    /// When the upstream chose HTTP/1.1.
    http1_since: Option<Instant>,
}

/// What a dial gives to the request that began it: a place on the new connection, or `None` for HTTP/1.1.
type Dialled = Result<Option<Slot>, CallFailure>;

enum Checkout {
    Slot(Slot),
    Http1,
    Wait(watch::Receiver<Option<Result<(), CallFailure>>>),
    Dialled(oneshot::Receiver<Dialled>),
}

impl Http2Pool {
    /// A pool that opens connections with a connector that offers HTTP/2. Nothing is opened yet.
    pub(crate) fn new(
        connector: Connector,
        uri: Uri,
        origin: String,
        handed_over: HandedOver,
    ) -> Self {
        Self(Arc::new(Inner {
            connector,
            uri,
            origin,
            state: Mutex::default(),
            handed_over,
        }))
    }

    /// A place for one request, on a new connection if there is none. `None` if the upstream speaks
    /// HTTP/1.1.
    ///
    /// # Errors
    /// If no connection is made.
    pub(crate) async fn slot(&self) -> Result<Option<Slot>, CallFailure> {
        loop {
            match self.checkout() {
                Checkout::Slot(slot) => return Ok(Some(slot)),
                Checkout::Http1 => return Ok(None),
                Checkout::Dialled(dialled) => {
                    return dialled.await.unwrap_or_else(|_| Err(self.gave_up()));
                }
                Checkout::Wait(mut result) => {
                    let result = result.wait_for(Option::is_some).await;
                    result.map_err(|_| self.gave_up())?.clone().transpose()?;
                }
            }
        }
    }

    fn checkout(&self) -> Checkout {
        let mut state = self.lock();
        state.connections.retain(|connection| connection.is_open());
        // The first with a place: those behind it fall idle and close.
        if let Some(slot) = state.connections.iter().find_map(Http2Connection::slot) {
            return Checkout::Slot(slot);
        }
        let is_recent = |since: &Instant| since.elapsed() < ASKED_AGAIN_AFTER;
        if state.http1_since.as_ref().is_some_and(is_recent) {
            return Checkout::Http1;
        }
        // Without its sender the dial has ended by a bug.
        let dialling = state.dialling.as_ref();
        if let Some(result) = dialling.filter(|result| result.has_changed().is_ok()) {
            return Checkout::Wait(result.clone());
        }
        let (publish, result) = watch::channel(None);
        state.dialling = Some(result);
        drop(state);
        let (give, dialled) = oneshot::channel();
        let pool = self.clone();
        // In its own task, since others wait for the result even if this caller leaves.
        tokio::spawn(async move {
            let dialled = pool.dial().await;
            pool.lock().dialling = None;
            publish.send_replace(Some(dialled.as_ref().map(|_| ()).map_err(Clone::clone)));
            // If the request is gone, its place is free again.
            let _ = give.send(dialled);
        });
        Checkout::Dialled(dialled)
    }

    async fn dial(&self) -> Dialled {
        let inner = &*self.0;
        let mut connector = inner.connector.clone();
        let connecting = async {
            poll_fn(|context| connector.poll_ready(context)).await?;
            connector.call(inner.uri.clone()).await
        };
        let connected = connecting.await;
        let stream = connected.map_err(|error| failure::explain_dial(&inner.origin, error))?;
        if !stream.inner().connected().is_negotiated_h2() {
            inner.handed_over.put(stream);
            self.lock().http1_since = Some(Instant::now());
            return Ok(None);
        }
        let opened = Http2Connection::open(stream.into_inner(), self.retire()).await;
        let connection = opened.map_err(|error| exchange::explain(&inner.origin, &error))?;
        let slot = Http2Connection::first_slot(&connection);
        let mut state = self.lock();
        state.http1_since = None;
        state.connections.push(connection);
        Ok(Some(slot))
    }

    /// Removes a connection from the pool if nothing uses it. It closes once it is dropped.
    fn retire(&self) -> impl Fn(&Http2Connection) + Send + Sync + 'static {
        let pool = Arc::downgrade(&self.0);
        move |idle| {
            let Some(pool) = pool.upgrade() else { return };
            let mut state = pool.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.connections.retain(|connection| {
                !std::ptr::eq(&raw const **connection, idle) || connection.is_used()
            });
        }
    }

    fn gave_up(&self) -> CallFailure {
        CallFailure::new(
            FailureKind::ConnectFailed,
            format!("Could not connect to {}. Try again.", self.0.origin),
        )
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
