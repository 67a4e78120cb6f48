//! A model server on loopback that answers what a test wants and remembers what it was asked.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

pub(super) struct Upstream {
    pub(super) origin: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    answer: Mutex<(u16, String)>,
    seen: Mutex<Vec<(String, HeaderMap)>>,
    /// A request that has come takes one of `arrived`, and waits for one of `released`.
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
        upstream.shared.released.add_permits(1_000);
        upstream
    }

    /// A server that answers only what [`Upstream::release`] lets go.
    pub(super) async fn holding(ids: &[&str]) -> Self {
        let shared = Arc::new(Shared {
            answer: Mutex::new((200, list(ids))),
            seen: Mutex::default(),
            arrived: Semaphore::new(0),
            released: Semaphore::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
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
        *self.shared.answer.lock().unwrap() = (status, body.to_owned());
    }

    /// The paths that were asked for, in order.
    pub(super) fn paths(&self) -> Vec<String> {
        let seen = self.shared.seen.lock().unwrap();
        seen.iter().map(|(path, _)| path.clone()).collect()
    }

    /// A header of the last request.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let seen = self.shared.seen.lock().unwrap();
        let value = seen.last()?.1.get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }

    /// Waits until a request has come in.
    pub(super) async fn arrived(&self) {
        self.shared.arrived.acquire().await.unwrap().forget();
    }

    /// Lets one request be answered.
    pub(super) fn release(&self) {
        self.shared.released.add_permits(1);
    }
}

/// A list in the form of OpenAI's.
pub(super) fn list(ids: &[&str]) -> String {
    let models: Vec<_> = ids
        .iter()
        .map(|id| serde_json::json!({"id": id, "object": "model"}))
        .collect();
    serde_json::json!({"object": "list", "data": models}).to_string()
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    shared.seen.lock().unwrap().push((path, headers));
    shared.arrived.add_permits(1);
    shared.released.acquire().await.unwrap().forget();
    let (status, body) = shared.answer.lock().unwrap().clone();
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
