//! The threads that serve connections, each with a runtime of its one thread.
//!
//! A forwarded request, its answer and the connection to the upstream stay on one thread, so that no
//! step of them wakes another one. What takes its time runs elsewhere: the admin API on the main
//! runtime, decoding and lists on blocking threads.

use std::sync::Arc;
use std::{io, thread};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The threads, which clones share. They end when the last one is dropped, with every connection that
/// they still serve.
#[derive(Clone)]
pub(super) struct Threads(Arc<[Thread]>);

struct Thread {
    handle: Handle,
    /// Its clones are the connections.
    connections: Arc<()>,
    _stop: Option<oneshot::Sender<()>>,
}

/// A thread to serve one connection on, which counts as its while this lives.
pub(super) struct Assigned {
    pub(super) handle: Handle,
    pub(super) connection: Arc<()>,
}

impl Threads {
    /// Starts one for each core.
    ///
    /// # Errors
    /// If the system gives no thread, or no way to wait for sockets.
    pub(super) fn start() -> io::Result<Self> {
        let count = thread::available_parallelism().map_or(1, usize::from);
        (0..count)
            .map(|_| Thread::start())
            .collect::<io::Result<_>>()
            .map(Self)
    }

    /// The caller's own runtime, whatever it is.
    #[cfg(test)]
    pub(super) fn current() -> Self {
        Self(
            [Thread {
                handle: Handle::current(),
                connections: Arc::default(),
                _stop: None,
            }]
            .into(),
        )
    }

    /// The thread with the fewest connections.
    pub(super) fn assign(&self) -> Assigned {
        let threads = self.0.iter();
        let thread = threads.min_by_key(|thread| Arc::strong_count(&thread.connections));
        let thread = thread.expect("there is at least one");
        Assigned {
            handle: thread.handle.clone(),
            connection: Arc::clone(&thread.connections),
        }
    }
}

impl Thread {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        thread::Builder::new()
            .name("waypost-serve".to_owned())
            .spawn(move || {
                // It ends with an error, too: its sender is dropped.
                let _ = runtime.block_on(stopped);
                // A blocking call that hangs must not keep the process.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            connections: Arc::default(),
            _stop: Some(stop),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_spread_and_stay_on_their_thread() {
        let started = (0..2).map(|_| Thread::start().unwrap());
        let threads = Threads(started.collect());
        let (one, other) = (threads.assign(), threads.assign());
        assert_ne!(one.handle.id(), other.handle.id());
        // The thread that has lost its connection gets the next one.
        let id = one.handle.id();
        drop(one);
        assert_eq!(threads.assign().handle.id(), id);
        let on = |handle: &Handle| {
            let name = || thread::current().id();
            let (first, second) = (
                handle.spawn(async move { name() }),
                handle.spawn(async move { name() }),
            );
            let runtime = Builder::new_current_thread().build().unwrap();
            runtime.block_on(async { (first.await.unwrap(), second.await.unwrap()) })
        };
        let (first, second) = on(&other.handle);
        assert_eq!(first, second);
        // What a thread serves ends with it.
        let hung = other.handle.spawn(std::future::pending::<()>());
        drop(threads);
        let runtime = Builder::new_current_thread().build().unwrap();
        assert!(runtime.block_on(hung).unwrap_err().is_cancelled());
    }
}
