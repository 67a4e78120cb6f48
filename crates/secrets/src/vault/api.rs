//! Requests to Vault's HTTP API, and its refusals in plain words.

use super::JsonBody;
use super::options::VaultOptions;
use crate::backend::BackendError;
use crate::text::SecretText;
use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use waypost_egress::{Egress, OutgoingRequest, RequestBody, ServiceClient, ServiceSettings};
use zeroize::Zeroizing;

const TOKEN: HeaderName = HeaderName::from_static("x-vault-token");
const NAMESPACE: HeaderName = HeaderName::from_static("x-vault-namespace");
/// Vault demands it of callers where an operator has turned that on.
const REQUEST: HeaderName = HeaderName::from_static("x-vault-request");

const SETTINGS: ServiceSettings = ServiceSettings {
    address: "VAULT_ADDR",
    authorities: "VAULT_CACERT",
};

/// Sends requests to one server, in one namespace.
pub(super) struct Api {
    client: ServiceClient,
    namespace: Option<(String, HeaderValue)>,
}

/// An answer with any status.
pub(super) struct Reply {
    pub(super) status: u16,
    body: Zeroizing<Vec<u8>>,
}

#[derive(Default, Deserialize)]
struct Errors {
    #[serde(default)]
    errors: Vec<String>,
}

impl Api {
    pub(super) fn new(options: &VaultOptions, egress: &Egress) -> Result<Self, String> {
        let authorities = match &options.authorities {
            None => None,
            Some(path) => Some(std::fs::read(path).map_err(|error| {
                format!("cannot read VAULT_CACERT ({}): {error}", path.display())
            })?),
        };
        let client = egress
            .service(&options.address, SETTINGS, authorities.as_deref())
            .map_err(|failure| failure.message)?;
        let namespace = match &options.namespace {
            None => None,
            Some(name) => {
                let value = HeaderValue::from_str(name)
                    .map_err(|_| "VAULT_NAMESPACE cannot be sent in a header".to_owned())?;
                Some((name.clone(), value))
            }
        };
        Ok(Self { client, namespace })
    }

    pub(super) fn address(&self) -> &str {
        self.client.base().as_str()
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_ref().map(|(name, _)| name.as_str())
    }

    /// Calls `/v1/{path}`.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&SecretText>,
        body: Option<JsonBody>,
    ) -> Result<Reply, BackendError> {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST, HeaderValue::from_static("true"));
        if let Some((_, namespace)) = &self.namespace {
            headers.insert(NAMESPACE, namespace.clone());
        }
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(token.expose())
                .map_err(|_| unavailable("the token for Vault cannot be sent in a header"))?;
            value.set_sensitive(true);
            headers.insert(TOKEN, value);
        }
        let body = match body {
            None => RequestBody::default(),
            Some(body) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                let bytes = Bytes::from_owner(WipedBody(body));
                RequestBody::new([bytes, Bytes::new(), Bytes::new()])
            }
        };
        let path_and_query = format!("/v1/{path}")
            .parse()
            .map_err(|_| unavailable("Vault has no path for a secret of this name"))?;
        let request = OutgoingRequest {
            method,
            path_and_query,
            headers,
            body,
        };
        let answer = self.client.send(request).await;
        let answer = answer.map_err(|failure| {
            // It goes into a sentence, beside other reasons.
            BackendError::Unavailable(failure.message.trim_end_matches('.').to_owned())
        })?;
        Ok(Reply {
            status: answer.status,
            body: Zeroizing::new(answer.body),
        })
    }
}

/// Lets the connection borrow a body that is wiped when it was sent.
struct WipedBody(JsonBody);

impl AsRef<[u8]> for WipedBody {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Reply {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Vault's own errors. They decide which words are used and are never passed on.
    fn says(&self, text: &str) -> bool {
        let Errors { errors } = self.json().unwrap_or_default();
        errors.iter().any(|error| error.contains(text))
    }

    /// Whether nothing is mounted where the path leads.
    pub(super) fn has_no_route(&self) -> bool {
        self.says("no handler for route") || self.says("route entry not found")
    }

    /// Whether a write with check-and-set found another version.
    pub(super) fn is_version_conflict(&self) -> bool {
        self.says("check-and-set parameter did not match")
    }

    /// Why a request was refused. `capability` is what a policy must grant on the path.
    pub(super) fn refusal(&self, path: &str, capability: &str) -> BackendError {
        unavailable(match self.status {
            403 => format!(
                "Vault refused access to `{path}` (403): the policy of this login has no {capability} there, or its token was revoked"
            ),
            429 => "Vault limits the rate of requests (429)".to_owned(),
            503 if self.says("sealed") => "Vault is sealed. Unseal it".to_owned(),
            status @ 500.. => format!("Vault failed with status {status}"),
            status => format!("Vault answered `{path}` with status {status}"),
        })
    }
}

pub(super) fn unavailable(reason: impl Into<String>) -> BackendError {
    BackendError::Unavailable(reason.into())
}
