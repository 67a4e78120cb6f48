//! A server to measure, and the request it is sent.

use crate::Error;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use serde::Deserialize;

/// A server and the request it is sent, again and again.
#[derive(Deserialize)]
pub(crate) struct Target {
    /// What the result calls it.
    pub(crate) name: String,
    /// Its address: `127.0.0.1:8700`.
    pub(crate) host: String,
    path: String,
    headers: Vec<(String, String)>,
    /// The body, or how many bytes of text to put into one.
    body: RequestBody,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RequestBody {
    Text(String),
    /// A chat request for a model, filled up to a number of bytes.
    Filled {
        model: String,
        bytes: usize,
    },
}

impl Target {
    /// The request, with this query.
    pub(crate) fn request(&self, query: &str) -> Result<Request<Full<Bytes>>, Error> {
        let separator = if query.is_empty() { "" } else { "?" };
        let mut request = Request::post(format!("{}{separator}{query}", self.path))
            .header("host", &self.host)
            .header("content-type", "application/json");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = match &self.body {
            RequestBody::Text(text) => text.clone(),
            RequestBody::Filled { model, bytes } => {
                format!(r#"{{"model":"{model}","input":"{}"}}"#, "a".repeat(*bytes))
            }
        };
        Ok(request.body(Full::from(body))?)
    }
}
