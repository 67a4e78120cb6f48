//! https: trusted certificates, their names, and the messages of failures.

use super::*;
use crate::test_support::{self_signed, serve};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// An upstream behind TLS, with a self-signed certificate.
struct Secure {
    address: SocketAddr,
    certificate: Vec<u8>,
    /// The name that each client asked for, and the host header it then sent.
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Secure {
    async fn start(name: &str) -> Self {
        let (config, certificate) = self_signed(&[name]);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that does not trust the certificate breaks off here.
                let Ok(stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let asked = stream.get_ref().1.server_name().unwrap_or("").to_owned();
                let kept = Arc::clone(&kept);
                let answer = move |request: &crate::test_support::Received| {
                    let host = request.header("host").unwrap_or("").to_owned();
                    kept.lock().unwrap().push((asked.clone(), host));
                    Reply::json(200, "[]")
                };
                serve(stream, &answer, &Mutex::default()).await;
            }
        });
        Self {
            address,
            certificate,
            seen,
        }
    }

    fn base(&self, name: &str) -> BaseUrl {
        BaseUrl::parse(&format!("https://{name}:{}/v1", self.address.port())).unwrap()
    }
}

fn on_loopback() -> TestEgress {
    TestEgress::new().names(&Names::in_turn(&[&["127.0.0.1"]]))
}

#[tokio::test]
async fn the_name_goes_into_the_handshake_and_the_host_header() {
    let secure = Secure::start("models.example.com").await;
    let egress = on_loopback().trusting(secure.certificate.clone()).client();
    let base = secure.base("models.example.com");
    assert_eq!(get(&egress, &base, true).await.ok().unwrap().status, 200);
    let port = secure.address.port();
    assert_eq!(
        *secure.seen.lock().unwrap(),
        [(
            "models.example.com".to_owned(),
            format!("models.example.com:{port}")
        )]
    );
}

#[tokio::test]
async fn a_certificate_without_a_known_signer_is_not_trusted() {
    let secure = Secure::start("models.example.com").await;
    let other = Secure::start("other.example.com").await;
    let egress = on_loopback().trusting(other.certificate).client();
    let base = secure.base("models.example.com");
    let (outcome, message) =
        failed(get_with(&egress, &base, true, &[("authorization", "Bearer sk-1")]).await);
    assert_eq!(outcome, FailureKind::TlsFailed);
    assert!(
        message.contains("an authority that this machine does not trust"),
        "{message}"
    );
    assert!(
        secure.seen.lock().unwrap().is_empty(),
        "no request was sent"
    );
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let secure = Secure::start("models.example.com").await;
    let egress = on_loopback().trusting(secure.certificate.clone()).client();
    let (outcome, message) = failed(get(&egress, &secure.base("gateway.example.com"), true).await);
    assert_eq!(outcome, FailureKind::TlsFailed);
    assert!(
        message.contains("its certificate is for another name"),
        "{message}"
    );
}

#[tokio::test]
async fn plain_http_behind_https_is_said() {
    let upstream = Upstream::always(Reply::json(400, "{}")).await;
    let base = format!("https://{}/v1", upstream.address);
    let secure = Secure::start("unused.example").await;
    let egress = TestEgress::new().trusting(secure.certificate).client();
    // A server that answers a handshake in plain text, and one that just hangs up.
    for _ in 0..2 {
        let (outcome, message) = failed(get(&egress, &BaseUrl::parse(&base).unwrap(), true).await);
        assert_eq!(outcome, FailureKind::TlsFailed);
        assert!(message.contains("http://"), "{message}");
    }
}

/// The system's own certificates are read, and none of them signed this one.
#[tokio::test]
async fn the_systems_certificates_are_what_counts_outside_of_tests() {
    let secure = Secure::start("models.example.com").await;
    let egress = on_loopback().client();
    let (outcome, message) = failed(get(&egress, &secure.base("models.example.com"), true).await);
    assert_eq!(outcome, FailureKind::TlsFailed, "{message}");
}
