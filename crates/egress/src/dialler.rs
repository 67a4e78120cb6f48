//! Opens connections to one origin: to an address that was checked, or through the egress proxy.
//!
//! With a proxy, Waypost doesn't look a name up: the proxy does, and it alone can keep a name from leading
//! into a private network. So what can be checked without it is checked before: addresses that a URL contains,
//! names of metadata services, and names of this machine. An origin that was granted although its address is
//! private goes direct, since a proxy for the outside rarely leads inside.

use crate::address_kind::{self, Kind};
use crate::address_policy::{AddressPolicy, Grant, OwnListeners};
use crate::egress_proxy::EgressProxy;
use crate::failure::{self, BoxError, CallFailure, FailureKind};
use crate::resolver::{Lookup, check};
use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::{Connection as _, HttpConnector, HttpInfo};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower_service::Service;

/// The head of a proxy's answer, in bytes.
const MAX_HEAD: usize = 8 * 1024;

/// Finds the addresses of a name and hands on those that may be called. An address that is written
/// in the URL never comes here.
#[derive(Clone)]
struct CheckedLookup {
    lookup: Arc<dyn Lookup>,
    policy: AddressPolicy,
}

/// Checked addresses. The port is the URL's.
type Found = std::vec::IntoIter<SocketAddr>;

impl Service<Name> for CheckedLookup {
    type Response = Found;
    type Error = CallFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Found, CallFailure>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), CallFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let addresses = self.lookup.addresses(name.as_str());
        let policy = self.policy.clone();
        Box::pin(async move {
            let checked = check(&policy, addresses.await)?.into_iter();
            let checked: Vec<_> = checked.map(|address| SocketAddr::new(address, 0)).collect();
            Ok(checked.into_iter())
        })
    }
}

/// A connection to the origin's address, or through the proxy, whose own TLS may be around it.
pub(crate) type Dialled = MaybeHttpsStream<TokioIo<TcpStream>>;

type Checked = HttpConnector<CheckedLookup>;

/// Opens connections to one origin, without the origin's own TLS.
#[derive(Clone)]
pub(crate) struct Dialler {
    direct: Checked,
    target: Target,
    proxy: Option<ProxyDialler>,
}

/// An origin, as far as dialling needs to know it.
#[derive(Clone)]
struct Target {
    policy: AddressPolicy,
    /// The address that the URL contains, if it contains one instead of a name.
    literal: Option<IpAddr>,
    lookup: Arc<dyn Lookup>,
}

#[derive(Clone)]
struct ProxyDialler {
    proxy: EgressProxy,
    policy: AddressPolicy,
    connector: HttpsConnector<Checked>,
}

/// The proxy with what it is reached by: the machine's certificates, where it speaks TLS.
#[derive(Clone)]
pub(crate) struct ProxyRoute {
    pub(crate) proxy: EgressProxy,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) own: OwnListeners,
}

fn http_connector(lookup: Arc<dyn Lookup>, policy: AddressPolicy, limit: Duration) -> Checked {
    let mut http = HttpConnector::new_with_resolver(CheckedLookup { lookup, policy });
    http.enforce_http(false);
    // Small writes would wait for an acknowledgement that is delayed by 40 ms.
    http.set_nodelay(true);
    // Divided among the addresses of a name, so that one that does not answer leaves time for
    // the next.
    http.set_connect_timeout(Some(limit));
    http
}

impl Dialler {
    pub(crate) fn new(
        lookup: Arc<dyn Lookup>,
        policy: AddressPolicy,
        literal: Option<IpAddr>,
        limit: Duration,
        proxy: Option<ProxyRoute>,
    ) -> Self {
        let proxy = proxy.map(|route| {
            let policy = AddressPolicy {
                origin: route.proxy.origin().to_owned(),
                port: route.proxy.port(),
                // The option grants its address, to this use alone.
                grant: Grant::Private,
                sample_only: false,
                own: route.own,
            };
            let http = http_connector(Arc::clone(&lookup), policy.clone(), limit);
            ProxyDialler {
                connector: HttpsConnector::from((http, route.tls)),
                proxy: route.proxy,
                policy,
            }
        });
        Self {
            direct: http_connector(Arc::clone(&lookup), policy.clone(), limit),
            target: Target {
                policy,
                literal,
                lookup,
            },
            proxy,
        }
    }
}

impl Target {
    /// Whether this connection goes through the proxy.
    ///
    /// # Errors
    /// If the origin may not be called, as far as that is known without the proxy.
    async fn goes_through(&self, proxy: &EgressProxy, host: &str) -> Result<bool, CallFailure> {
        let policy = &self.policy;
        if policy.sample_only || proxy.excepts(host, self.literal, policy.port) {
            return Ok(false);
        }
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let literal = match host == "localhost" || host.ends_with(".localhost") {
            // To the proxy it would be the proxy's own machine.
            true => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            false => self.literal,
        };
        if let Some(address) = literal {
            policy.check(address)?;
            let kind = address_kind::kind(address_kind::canonical(address));
            return Ok(kind == Kind::Public);
        }
        if policy.grant == Grant::None {
            return Ok(true);
        }
        // A name that cannot be looked up here is left to the proxy.
        let found = self.lookup.addresses(&host).await.unwrap_or_default();
        let is_outside = |address: &IpAddr| {
            address_kind::kind(address_kind::canonical(*address)) == Kind::Public
        };
        Ok(found.iter().all(is_outside))
    }
}

impl Service<Uri> for Dialler {
    type Response = Dialled;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Dialled, BoxError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // Those that it is made of are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self {
            mut direct,
            target,
            proxy,
        } = self.clone();
        Box::pin(async move {
            if let Some(mut proxy) = proxy
                && target
                    .goes_through(&proxy.proxy, uri.host().unwrap_or_default())
                    .await?
            {
                return Ok(proxy.tunnel(&uri, &target.policy.origin).await?);
            }
            if let Some(address) = target.literal {
                target.policy.check(address)?;
            }
            let stream = direct.call(uri).await?;
            check_peer(&target.policy, &stream)?;
            Ok(MaybeHttpsStream::Http(stream))
        })
    }
}

/// Only checked addresses were dialled, so this never differs; if it ever did, nothing would be sent.
fn check_peer(policy: &AddressPolicy, stream: &TokioIo<TcpStream>) -> Result<(), CallFailure> {
    let mut extras = http::Extensions::new();
    stream.connected().get_extras(&mut extras);
    match extras.get::<HttpInfo>() {
        Some(info) => policy.check(info.remote_addr().ip()),
        None => Ok(()),
    }
}

impl ProxyDialler {
    /// A connection to the origin through the proxy. `hyper-util` has a tunnel too, which takes port 443 for
    /// `http://` and does not say what the proxy answered.
    async fn tunnel(&mut self, uri: &Uri, origin: &str) -> Result<Dialled, CallFailure> {
        if let Some(address) = self.proxy.literal() {
            self.policy.check(address)?;
        }
        let connecting = self.connector.call(self.proxy.uri().clone()).await;
        let stream = connecting.map_err(|error| self.unreachable(error))?;
        let mut stream = TokioIo::new(stream);
        let failed = |what: &str| {
            CallFailure::new(
                FailureKind::ConnectFailed,
                format!("The egress proxy {} {what} {origin}.", self.proxy.origin()),
            )
        };
        let closed = |_| failed("closed the connection when it was asked for");
        let request = self.request(uri);
        stream.write_all(&request).await.map_err(closed)?;
        stream.flush().await.map_err(closed)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == MAX_HEAD {
                return Err(failed(
                    "answered with too many headers when it was asked for",
                ));
            }
            // One at a time: what follows the head belongs to the origin.
            head.push(stream.read_u8().await.map_err(closed)?);
        }
        let status = head
            .strip_prefix(b"HTTP/1.")
            .and_then(|rest| rest.get(2..5))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| digits.parse::<u16>().ok());
        match status {
            Some(200..=299) => Ok(stream.into_inner()),
            // tinyproxy refuses a wrong password with 401.
            Some(401 | 407) => Err(CallFailure::new(
                FailureKind::ConnectFailed,
                format!(
                    "The egress proxy {} asks for a user and a password, or for others. Set them in WAYPOST_EGRESS_PROXY.",
                    self.proxy.origin()
                ),
            )),
            Some(403) => Err(failed("refused with status 403 to connect to")),
            Some(status) => Err(failed(&format!(
                "answered with status {status} when it was asked to connect to"
            ))),
            None => Err(failed("does not speak HTTP: it gave no connection to")),
        }
    }

    fn request(&self, uri: &Uri) -> Vec<u8> {
        let host = uri.host().unwrap_or_default();
        let usual = match uri.scheme_str() {
            Some("http") => 80,
            _ => 443,
        };
        let port = uri.port_u16().unwrap_or(usual);
        let mut request =
            format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
        if let Some(authorization) = self.proxy.authorization() {
            request.extend_from_slice(b"Proxy-Authorization: ");
            request.extend_from_slice(authorization.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        request
    }

    fn unreachable(&self, error: BoxError) -> CallFailure {
        let failure = failure::explain_dial(self.proxy.origin(), error);
        let message = failure.message.replace("the base URL", "--egress-proxy");
        CallFailure::new(
            failure.kind,
            format!("The egress proxy does not answer. {message}"),
        )
    }
}
