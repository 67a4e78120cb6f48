//! Accepts connections, makes room for new ones, and stops in good order.

use super::activity::Activity;
use super::connection;
use super::limits::ConnectionLimits;
use super::site::{Phase, Served, Site};
use super::threads::Threads;
use super::tls::ServerTls;
use crate::http::drain::Drain;
use crate::http::public_path::PublicPath;
use axum::Router;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

/// How long to wait after the system refused to accept, as it does without a free descriptor.
const PAUSE: Duration = Duration::from_millis(50);

/// The open connections.
#[derive(Clone, Default)]
struct Connections(Arc<Places>);

#[derive(Default)]
struct Places {
    open: Mutex<BTreeMap<u64, Arc<Activity>>>,
    /// Notified when a connection has closed.
    freed: Notify,
}

impl Connections {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Activity>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the place of a closed connection back.
    fn close(&self, id: u64) {
        self.open().remove(&id);
        self.0.freed.notify_one();
    }

    /// Closes one connection that waits for its client. It is one of the address that has the
    /// most, so that a flood from one place does not push out everybody else. Returns whether
    /// there was one.
    fn evict_one(&self) -> bool {
        let mut open = self.open();
        let mut per_address: HashMap<IpAddr, usize> = HashMap::new();
        for activity in open.values() {
            *per_address.entry(activity.peer).or_default() += 1;
        }
        let victim = open
            .iter()
            .filter_map(|(id, activity)| Some((*id, activity.peer, activity.rank()?)))
            .min_by_key(|(_, peer, rank)| (std::cmp::Reverse(per_address[peer]), *rank));
        let Some((id, ..)) = victim else {
            return false;
        };
        if let Some(activity) = open.remove(&id) {
            activity.evict();
        }
        true
    }
}

/// The place of one connection, given back however its task ends: a handler may panic.
struct Place {
    connections: Connections,
    id: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.close(self.id);
    }
}

/// One address that is listened on, and what is served there.
pub(super) struct Listening {
    pub(super) listener: TcpListener,
    pub(super) router: Router,
    /// The path that is removed from the addresses of requests.
    pub(super) public_path: PublicPath,
    /// Where TLS ends here.
    pub(super) tls: Option<ServerTls>,
    pub(super) limits: ConnectionLimits,
}

/// Held while a request that began before the stop may still be under way.
type Running = mpsc::Sender<Infallible>;

/// Serves until it is asked to stop, then refuses new requests until those under way have ended,
/// `patience` is over or it is asked once more.
pub(super) async fn run(
    listening: Vec<Listening>,
    threads: Threads,
    drain: Drain,
    patience: Duration,
    mut stops: mpsc::UnboundedReceiver<()>,
) {
    let (running, mut all_ended) = mpsc::channel(1);
    let (close, closing) = watch::channel(());
    let mut accepting = JoinSet::new();
    for listening in listening {
        accepting.spawn(accept_all(
            listening,
            threads.clone(),
            drain.clone(),
            running.clone(),
            closing.clone(),
        ));
    }
    drop((running, closing));
    let _ = stops.recv().await;
    tracing::info!("stopping once the requests under way have ended");
    drain.begin();
    tokio::select! {
        _ = all_ended.recv() => {}
        () = tokio::time::sleep(patience) => {
            let seconds = patience.as_secs();
            tracing::warn!(seconds, "stopped with requests still running");
        }
        Some(()) = stops.recv() => {
            tracing::warn!(reason = "second_signal", "stopped with requests still running");
        }
    }
    drop(close);
    while accepting.join_next().await.is_some() {}
    threads.close().await;
}

/// Accepts connections until `closing` is, then closes all of them and waits until each has ended: what
/// was under way is recorded then.
async fn accept_all(
    listening: Listening,
    threads: Threads,
    drain: Drain,
    running: Running,
    mut closing: watch::Receiver<()>,
) {
    let Listening {
        listener,
        router,
        public_path,
        tls,
        limits,
    } = listening;
    let site = Site {
        router,
        public_path,
        tls,
    };
    let connections = Connections::default();
    let mut tasks = JoinSet::new();
    let mut next_id = 0_u64;
    let mut running = Some(running);
    loop {
        let (stream, peer, in_reserve) = tokio::select! {
            () = drain.begun(), if running.is_some() => {
                running = None;
                continue;
            }
            _ = closing.changed() => break,
            accepted = accept(&listener, &connections, &limits) => accepted,
        };
        while tasks.try_join_next().is_some() {}
        // It is driven by the runtime that serves it, not by this one.
        let Ok(stream) = stream.into_std() else {
            continue;
        };
        let thread = threads.assign();
        next_id += 1;
        let (id, connections) = (next_id, connections.clone());
        let activity = Activity::new(peer.ip().to_canonical(), in_reserve);
        connections.open().insert(id, Arc::clone(&activity));
        let (site, drain, running) = (site.clone(), drain.clone(), running.clone());
        let serving = async move {
            let (_place, _thread) = (Place { connections, id }, thread.connection);
            let phase = match &running {
                Some(_) => Phase::Serving(drain),
                None => Phase::Draining,
            };
            if let Ok(stream) = TcpStream::from_std(stream) {
                let served = Served {
                    peer,
                    site,
                    activity,
                    limits,
                };
                connection::serve(stream, served, phase).await;
            }
            drop(running);
        };
        tasks.spawn_on(serving, &thread.handle);
    }
    tasks.shutdown().await;
}

/// The next connection, once there is a place for it, and whether the place is in reserve.
async fn accept(
    listener: &TcpListener,
    connections: &Connections,
    limits: &ConnectionLimits,
) -> (TcpStream, SocketAddr, bool) {
    let places = limits.connections + limits.reserve;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Room is made only once a client needs it: a connection that was just accepted
                // still waits for its request, and would be the first to go.
                while connections.open().len() >= places && !connections.evict_one() {
                    connections.0.freed.notified().await;
                }
                let full = connections.open().len() >= limits.connections;
                return (stream, peer, full && !connections.evict_one());
            }
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                connections.evict_one();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Whether the client has left again, which says nothing about this process.
fn is_the_clients(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}
