//! A model server on a real socket, which records its requests.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A listening model server.
pub(crate) struct Upstream {
    /// Its base URL.
    pub(crate) base_url: String,
    shared: Arc<Shared>,
}

struct Shared {
    /// The key it takes, as the whole value of a header.
    header: &'static str,
    value: &'static str,
    models: Mutex<Vec<&'static str>>,
    seen: Mutex<Vec<(String, HeaderMap)>>,
}

impl Upstream {
    /// Listens, and answers those who send this header with these models.
    pub(crate) async fn start(
        header: &'static str,
        value: &'static str,
        models: &[&'static str],
    ) -> Self {
        let shared = Arc::new(Shared {
            header,
            value,
            models: Mutex::new(models.to_vec()),
            seen: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base_url, shared }
    }

    /// From now on it lists these.
    pub(crate) fn list(&self, models: &[&'static str]) {
        *self.shared.models.lock().unwrap() = models.to_vec();
    }

    /// The paths that were asked for, with the headers that came.
    pub(crate) fn seen(&self) -> Vec<(String, HeaderMap)> {
        self.shared.seen.lock().unwrap().clone()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> impl IntoResponse {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let known = headers
        .get(shared.header)
        .is_some_and(|value| value == shared.value);
    shared.seen.lock().unwrap().push((path.clone(), headers));
    let json = [(header::CONTENT_TYPE, "application/json")];
    if path != "/v1/models" {
        return (StatusCode::NOT_FOUND, json, "{}".to_owned());
    }
    if !known {
        return (StatusCode::UNAUTHORIZED, json, "{}".to_owned());
    }
    let data: Vec<_> = shared
        .models
        .lock()
        .unwrap()
        .iter()
        .map(|id| serde_json::json!({ "id": id }))
        .collect();
    (
        StatusCode::OK,
        json,
        serde_json::json!({ "data": data }).to_string(),
    )
}
