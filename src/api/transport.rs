//! Sends one request and reads its answer. The only file that names gloo-net.

use super::{Answer, Api, ApiError, Problem, SecretBody, json};
use crate::base_path;
use crate::dom::{self, AbortGuard};
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::Cell;

/// The address of an endpoint, by its path below the base of all of them.
pub(super) fn address(path: &str) -> String {
    format!("{}/api/v1{path}", base_path::get())
}

/// Marks a request that no person asked for. It does not count as use of the session.
const BACKGROUND: &str = "x-waypost-background";

thread_local! {
    static ORIGIN: Cell<CallOrigin> = const { Cell::new(CallOrigin::Person) };
}

/// What starts a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallOrigin {
    /// Something that a person does.
    Person,
    /// A background poll. It does not count as use of the session, so that an open tab alone does not
    /// keep the session alive.
    Background,
}

impl CallOrigin {
    /// What is being done now. Work that starts calls later takes it along.
    pub(crate) fn current() -> Self {
        ORIGIN.get()
    }

    /// Marks every call that `start` starts.
    pub(crate) fn mark<T>(self, start: impl FnOnce() -> T) -> T {
        let before = ORIGIN.replace(self);
        let started = start();
        ORIGIN.set(before);
        started
    }
}

/// Marks every call that `start` starts as a background poll.
pub(crate) fn in_background<T>(start: impl FnOnce() -> T) -> T {
    CallOrigin::Background.mark(start)
}

/// A request: its path below the base with its query, its method, body and version.
pub(super) struct Call {
    method: Method,
    path: String,
    body: Option<String>,
    /// The version for `If-Match`.
    version: Option<u64>,
    origin: CallOrigin,
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
            origin: CallOrigin::current(),
        }
    }

    /// Sends `If-Match`, so that the write fails if the row has another version.
    pub(super) fn if_match(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// Adds a JSON body. API types always serialize.
    pub(super) fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_string(body).ok();
        self
    }

    /// Adds a body with secrets.
    pub(super) fn secret(mut self, body: SecretBody) -> Self {
        self.body = Some(body.into_json());
        self
    }

    /// Sends the request and parses the JSON answer. Reports the end of the session to the API client.
    pub(super) fn read<T: DeserializeOwned + 'static>(self, api: Api) -> Answer<T> {
        let answer = self.send(api, true);
        Box::pin(async move { parse(answer.await?) })
    }

    /// Sends the request and parses the JSON answer, without reporting the end of the session.
    pub(super) fn read_quietly<T: DeserializeOwned + 'static>(self, api: Api) -> Answer<T> {
        let answer = self.send(api, false);
        Box::pin(async move { parse(answer.await?) })
    }

    /// Sends the request and ignores the body of the answer.
    pub(super) fn done(self, api: Api) -> Answer<()> {
        let answer = self.send(api, true);
        Box::pin(async move { answer.await.map(|_| ()) })
    }

    /// One boxed future for every call, so that only the parsing is generic.
    fn send(self, api: Api, reports_end: bool) -> Answer<(u16, String)> {
        Box::pin(async move {
            let answer = self.exchange().await;
            api.note_answer(!matches!(answer, Err(ApiError::Network)));
            if reports_end && matches!(answer, Err(ApiError::SignedOut)) {
                api.note_end();
            }
            answer
        })
    }

    async fn exchange(self) -> Result<(u16, String), ApiError> {
        if self.method == Method::GET {
            // The document's script may have asked already, while the dashboard was loading.
            if let Some(response) = dom::early_answer(&self.path).await {
                return outcome(response.into()).await;
            }
        } else {
            dom::forget_early_answers();
        }
        let guard = AbortGuard::new();
        let mut builder = RequestBuilder::new(&address(&self.path))
            .method(self.method)
            .header("Accept", "application/json, application/problem+json")
            .abort_signal(guard.signal().as_ref());
        if let Some(version) = self.version {
            builder = builder.header("If-Match", &format!("\"{version}\""));
        }
        if self.origin == CallOrigin::Background {
            builder = builder.header(BACKGROUND, "1");
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
        outcome(response).await
    }
}

/// Reads an answer.
async fn outcome(response: Response) -> Result<(u16, String), ApiError> {
    let status = response.status();
    let text = response.text().await.map_err(|_| ApiError::Network)?;
    if response.ok() {
        Ok((status, text))
    } else {
        // The others were sent in the same breath, and are refused for the same reason.
        dom::forget_early_answers();
        Err(failure(&response, &text))
    }
}

/// Reads the JSON of an answer.
fn parse<T: DeserializeOwned>((status, text): (u16, String)) -> Result<T, ApiError> {
    json::read(&text).map_err(|_| ApiError::NotJson { status })
}

/// Turns an unsuccessful answer into an error.
fn failure(response: &Response, text: &str) -> ApiError {
    let status = response.status();
    match json::read::<Problem>(text) {
        // A sign-in link that is wrong or used gets a 401 too; that is no ended session.
        Ok(problem) if status == 401 && !problem.code.contains("link") => ApiError::SignedOut,
        Ok(problem) => ApiError::Problem(problem),
        Err(_) if status == 401 => ApiError::SignedOut,
        // A development proxy answers so while the control plane is down.
        Err(_) if matches!(status, 502..=504) => ApiError::Network,
        Err(_) => ApiError::NotJson { status },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_polls_only_where_they_are_started_as_such() {
        let origin = || Call::get("/providers").origin;
        assert_eq!(origin(), CallOrigin::Person);
        assert_eq!(in_background(origin), CallOrigin::Background);
        // What a person does meanwhile counts.
        let inside = in_background(|| CallOrigin::Person.mark(origin));
        assert_eq!(inside, CallOrigin::Person);
        assert_eq!(origin(), CallOrigin::Person);
    }
}
