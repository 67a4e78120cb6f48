//! The identity provider: what it says about itself, and the calls to it.
//!
//! Its origin is granted to this client alone. An endpoint that it names elsewhere must be https and
//! public: discovery must not lead Waypost into its own network.

use super::error::OidcError;
use super::id_token::{SigningKey, signing_keys};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;
use waypost_egress::{
    CallFailure, Egress, FailureKind, OutgoingRequest, RequestBody, ServiceClient, ServiceSettings,
};
use waypost_routing::base_url::BaseUrl;
use zeroize::Zeroizing;

/// How long what the provider says about itself is used before it is read again.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// The largest document that is read.
const LONGEST_DOCUMENT: usize = 1024 * 1024;

const SETTINGS: ServiceSettings = ServiceSettings {
    address: "--oidc-issuer",
    authorities: "SSL_CERT_FILE",
};

/// The discovery document, as far as it matters here.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What the provider says about itself.
pub(super) struct Discovered {
    /// The issuer as its tokens spell it.
    pub(super) issuer: String,
    /// Where browsers are sent.
    pub(super) authorization: Url,
    /// Whether every callback names the issuer.
    pub(super) names_issuer: bool,
    /// Whether the client secret goes into the body, since the provider takes it in no header.
    pub(super) secret_in_body: bool,
    /// The keys it signs with.
    pub(super) keys: Vec<SigningKey>,
    token: ProviderEndpoint,
    userinfo: Option<ProviderEndpoint>,
    read_at: Instant,
}

struct ProviderEndpoint {
    client: ServiceClient,
    path: http::uri::PathAndQuery,
}

/// An answer with any status.
pub(super) struct Reply {
    pub(super) status: u16,
    body: Zeroizing<Vec<u8>>,
}

impl Reply {
    pub(super) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// The provider that `--oidc-issuer` names.
pub(super) struct Provider {
    issuer: BaseUrl,
    egress: Egress,
    client: ServiceClient,
    known: Mutex<Option<Arc<Discovered>>>,
}

impl Provider {
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// If the issuer is no URL that may be called.
    pub(super) fn new(issuer: &str, egress: &Egress) -> Result<Self, String> {
        let issuer = BaseUrl::parse(issuer)
            .map_err(|error| format!("--oidc-issuer is not a valid URL: {error}"))?;
        if issuer.scheme() != "https" && !is_loopback(issuer.host()) {
            return Err("--oidc-issuer must begin with https://: over http, anyone on the way could sign in as anyone".to_owned());
        }
        let client = egress
            .service(&issuer, SETTINGS, None)
            .map_err(|failure| failure.message)?;
        Ok(Self {
            issuer,
            egress: egress.clone(),
            client,
            known: Mutex::default(),
        })
    }

    /// The host, which people recognise it by.
    pub(super) fn host(&self) -> &str {
        self.issuer.host()
    }

    /// What it says about itself, read within the last hour. If it does not answer now, what it said
    /// before is used further.
    pub(super) async fn discovered(&self) -> Result<Arc<Discovered>, OidcError> {
        let mut known = self.known.lock().await;
        match known.as_ref() {
            Some(current) if current.read_at.elapsed() < FRESH => Ok(Arc::clone(current)),
            Some(old) => match self.discover().await {
                Ok(new) => Ok(Arc::clone(known.insert(Arc::new(new)))),
                Err(error) => {
                    tracing::warn!(%error, "using what the identity provider said earlier");
                    Ok(Arc::clone(old))
                }
            },
            None => Ok(Arc::clone(known.insert(Arc::new(self.discover().await?)))),
        }
    }

    /// The same, read again since `seen`: the provider may have new keys.
    pub(super) async fn discovered_since(
        &self,
        seen: &Arc<Discovered>,
    ) -> Result<Arc<Discovered>, OidcError> {
        let mut known = self.known.lock().await;
        match known.as_ref() {
            // Another sign-in has read it meanwhile.
            Some(current) if !Arc::ptr_eq(current, seen) => Ok(Arc::clone(current)),
            _ => Ok(Arc::clone(known.insert(Arc::new(self.discover().await?)))),
        }
    }

    async fn discover(&self) -> Result<Discovered, OidcError> {
        let well_known = ProviderEndpoint {
            client: self.client.clone(),
            path: http::uri::PathAndQuery::from_static("/.well-known/openid-configuration"),
        };
        let document: Document = self.read(&well_known, "discovery document").await?;
        if document.issuer.trim_end_matches('/') != self.issuer.as_str().trim_end_matches('/') {
            return Err(OidcError::setup(format!(
                "The provider at {} calls itself by another issuer. Set --oidc-issuer to the `issuer` of its /.well-known/openid-configuration.",
                self.issuer.as_str()
            )));
        }
        let keys = self.endpoint("jwks_uri", &document.jwks_uri)?;
        let keys: Value = self.read(&keys, "list of keys").await?;
        let methods = document.token_endpoint_auth_methods_supported;
        Ok(Discovered {
            authorization: self.url("authorization_endpoint", &document.authorization_endpoint)?,
            names_issuer: document.authorization_response_iss_parameter_supported,
            // Without a list, OpenID Connect says `client_secret_basic`.
            secret_in_body: methods.is_some_and(|methods| {
                !methods.iter().any(|method| method == "client_secret_basic")
            }),
            keys: signing_keys(&keys),
            token: self.endpoint("token_endpoint", &document.token_endpoint)?,
            userinfo: document
                .userinfo_endpoint
                .map(|url| self.endpoint("userinfo_endpoint", &url))
                .transpose()?,
            issuer: document.issuer,
            read_at: Instant::now(),
        })
    }

    async fn read<T: DeserializeOwned>(
        &self,
        endpoint: &ProviderEndpoint,
        what: &str,
    ) -> Result<T, OidcError> {
        let reply = send(endpoint, Method::GET, HeaderMap::new(), None).await?;
        if reply.status != 200 {
            return Err(OidcError::provider(format!(
                "The identity provider answered the request for its {what} with status {}. Check --oidc-issuer, and that the provider is up.",
                reply.status
            )));
        }
        reply.json().ok_or_else(|| {
            OidcError::provider(format!(
                "The identity provider's {what} is not the JSON that OpenID Connect defines. Check --oidc-issuer."
            ))
        })
    }

    /// Redeems a code. `form` is the body.
    pub(super) async fn redeem(
        &self,
        discovered: &Discovered,
        form: Zeroizing<Vec<u8>>,
        authorization: Option<HeaderValue>,
    ) -> Result<Reply, OidcError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization);
        }
        send(&discovered.token, Method::POST, headers, Some(form)).await
    }

    /// What the provider says about the owner of an access token; `None` if it has no such endpoint.
    pub(super) async fn userinfo(
        &self,
        discovered: &Discovered,
        authorization: HeaderValue,
    ) -> Result<Option<Reply>, OidcError> {
        let Some(endpoint) = &discovered.userinfo else {
            return Ok(None);
        };
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        send(endpoint, Method::GET, headers, None).await.map(Some)
    }

    fn endpoint(&self, name: &str, text: &str) -> Result<ProviderEndpoint, OidcError> {
        let url = self.url(name, text)?;
        let origin = url.origin().ascii_serialization();
        let client = if origin == self.issuer.origin() {
            self.own_client()
        } else {
            BaseUrl::parse(&origin)
                .map_err(|error| error.to_string())
                .and_then(|base| {
                    self.egress
                        .service_elsewhere(&base, SETTINGS)
                        .map_err(reason)
                })
        };
        let path = url[url::Position::BeforePath..url::Position::AfterQuery].parse();
        match (client, path) {
            (Ok(client), Ok(path)) => Ok(ProviderEndpoint { client, path }),
            (Err(reason), _) => Err(OidcError::setup(format!(
                "The identity provider's `{name}` cannot be called: {reason}"
            ))),
            (_, Err(_)) => Err(invalid(name)),
        }
    }

    /// A client for the issuer's origin, whatever path the issuer has.
    fn own_client(&self) -> Result<ServiceClient, String> {
        let base = BaseUrl::parse(&self.issuer.origin()).map_err(|error| error.to_string())?;
        self.egress.service(&base, SETTINGS, None).map_err(reason)
    }

    /// A URL of the discovery document: https, or of the issuer's own origin.
    fn url(&self, name: &str, text: &str) -> Result<Url, OidcError> {
        let url = Url::parse(text).map_err(|_| invalid(name))?;
        let is_own = url.origin().ascii_serialization() == self.issuer.origin();
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        match is_plain && (is_own || url.scheme() == "https") {
            true => Ok(url),
            false => Err(invalid(name)),
        }
    }
}

fn invalid(name: &str) -> OidcError {
    OidcError::setup(format!(
        "The identity provider's `{name}` is not a URL that Waypost uses: it must be https, or at the issuer's own origin."
    ))
}

/// Why a call failed. The words of a refused address are for providers of models, whose private
/// addresses an administrator can allow.
fn reason(failure: CallFailure) -> String {
    match failure.kind {
        FailureKind::AddressNotAllowed => {
            "Its address is private, or one that Waypost never calls. Only the issuer's own origin may be private.".to_owned()
        }
        _ => failure.message,
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

async fn send(
    endpoint: &ProviderEndpoint,
    method: Method,
    mut headers: HeaderMap,
    body: Option<Zeroizing<Vec<u8>>>,
) -> Result<Reply, OidcError> {
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let body = match body {
        None => RequestBody::default(),
        Some(body) => RequestBody::new([
            // The connection borrows a body that is wiped when it was sent.
            Bytes::from_owner(WipedBody(body)),
            Bytes::new(),
            Bytes::new(),
        ]),
    };
    let request = OutgoingRequest {
        method,
        path_and_query: endpoint.path.clone(),
        headers,
        body,
    };
    let answer = endpoint.client.send(request).await.map_err(|failure| {
        OidcError::provider(format!(
            "The identity provider cannot be reached: {}",
            reason(failure)
        ))
    })?;
    let body = Zeroizing::new(answer.body);
    if body.len() > LONGEST_DOCUMENT {
        return Err(OidcError::provider(
            "The identity provider returned more than 1 MiB. Check --oidc-issuer.",
        ));
    }
    Ok(Reply {
        status: answer.status,
        body,
    })
}

struct WipedBody(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for WipedBody {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
