//! A model server on loopback that answers what a test wants and remembers what it was asked.

use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use waypost_egress::test_support::{Received, Reply, serve};

pub(super) struct Upstream {
    pub(super) origin: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    answer: Mutex<Reply>,
    received: Mutex<Vec<Received>>,
    /// A caller that has come adds to `arrived`, and waits for one of `released`.
    arrived: Semaphore,
    released: Semaphore,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Upstream {
    /// A server that answers at once, with these ids.
    pub(super) async fn listing(ids: &[&str]) -> Self {
        let upstream = Self::holding(ids).await;
        upstream.shared.released.add_permits(1_000_000);
        upstream
    }

    /// A server that answers only after [`Upstream::release`].
    pub(super) async fn holding(ids: &[&str]) -> Self {
        let shared = Arc::new(Shared {
            answer: Mutex::new(Reply::json(200, &list(ids))),
            received: Mutex::default(),
            arrived: Semaphore::new(0),
            released: Semaphore::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(listen(listener, shared.clone()));
        Self {
            origin,
            shared,
            task,
        }
    }

    pub(super) fn base(&self) -> String {
        format!("{}/v1", self.origin)
    }

    pub(super) fn lists(&self, ids: &[&str]) {
        self.answers(200, &list(ids));
    }

    pub(super) fn answers(&self, status: u16, body: &str) {
        *self.shared.answer.lock().unwrap() = Reply::json(status, body);
    }

    /// Every request, in order.
    pub(super) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The paths that were asked for, in order.
    pub(super) fn paths(&self) -> Vec<String> {
        let received = self.received().into_iter();
        received.map(|request| request.target).collect()
    }

    /// A header of the last request.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let last = self.received().pop()?;
        last.header(name).map(str::to_owned)
    }

    /// Waits until someone has come.
    pub(super) async fn arrived(&self) {
        self.shared.arrived.acquire().await.unwrap().forget();
    }

    /// Lets one caller be answered.
    pub(super) fn release(&self) {
        self.shared.released.add_permits(1);
    }
}

/// A list in the form of OpenAI's.
fn list(ids: &[&str]) -> String {
    let models: Vec<_> = ids
        .iter()
        .map(|id| serde_json::json!({"id": id, "object": "model"}))
        .collect();
    serde_json::json!({"object": "list", "data": models}).to_string()
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            shared.arrived.add_permits(1);
            shared.released.acquire().await.unwrap().forget();
            let answer = |_: &Received| shared.answer.lock().unwrap().clone();
            serve(stream, &answer, &shared.received).await;
        });
    }
}
