//! The proxy that an operator option names for outbound calls, and what does not go through it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use std::net::IpAddr;
use std::sync::Arc;
use url::{Host, Url};

/// What an exception is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// A name and every name below it.
    Name(String),
    /// The addresses that begin with so many bits of this one.
    Network(IpAddr, u8),
}

/// One entry of `--no-proxy`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exception {
    place: Place,
    port: Option<u16>,
}

/// A proxy for outbound calls. It may hold a password, so nothing prints it. Clones share it.
#[derive(Clone)]
pub struct EgressProxy(Arc<Inner>);

struct Inner {
    /// Without the user and the password.
    uri: Uri,
    origin: String,
    port: u16,
    literal: Option<IpAddr>,
    authorization: Option<HeaderValue>,
    exceptions: Vec<Exception>,
}

impl EgressProxy {
    /// Reads the URL of a proxy, `http://user:password@host:port` or the same with https, and what is
    /// called without it.
    ///
    /// # Errors
    /// If one of them is malformed. No message repeats the URL.
    pub fn parse(url: &str, exceptions: &[String]) -> Result<Self, String> {
        const EXPECTED: &str = "expected the URL of a proxy, such as http://proxy.example:3128";
        let url = Url::parse(url.trim()).map_err(|_| EXPECTED.to_owned())?;
        let is_plain = matches!(url.path(), "" | "/") && url.query().is_none();
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(EXPECTED.to_owned());
        };
        if !matches!(url.scheme(), "http" | "https") || !is_plain || url.fragment().is_some() {
            return Err(EXPECTED.to_owned());
        }
        let origin = url.origin().ascii_serialization();
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        Ok(Self(Arc::new(Inner {
            uri: format!("{origin}/")
                .parse()
                .map_err(|_| EXPECTED.to_owned())?,
            origin,
            port,
            literal,
            authorization: authorization(&url)?,
            exceptions: exceptions
                .iter()
                .map(|text| exception(text.trim()))
                .collect::<Result<_, _>>()?,
        })))
    }

    /// Its scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// Whether requests to it carry a user and a password.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        self.0.authorization.is_some()
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.0.uri
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.uri.scheme() == Some(&http::uri::Scheme::HTTPS)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    /// The address that its URL contains, if it contains one instead of a name.
    pub(crate) fn literal(&self) -> Option<IpAddr> {
        self.0.literal
    }

    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.0.authorization.as_ref()
    }

    /// Whether a host is called without the proxy because an option says so. Names are compared as they
    /// are written: none is looked up.
    pub(crate) fn excepts(&self, host: &str, literal: Option<IpAddr>, port: u16) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.0.exceptions.iter().any(|exception| {
            let is_port = exception.port.is_none_or(|wanted| wanted == port);
            is_port
                && match (&exception.place, literal) {
                    (Place::Name(name), None) => host
                        .strip_suffix(name.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
                    (Place::Network(network, bits), Some(address)) => {
                        is_in(address.to_canonical(), *network, *bits)
                    }
                    _ => false,
                }
        })
    }
}

/// The header with the user and the password of a URL.
fn authorization(url: &Url) -> Result<Option<HeaderValue>, String> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let mut pair: Vec<u8> = percent_decode_str(url.username()).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    let text = format!("Basic {}", STANDARD.encode(pair));
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| "the user or the password of the proxy cannot be sent".to_owned())?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn exception(text: &str) -> Result<Exception, String> {
    let wrong = || {
        format!(
            "`{text}` is no host, address or network. Examples: models.internal, 10.0.0.0/8, gateway.example:8443"
        )
    };
    if let Some((network, bits)) = text.split_once('/') {
        let network: IpAddr = network.parse().map_err(|_| wrong())?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        let bits: u8 = bits.parse().map_err(|_| wrong())?;
        if bits > most {
            return Err(wrong());
        }
        return Ok(Exception {
            place: Place::Network(network, bits),
            port: None,
        });
    }
    let whole = |address: IpAddr| Place::Network(address, if address.is_ipv4() { 32 } else { 128 });
    if let Ok(address) = text.trim_matches(['[', ']']).parse() {
        return Ok(Exception {
            place: whole(address),
            port: None,
        });
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().map_err(|_| wrong())?)),
        None => (text, None),
    };
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return Ok(Exception {
            place: whole(address),
            port,
        });
    }
    let name = host.strip_prefix("*.").unwrap_or(host);
    let name = name.trim_matches('.').to_ascii_lowercase();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_name) {
        return Err(wrong());
    }
    Ok(Exception {
        place: Place::Name(name),
        port,
    })
}

fn is_in(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let differing = u32::from(address) ^ u32::from(network);
            differing.leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let differing = u128::from(address) ^ u128::from(network);
            differing.leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excepting(list: &[&str]) -> EgressProxy {
        let list: Vec<String> = list.iter().map(|text| (*text).to_owned()).collect();
        EgressProxy::parse("http://proxy.example:3128", &list).unwrap()
    }

    fn excepts(proxy: &EgressProxy, host: &str, port: u16) -> bool {
        proxy.excepts(host, host.parse().ok(), port)
    }

    #[test]
    fn a_proxy_has_an_origin_and_may_have_credentials() {
        let proxy = EgressProxy::parse("https://us%40er:p%3Ass@Proxy.example/", &[]).unwrap();
        assert_eq!(proxy.origin(), "https://proxy.example");
        assert_eq!((proxy.port(), proxy.is_https()), (443, true));
        assert!(proxy.has_credentials());
        let sent = proxy.authorization().unwrap();
        assert!(sent.is_sensitive());
        assert_eq!(sent, &format!("Basic {}", STANDARD.encode("us@er:p:ss")));
        assert!(!excepting(&[]).has_credentials());
    }

    #[test]
    fn a_malformed_proxy_is_refused_without_its_text() {
        for url in [
            "",
            "proxy.example:3128",
            "socks5://user:hunter2@proxy.example",
            "http://user:hunter2@proxy.example/path",
            "http://user:hunter2@proxy.example?x=1",
            "http://user:hunter2@",
        ] {
            let message = EgressProxy::parse(url, &[]).err().unwrap();
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn names_networks_and_ports_are_excepted() {
        let proxy = excepting(&[
            "internal.example",
            "*.corp",
            ".lab",
            "gateway.example:8443",
            "10.0.0.0/8",
            "192.0.2.7:4000",
            "fd00::/8",
        ]);
        for (host, port) in [
            ("internal.example", 443),
            ("A.Internal.example.", 443),
            ("models.corp", 80),
            ("x.lab", 80),
            ("gateway.example", 8443),
            ("10.200.3.4", 443),
            ("192.0.2.7", 4000),
            ("fd12::1", 443),
        ] {
            assert!(excepts(&proxy, host, port), "{host}:{port}");
        }
        for (host, port) in [
            ("notinternal.example", 443),
            ("example", 443),
            ("gateway.example", 443),
            ("11.0.0.1", 443),
            ("192.0.2.7", 443),
            ("fe00::1", 443),
        ] {
            assert!(!excepts(&proxy, host, port), "{host}:{port}");
        }
        for wrong in [
            "",
            "*",
            "a b",
            "10.0.0.0/33",
            "10.0.0/8",
            "host:port",
            "a/b",
        ] {
            let list = [wrong.to_owned()];
            assert!(
                EgressProxy::parse("http://p.example", &list).is_err(),
                "{wrong}"
            );
        }
    }
}
