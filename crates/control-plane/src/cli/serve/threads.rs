//! The threads that serve connections, each with a runtime of its one thread.
//!
//! A forwarded request, its answer and the connection to the upstream stay on one thread, so that no
//! step of them wakes another one. What takes its time runs elsewhere: the admin API on the main
//! runtime, decoding and lists on blocking threads.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long to wait for the threads to end.
const CLOSE: Duration = Duration::from_secs(2);

/// The threads, which clones share. They end when they are closed or the last clone is dropped, with
/// every connection that they still serve.
#[derive(Clone)]
pub(super) struct Threads(Arc<[Thread]>);

struct Thread {
    handle: Handle,
    /// Its clones are the connections.
    connections: Arc<()>,
    /// What ends it, and what tells that it has; `None` once it was asked to, and for a runtime that is
    /// not its own.
    running: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
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
                running: Mutex::default(),
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

impl Threads {
    /// Ends the threads and waits for them, for a while.
    pub(super) async fn close(&self) {
        let ending: Vec<_> = self.0.iter().filter_map(Thread::end).collect();
        if ending.is_empty() {
            return;
        }
        let (ended, all_ended) = oneshot::channel();
        // Not on a thread of the runtime, whose end would wait for it.
        thread::spawn(move || {
            for joining in ending {
                let _ = joining.join();
            }
            let _ = ended.send(());
        });
        if timeout(CLOSE, all_ended).await.is_err() {
            tracing::warn!(
                seconds = CLOSE.as_secs(),
                "a thread of connections has not ended"
            );
        }
    }
}

impl Thread {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let joining = thread::Builder::new()
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
            running: Mutex::new(Some((stop, joining))),
        })
    }

    /// Asks the thread to end, once.
    fn end(&self) -> Option<JoinHandle<()>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let (stop, joining) = running.take()?;
        drop(stop);
        Some(joining)
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
        let held = Arc::new(());
        let holding = Arc::clone(&held);
        other.handle.spawn(async move {
            let _holding = holding;
            std::future::pending::<()>().await;
        });
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(threads.close());
        assert_eq!(
            Arc::strong_count(&held),
            1,
            "it has ended, not only been asked to"
        );
    }
}
