//! Calls through an egress proxy: a real tinyproxy, and where a fault or a name is needed a mock.

use super::*;
use crate::test_support::{SecureListener, serve};
use crate::{Access, EgressProxy, OutgoingRequest, PoolLimits, RequestBody, ServiceSettings};
use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

const SETTINGS: ServiceSettings = ServiceSettings {
    address: "--service",
    authorities: "--authorities",
};

/// A mock of a proxy. It connects every name to one address, because no test can make a public name lead
/// to this machine, or answers as a test says.
struct MockProxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
enum Does {
    ConnectsTo(SocketAddr),
    Answers(&'static [u8]),
    Nothing,
}

impl MockProxy {
    async fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (does, kept) = (does.clone(), Arc::clone(&kept));
                tokio::spawn(async move { Self::handle(stream, does, &kept).await });
            }
        });
        Self { address, heads }
    }

    async fn handle(mut stream: TcpStream, does: Does, heads: &Mutex<Vec<String>>) -> Option<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        heads.lock().unwrap().push(String::from_utf8(head).unwrap());
        match does {
            Does::ConnectsTo(address) => {
                let mut upstream = TcpStream::connect(address).await.ok()?;
                let answer = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 mock\r\n\r\n";
                stream.write_all(answer).await.ok()?;
                copy_bidirectional(&mut stream, &mut upstream).await.ok()?;
            }
            Does::Answers(bytes) => stream.write_all(bytes).await.ok()?,
            Does::Nothing => drop(stream.read_u8().await),
        }
        Some(())
    }

    fn named(&self, except: &[&str]) -> EgressProxy {
        let except: Vec<String> = except.iter().map(|text| (*text).to_owned()).collect();
        EgressProxy::parse(&format!("http://us%65r:hunter2@{}", self.address), &except).unwrap()
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// What it was asked to connect to.
    fn asked(&self) -> Vec<String> {
        let first = |head: &String| head.split("\r\n").next().unwrap().to_owned();
        self.heads().iter().map(first).collect()
    }
}

fn parsed(base: &str) -> BaseUrl {
    BaseUrl::parse(base).unwrap()
}

fn post() -> OutgoingRequest {
    OutgoingRequest {
        method: Method::POST,
        path_and_query: "/v1/x".parse().unwrap(),
        headers: HeaderMap::new(),
        body: RequestBody::new([Bytes::from_static(b"{}"), Bytes::new(), Bytes::new()]),
    }
}

async fn send_pooled(egress: &Egress, base: &BaseUrl, granted: bool) -> Result<u16, CallFailure> {
    let pool = egress.upstream_pool(PoolLimits::default());
    let answer = pool.send(base, Access::new(granted), post()).await?;
    let status = answer.status().as_u16();
    let _ = answer.into_body().collect().await;
    Ok(status)
}

#[tokio::test]
async fn names_go_through_the_proxy_and_are_not_looked_up() {
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let proxy = MockProxy::start(Does::ConnectsTo(upstream.address)).await;
    let names = Names::in_turn(&[&["10.0.0.1"]]);
    let egress = TestEgress::new().names(&names).through(proxy.named(&[]));
    let egress = egress.client();
    // Discovery, with the scheme's own port, and forwarding.
    assert!(
        get(&egress, &parsed("http://models.example/v1"), false)
            .await
            .is_ok()
    );
    let base = parsed("http://models.example:8080/v1");
    assert_eq!(send_pooled(&egress, &base, false).await, Ok(200));
    assert_eq!(
        proxy.asked(),
        [
            "CONNECT models.example:80 HTTP/1.1",
            "CONNECT models.example:8080 HTTP/1.1"
        ]
    );
    assert_eq!(names.asked(), 0, "the proxy finds the address");
    for head in proxy.heads() {
        assert!(head.contains("\r\nProxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n"));
    }
    // Of the proxy the upstream sees nothing.
    for received in upstream.received() {
        assert_eq!(received.header("proxy-authorization"), None);
        assert!(received.target.starts_with("/v1/"), "{}", received.target);
    }
}

#[tokio::test]
async fn https_is_end_to_end() {
    let secure = SecureListener::start(&["models.example"], &["http/1.1"]).await;
    let address = SocketAddr::from(([127, 0, 0, 1], secure.port()));
    let proxy = MockProxy::start(Does::ConnectsTo(address)).await;
    let egress = TestEgress::new().trusting(secure.certificate());
    let egress = egress.through(proxy.named(&[])).client();
    let served = tokio::spawn(async move {
        for _ in 0..2 {
            let stream = secure.accept().await;
            let answer = |_: &crate::test_support::Received| Reply::json(200, "[]");
            serve(stream, &answer, &Mutex::default()).await;
        }
    });
    assert!(
        get(&egress, &parsed("https://models.example/v1"), false)
            .await
            .is_ok()
    );
    let base = parsed("https://models.example:8443/v1");
    assert_eq!(send_pooled(&egress, &base, false).await, Ok(200));
    assert_eq!(
        proxy.asked(),
        [
            "CONNECT models.example:443 HTTP/1.1",
            "CONNECT models.example:8443 HTTP/1.1"
        ]
    );
    served.await.unwrap();
    // The certificate is still the origin's.
    let wrong = parsed("https://other.example/v1");
    let secure = SecureListener::start(&["models.example"], &["http/1.1"]).await;
    let address = SocketAddr::from(([127, 0, 0, 1], secure.port()));
    let proxy = MockProxy::start(Does::ConnectsTo(address)).await;
    let egress = TestEgress::new().trusting(secure.certificate());
    let egress = egress.through(proxy.named(&[])).client();
    let accepting = tokio::spawn(async move { secure.accept().await });
    let (kind, message) = failed(get(&egress, &wrong, false).await);
    accepting.abort();
    assert_eq!(kind, FailureKind::TlsFailed, "{message}");
}

#[tokio::test]
async fn literal_addresses_and_metadata_names_are_checked_before_the_proxy_is_asked() {
    let proxy = MockProxy::start(Does::Answers(b"HTTP/1.1 200 OK\r\n\r\n")).await;
    let egress = TestEgress::new().through(proxy.named(&[])).client();
    for (host, granted) in [
        ("127.0.0.1", false),
        ("10.0.0.5", false),
        ("[::1]", false),
        ("localhost", false),
        ("LOCALHOST", false),
        ("models.localhost", false),
        ("169.254.169.254", true),
        ("[fd00:ec2::254]", false),
        ("metadata.google.internal", true),
        ("instance-data", true),
    ] {
        let base = BaseUrl::parse(&format!("http://{host}:8080/v1")).unwrap();
        let (kind, message) = failed(get(&egress, &base, granted).await);
        assert_eq!(kind, FailureKind::AddressNotAllowed, "{host}: {message}");
        let failure = send_pooled(&egress, &base, granted).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::AddressNotAllowed, "{host}");
    }
    assert_eq!(proxy.asked(), [""; 0]);
}

#[tokio::test]
async fn granted_private_origins_go_direct() {
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let proxy = MockProxy::start(Does::ConnectsTo(upstream.address)).await;
    let private = Names::in_turn(&[&["127.0.0.1"]]);
    let egress = TestEgress::new().names(&private).through(proxy.named(&[]));
    let egress = egress.client();
    let port = upstream.address.port();
    for host in ["127.0.0.1", "localhost", "gateway.internal"] {
        let base = parsed(&format!("http://{host}:{port}/v1"));
        assert!(get(&egress, &base, true).await.is_ok(), "{host}");
        assert_eq!(send_pooled(&egress, &base, true).await, Ok(200), "{host}");
        let service = egress.service(&base, SETTINGS, None).unwrap();
        assert_eq!(service.send(post()).await.unwrap().status, 200, "{host}");
    }
    assert_eq!(proxy.asked(), [""; 0]);
    // A grant for an address outside, or for one that only the proxy finds, is no way around it.
    for answer in [&["192.0.2.7", "198.51.100.7"][..], &["8.8.8.8"], &[]] {
        let outside = Names::in_turn(&[answer]);
        let egress = TestEgress::new().names(&outside).through(proxy.named(&[]));
        let egress = egress.limits(|limits| limits.connect = Duration::from_millis(300));
        let egress = egress.client();
        let base = parsed("http://collector.example:4318/v1");
        let is_public = answer != ["192.0.2.7", "198.51.100.7"];
        let before = proxy.asked().len();
        let service = egress.service(&base, SETTINGS, None).unwrap();
        let sent = service.send(post()).await;
        assert_eq!(proxy.asked().len() > before, is_public, "{answer:?}");
        assert_eq!(sent.is_ok(), is_public, "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_excepted_is_looked_up_and_checked_as_without_a_proxy() {
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let proxy = MockProxy::start(Does::ConnectsTo(upstream.address)).await;
    let names = Names::in_turn(&[&["127.0.0.1"]]);
    let egress = TestEgress::new().names(&names);
    let egress = egress.through(proxy.named(&["models.internal"])).client();
    let base = parsed(&format!(
        "http://lab.models.internal:{}/v1",
        upstream.address.port()
    ));
    assert!(get(&egress, &base, true).await.is_ok());
    let (kind, _) = failed(get(&egress, &base, false).await);
    assert_eq!(kind, FailureKind::AddressNotAllowed);
    assert_eq!(names.asked(), 2);
    assert_eq!(proxy.asked(), [""; 0]);
}

#[tokio::test]
async fn the_proxy_itself_may_be_private_and_nothing_worse() {
    let own = Tripwire::on("127.0.0.1");
    for (address, own) in [
        (
            "169.254.169.254:3128".to_owned(),
            "127.0.0.1:1".parse().unwrap(),
        ),
        (own.address.to_string(), own.address),
    ] {
        let proxy = EgressProxy::parse(&format!("http://{address}"), &[]).unwrap();
        let egress = TestEgress::new().listening_at(own).through(proxy).client();
        let (kind, message) =
            failed(get(&egress, &parsed("http://models.example/v1"), false).await);
        assert_eq!(kind, FailureKind::AddressNotAllowed, "{message}");
    }
    own.assert_untouched("its own listener as a proxy");
}

#[tokio::test]
async fn a_proxy_may_speak_tls() {
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let secure = SecureListener::start(&["proxy.example"], &["http/1.1"]).await;
    let proxy = format!("https://proxy.example:{}", secure.port());
    let egress = TestEgress::new().names(&Names::in_turn(&[&["127.0.0.1"]]));
    let egress = egress.trusting(secure.certificate());
    let egress = egress
        .through(EgressProxy::parse(&proxy, &[]).unwrap())
        .client();
    let to = upstream.address;
    let serving = tokio::spawn(async move {
        let mut stream = secure.accept().await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let mut upstream = TcpStream::connect(to).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut upstream).await;
        head
    });
    assert!(
        get(&egress, &parsed("http://models.example/v1"), false)
            .await
            .is_ok()
    );
    let head = serving.await.unwrap();
    assert!(head.starts_with(b"CONNECT models.example:80 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_proxy_that_fails_is_named_without_its_password() {
    let filled = Box::leak(Box::new([b'x'; 9000]));
    filled[..12].copy_from_slice(b"HTTP/1.1 200");
    for (does, words) in [
        (
            Does::Answers(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
            "WAYPOST_EGRESS_PROXY",
        ),
        (
            Does::Answers(b"HTTP/1.1 403 Filtered\r\n\r\n"),
            "refused with status 403",
        ),
        (
            Does::Answers(b"HTTP/1.0 502 Bad Gateway\r\nX: y\r\n\r\n"),
            "answered with status 502",
        ),
        (
            Does::Answers(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
            "does not speak HTTP",
        ),
        (Does::Answers(b"HTTP/1.1 200"), "closed the connection"),
        (Does::Answers(filled), "too many headers"),
        (Does::Nothing, "did not accept a connection"),
    ] {
        let proxy = MockProxy::start(does).await;
        let egress = TestEgress::new().limits(|limits| limits.connect = Duration::from_millis(300));
        let egress = egress.through(proxy.named(&[])).client();
        let (kind, message) =
            failed(get(&egress, &parsed("http://models.example/v1"), false).await);
        assert!(message.contains(words), "{message}");
        assert!(
            !message.contains("hunter2") && !message.contains("user:"),
            "{message}"
        );
        let expected = match words {
            "did not accept a connection" => FailureKind::Timeout,
            _ => {
                assert!(message.contains(&proxy.address.to_string()), "{message}");
                FailureKind::ConnectFailed
            }
        };
        assert_eq!(kind, expected, "{message}");
    }
    let down = Tripwire::on("127.0.0.1").address;
    let proxy = EgressProxy::parse(&format!("http://user:hunter2@{down}"), &[]).unwrap();
    let egress = TestEgress::new().through(proxy).client();
    let base = parsed("https://models.example/v1");
    let failure = send_pooled(&egress, &base, false).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ConnectFailed);
    let message = failure.message;
    assert!(
        message.contains("host and port of --egress-proxy"),
        "{message}"
    );
    assert!(!message.contains("hunter2"), "{message}");
}

/// A real proxy, which asks for a password and finds the addresses of names itself.
struct Tinyproxy {
    port: u16,
    folder: tempfile::TempDir,
    child: Child,
}

impl Tinyproxy {
    async fn start() -> Self {
        let free = Tripwire::on("127.0.0.1").address.port();
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let file = folder.path().join("tinyproxy.conf");
        let configuration = format!(
            "Port {free}\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nBasicAuth user hunter2\n\
             LogLevel Connect\nLogFile \"{}\"\nMaxClients 20\n",
            log.display()
        );
        std::fs::write(&file, configuration).unwrap();
        let child = Command::new("/usr/bin/tinyproxy")
            .arg("-d")
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tinyproxy is installed: `cargo xtask test` does that");
        let tinyproxy = Self {
            port: free,
            folder,
            child,
        };
        let mut tries = 0;
        while TcpStream::connect(("127.0.0.1", free)).await.is_err() {
            tries += 1;
            assert!(tries < 500, "tinyproxy does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tinyproxy
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_real_proxy_finds_the_address_of_a_name_and_checks_the_password() {
    let tinyproxy = Tinyproxy::start().await;
    // The one name besides localhost that leads to this machine wherever the test runs.
    let name = Command::new("hostname").output().unwrap().stdout;
    let name = String::from_utf8(name).unwrap().trim().to_ascii_lowercase();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = |_: &crate::test_support::Received| Reply::json(200, "[]");
            serve(stream, &answer, &Mutex::default()).await;
        }
    });
    let base = parsed(&format!("http://{name}:{port}/v1"));
    let through = |password: &str| {
        let url = format!("http://user:{password}@127.0.0.1:{}", tinyproxy.port);
        TestEgress::new()
            .names(&Names::in_turn(&[&[]]))
            .through(EgressProxy::parse(&url, &[]).unwrap())
            .client()
    };
    let egress = through("hunter2");
    assert!(get(&egress, &base, false).await.is_ok());
    assert_eq!(send_pooled(&egress, &base, false).await, Ok(200));
    let asked = format!("CONNECT {name}:{port} HTTP/1.1");
    assert_eq!(
        tinyproxy.log().matches(&asked).count(),
        2,
        "{}",
        tinyproxy.log()
    );
    let (kind, message) = failed(get(&through("wrong"), &base, false).await);
    assert_eq!(kind, FailureKind::ConnectFailed);
    assert!(message.contains("WAYPOST_EGRESS_PROXY"), "{message}");
    // A name that the proxy does not find.
    let nowhere = parsed("http://nowhere.invalid/v1");
    let (kind, message) = failed(get(&egress, &nowhere, false).await);
    assert_eq!(kind, FailureKind::ConnectFailed);
    assert!(message.contains("answered with status"), "{message}");
}
