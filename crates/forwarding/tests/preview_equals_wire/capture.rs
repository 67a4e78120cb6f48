//! An upstream that keeps every byte of its requests.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A request as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wire {
    /// The request line.
    pub(crate) line: String,
    /// The values of each header.
    pub(crate) headers: BTreeMap<String, Vec<String>>,
    /// The body.
    pub(crate) body: String,
}

/// The upstream.
pub(crate) struct Capture {
    pub(crate) address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Wire>,
}

impl Capture {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, seen.clone()));
            }
        });
        Self { address, requests }
    }

    /// The requests since the last time. They are kept before they are answered.
    pub(crate) fn received(&mut self) -> Vec<Wire> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }
}

async fn serve(mut stream: TcpStream, seen: mpsc::UnboundedSender<Wire>) {
    let mut bytes = Vec::new();
    loop {
        while let Some((wire, length)) = request(&bytes) {
            bytes.drain(..length);
            if seen.send(wire).is_err() {
                return;
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            if stream.write_all(answer).await.is_err() {
                return;
            }
        }
        match stream.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// The request at the beginning of these bytes, and how long it is, once it is complete.
fn request(bytes: &[u8]) -> Option<(Wire, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.trim_end_matches("\r\n").split("\r\n");
    let line = lines.next().unwrap().to_owned();
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for header in lines {
        let (name, value) = header.split_once(": ").unwrap();
        headers
            .entry(name.to_owned())
            .or_default()
            .push(value.to_owned());
    }
    let length: usize = headers["content-length"][0].parse().unwrap();
    let body = bytes.get(end..end + length)?;
    let wire = Wire {
        line,
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    Some((wire, end + length))
}
