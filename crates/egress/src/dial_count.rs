//! Counts the connections that are begun, so that a test can prove that there was none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tower::{Layer, Service};

/// Put around the HTTP library's connector.
#[derive(Clone)]
pub(crate) struct Count(pub(crate) Arc<AtomicUsize>);

/// The connector with its counter.
#[derive(Clone)]
pub(crate) struct Counted<S> {
    inner: S,
    dials: Arc<AtomicUsize>,
}

impl<S> Layer<S> for Count {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted {
            inner,
            dials: Arc::clone(&self.0),
        }
    }
}

impl<S: Service<R>, R> Service<R> for Counted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, target: R) -> S::Future {
        self.dials.fetch_add(1, Ordering::SeqCst);
        self.inner.call(target)
    }
}
