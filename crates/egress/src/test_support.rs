//! Upstreams for tests: real sockets on loopback that answer as a test says and remember what
//! they were asked.

#![allow(clippy::unwrap_used, reason = "a fixture that fails fails its test")]

mod secure;

pub use secure::SecureListener;
#[cfg(test)]
pub(crate) use secure::self_signed;

use crate::address_policy::OwnListeners;
use crate::client::{Egress, Inner};
use crate::egress_proxy::EgressProxy;
use crate::limits::Limits;
use crate::resolver::{Addresses, Lookup, SystemLookup};
use std::net::{IpAddr, SocketAddr, TcpListener as BlockingListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpListener;
use waypost_routing::base_url::BaseUrl;

/// A request as it came in.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, where its length was given.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What an upstream does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// These bytes, and the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing while the other side stays.
    Stall(Vec<u8>),
    /// These bytes, and then this one again and again.
    Drip(Vec<u8>, u8, Duration),
    /// These bytes, and then blocks of a kilobyte without end.
    Endless(Vec<u8>),
}

impl Reply {
    /// A whole answer.
    pub fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut head = format!(
            "HTTP/1.1 {status} Words\r\ncontent-length: {}\r\nconnection: close\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Self::Bytes(format!("{head}\r\n{body}").into_bytes())
    }

    /// A whole answer in JSON.
    pub fn json(status: u16, body: &str) -> Self {
        Self::new(status, &[("content-type", "application/json")], body)
    }
}

/// A listening upstream.
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Upstream {
    /// Listens on 127.0.0.1.
    pub async fn start(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let answer = Arc::new(answer);
        let kept = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, kept) = (Arc::clone(&answer), Arc::clone(&kept));
                tokio::spawn(async move { serve(stream, answer.as_ref(), &kept).await });
            }
        });
        Self { address, received }
    }

    /// One that answers everything alike.
    pub async fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    /// Its base URL, with a path behind it.
    pub fn base(&self, path: &str) -> BaseUrl {
        BaseUrl::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// What it was asked so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// Serves one request on a connection.
pub async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &(dyn Fn(&Received) -> Reply + Send + Sync),
    received: &Mutex<Vec<Received>>,
) {
    let mut stream = BufReader::new(stream);
    let Some(request) = read_request(&mut stream).await else {
        return;
    };
    received.lock().unwrap().push(request.clone());
    let reply = answer(&request);
    let (Reply::Bytes(first)
    | Reply::Stall(first)
    | Reply::Drip(first, ..)
    | Reply::Endless(first)) = &reply;
    // The other side may leave at any time, which is what some tests wait for.
    if stream.write_all(first).await.is_err() || stream.flush().await.is_err() {
        return;
    }
    match reply {
        Reply::Bytes(_) => {}
        Reply::Stall(_) => {
            let _ = stream.read_u8().await;
        }
        Reply::Drip(_, byte, pause) => loop {
            tokio::time::sleep(pause).await;
            if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        },
        Reply::Endless(_) => while stream.write_all(&[b' '; 1024]).await.is_ok() {},
    }
    let _ = stream.shutdown().await;
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<Received> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream
            .read_line(&mut line)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut words = lines.first()?.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let headers = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut received = Received {
        method,
        target,
        headers,
        body: Vec::new(),
    };
    if let Some(length) = received.header("content-length") {
        received.body = vec![0; length.parse().ok()?];
        stream.read_exact(&mut received.body).await.ok()?;
    }
    Some(received)
}

/// A listener that must never be reached.
pub struct Tripwire {
    listener: BlockingListener,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Tripwire {
    /// Listens on an address of this machine, at a free port.
    pub fn on(address: &str) -> Self {
        Self::at(SocketAddr::new(address.parse().unwrap(), 0))
    }

    /// Listens on an address and port.
    pub fn at(address: SocketAddr) -> Self {
        let listener = BlockingListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        Self { listener, address }
    }

    /// Fails if anyone has connected. The system completes a connection on loopback before the
    /// other side's `connect` returns, so that none can be on its way.
    pub fn assert_untouched(&self, what: &str) {
        let accepted = self.listener.accept();
        assert_eq!(
            accepted.err().map(|error| error.kind()),
            Some(std::io::ErrorKind::WouldBlock),
            "{what}: a connection was opened"
        );
    }
}

/// A resolver with fixed answers. Each look-up may be answered differently.
pub struct Names {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Names {
    /// Answers with these, one after the other; the last stays.
    pub fn in_turn(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self {
            answers: Mutex::new(answers.iter().rev().map(parse).collect()),
            asked: AtomicUsize::new(0),
        })
    }

    /// How many look-ups there were.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Lookup for Arc<Names> {
    fn addresses(&self, _name: &str) -> Addresses {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.pop().unwrap_or_default()
        } else {
            answers.first().cloned().unwrap_or_default()
        };
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// A guarded client for a test.
pub struct TestEgress {
    inner: Inner,
    dials: Arc<AtomicUsize>,
}

impl Default for TestEgress {
    fn default() -> Self {
        let dials: Arc<AtomicUsize> = Arc::default();
        let inner = Inner {
            own: OwnListeners {
                sample: SocketAddr::from(([127, 0, 0, 1], 1)),
                others: Arc::default(),
            },
            lookup: Arc::new(SystemLookup),
            limits: Limits::default(),
            proxy: None,
            tls: OnceLock::new(),
            trusted: None,
            dials: Arc::clone(&dials),
        };
        Self { inner, dials }
    }
}

impl TestEgress {
    /// With the real limits and the system's resolver; Waypost itself is said to listen on port 1.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With Waypost listening here.
    pub fn listening_at(mut self, address: SocketAddr) -> Self {
        self.inner.own.sample = address;
        self
    }

    /// With names that a test answers.
    pub fn names(mut self, names: &Arc<Names>) -> Self {
        self.inner.lookup = Arc::new(Arc::clone(names));
        self
    }

    /// With a proxy for outbound calls.
    pub fn through(mut self, proxy: EgressProxy) -> Self {
        self.inner.proxy = Some(proxy);
        self
    }

    /// With other limits.
    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.inner.limits);
        self
    }

    /// Giving up early on an answer that does not begin. What does answer must not be called like
    /// this: a busy machine takes its time.
    pub fn impatient(self) -> Self {
        self.limits(|limits| limits.first_byte = Duration::from_millis(300))
    }

    /// Trusting one certificate, given as DER, and no other.
    pub fn trusting(mut self, certificate: Vec<u8>) -> Self {
        self.inner.trusted = Some(certificate);
        self
    }

    /// The client, and how many connections it has begun.
    pub fn build(self) -> (Egress, Arc<AtomicUsize>) {
        (Egress::with(self.inner), self.dials)
    }

    /// The client alone.
    pub fn client(self) -> Egress {
        self.build().0
    }
}
