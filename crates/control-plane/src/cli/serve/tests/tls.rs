//! Waypost's own TLS: the handshake, the version of HTTP that is agreed on, and certificates that change.

use super::listener::{LIMITS, in_no_time};
use super::secure::{SecureServer, files, write_pair};
use crate::cli::serve::tls::ServerTls;
use axum::Router;
use axum::routing::get;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

fn router() -> Router {
    Router::new().route("/api/quick", get(async || "quick\n"))
}

#[tokio::test(start_paused = true)]
async fn a_client_without_http2_speaks_http1() {
    let server = SecureServer::start(router()).await;
    for protocols in [&["http/1.1"][..], &[]] {
        let mut stream = server.connect(protocols).await;
        let answer = in_no_time(async {
            let request = b"GET /api/quick HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
            stream.write_all(request).await.unwrap();
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer).await;
            answer
        })
        .await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.ends_with("quick\n"), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_of_http2_gets_it() {
    let server = SecureServer::start(router()).await;
    let stream = server.connect(&["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_does_not_end_is_given_up() {
    let server = SecureServer::start(router()).await;
    for begun in [&b""[..], b"\x16\x03\x01"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(begun).await.unwrap();
        let before = Instant::now();
        assert_eq!(stream.read(&mut [0; 64]).await.unwrap_or_default(), 0);
        assert_eq!(before.elapsed().as_secs(), LIMITS.head.as_secs());
    }
    // What is no TLS at all ends at once.
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let before = Instant::now();
    let mut rest = Vec::new();
    let _ = in_no_time(stream.read_to_end(&mut rest)).await;
    assert!(before.elapsed() < Duration::from_secs(1));
    assert!(!rest.starts_with(b"HTTP"));
}

/// Waits until a new connection sees this certificate.
async fn until_served(server: &SecureServer, certificate: &[u8]) {
    for _ in 0..600 {
        if server.connect_trusting(certificate, &[]).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the new certificate is not served");
}

#[tokio::test]
async fn a_new_certificate_is_used_and_a_bad_pair_keeps_the_old_one() {
    let server = SecureServer::start(router()).await;
    let renewed = write_pair(server.folder.path());
    until_served(&server, &renewed).await;
    let old = server.connect_trusting(&server.certificate, &[]).await;
    assert!(old.is_err(), "the first one is replaced");
    // A key that is not the certificate's, as between the replacing of the two.
    let other = tempfile::tempdir().unwrap();
    write_pair(other.path());
    let replace = |name: &str, content: &[u8]| {
        // As a renewing program does it: a new file in the place of the old one.
        let new = server.folder.path().join(format!("{name}.new"));
        std::fs::write(&new, content).unwrap();
        std::fs::rename(new, server.folder.path().join(name)).unwrap();
    };
    let tls = ServerTls::open(files(server.folder.path())).unwrap();
    let before = tls.config();
    for (name, content) in [
        (
            "tls.key",
            std::fs::read(other.path().join("tls.key")).unwrap(),
        ),
        ("tls.key", b"nothing".to_vec()),
        ("tls.crt", b"nothing".to_vec()),
    ] {
        replace(name, &content);
        tls.read_again();
        assert!(std::sync::Arc::ptr_eq(&before, &tls.config()), "{name}");
        assert!(
            ServerTls::open(files(server.folder.path())).is_err(),
            "{name}"
        );
        assert!(
            server.connect_trusting(&renewed, &[]).await.is_ok(),
            "{name}"
        );
    }
    std::fs::remove_file(server.folder.path().join("tls.crt")).unwrap();
    tls.read_again();
    assert!(std::sync::Arc::ptr_eq(&before, &tls.config()));
    let last = write_pair(server.folder.path());
    until_served(&server, &last).await;
    tls.read_again();
    assert!(!std::sync::Arc::ptr_eq(&before, &tls.config()));
}

#[test]
fn a_pair_that_cannot_be_used_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let fails = |words: &str| {
        let message = ServerTls::open(files(folder.path())).err().unwrap();
        assert!(message.contains(words), "{message}");
        assert!(!message.contains("PRIVATE"), "{message}");
    };
    fails("cannot read");
    write_pair(folder.path());
    let key = std::fs::read(folder.path().join("tls.key")).unwrap();
    std::fs::write(folder.path().join("tls.crt"), &key).unwrap();
    fails("tls.crt has no certificate");
    write_pair(folder.path());
    std::fs::write(folder.path().join("tls.key"), "").unwrap();
    fails("tls.key has no private key");
    std::fs::write(folder.path().join("tls.key"), &key).unwrap();
    fails("is not the key of the certificate");
}
