//! Sends one request and reads its answer. The only file that names gloo-net.

use super::{Answer, Api, ApiError, Problem, SecretBody};
use crate::dom::AbortGuard;
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where every endpoint begins.
const BASE: &str = "/api/v1";

/// What is sent, and to where: the path below the base, with its query.
pub(super) struct Call {
    method: Method,
    path: String,
    body: Option<String>,
    /// The version that is changed.
    version: Option<u64>,
}

impl Call {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path.into())
    }

    pub(super) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path.into())
    }

    pub(super) fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path.into())
    }

    pub(super) fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path.into())
    }

    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path.into())
    }

    fn new(method: Method, path: String) -> Self {
        Self {
            method,
            path,
            body: None,
            version: None,
        }
    }

    /// Refused unless what is changed is still at this version.
    pub(super) fn if_match(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// With a JSON body. The shapes of the API are always writable as JSON.
    pub(super) fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_string(body).ok();
        self
    }

    /// With a body that carries a secret.
    pub(super) fn secret(mut self, body: SecretBody) -> Self {
        self.body = Some(body.into_json());
        self
    }

    /// Sends it and reads the JSON of the answer. An answer that says that the session has ended
    /// is passed on to the API, too.
    pub(super) fn read<T: DeserializeOwned + 'static>(self, api: Api) -> Answer<T> {
        let answer = self.send(Some(api));
        Box::pin(async move { parse(answer.await?) })
    }

    /// Sends it and reads the JSON of the answer, whatever that says of the session.
    pub(super) fn read_quietly<T: DeserializeOwned + 'static>(self) -> Answer<T> {
        let answer = self.send(None);
        Box::pin(async move { parse(answer.await?) })
    }

    /// Sends it where the answer carries nothing that matters.
    pub(super) fn done(self, api: Api) -> Answer<()> {
        let answer = self.send(Some(api));
        Box::pin(async move { answer.await.map(|_| ()) })
    }

    /// One boxed future for every call: what is generic is only what reads the text.
    fn send(self, api: Option<Api>) -> Answer<(u16, String)> {
        Box::pin(async move {
            let answer = self.exchange().await;
            if let (Some(api), Err(ApiError::SignedOut)) = (api, &answer) {
                api.note_end();
            }
            answer
        })
    }

    async fn exchange(self) -> Result<(u16, String), ApiError> {
        let guard = AbortGuard::new();
        let mut builder = RequestBuilder::new(&format!("{BASE}{}", self.path))
            .method(self.method)
            .header("Accept", "application/json, application/problem+json")
            .abort_signal(guard.signal().as_ref());
        if let Some(version) = self.version {
            builder = builder.header("If-Match", &format!("\"{version}\""));
        }
        let request = match self.body {
            Some(body) => {
                builder = builder.header("Content-Type", "application/json");
                builder.body(body)
            }
            None => builder.build(),
        };
        let response = request
            .map_err(|_| ApiError::Network)?
            .send()
            .await
            .map_err(|_| ApiError::Network)?;
        let status = response.status();
        let text = response.text().await.map_err(|_| ApiError::Network)?;
        if response.ok() {
            Ok((status, text))
        } else {
            Err(failure(&response, &text))
        }
    }
}

/// Reads the JSON of an answer.
fn parse<T: DeserializeOwned>((status, text): (u16, String)) -> Result<T, ApiError> {
    serde_json::from_str(&text).map_err(|_| ApiError::NotJson { status })
}

/// Reads an answer that is no success.
fn failure(response: &Response, text: &str) -> ApiError {
    let status = response.status();
    match serde_json::from_str::<Problem>(text) {
        // Only the sign-in itself answers a wrong or used link with this status.
        Ok(problem) if status == 401 && !problem.code.contains("link") => ApiError::SignedOut,
        Ok(problem) => ApiError::Problem(problem),
        Err(_) if status == 401 => ApiError::SignedOut,
        // What a development proxy answers while the control plane is away.
        Err(_) if matches!(status, 502..=504) => ApiError::Network,
        Err(_) => ApiError::NotJson { status },
    }
}
