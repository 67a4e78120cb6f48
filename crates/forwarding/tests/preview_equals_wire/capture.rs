//! An upstream that keeps every byte of its requests, over HTTP/1.1 and, behind TLS, over HTTP/2.

use std::collections::BTreeMap;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use waypost_egress::test_support::SecureListener;

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

/// Where the upstream listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) http: u16,
    pub(crate) https: u16,
}

/// The upstream.
pub(crate) struct Capture {
    pub(crate) ports: Ports,
    pub(crate) certificate: Vec<u8>,
    requests: mpsc::UnboundedReceiver<Wire>,
}

impl Capture {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let secure = SecureListener::start(&["*.upstream.example"], &["h2"]).await;
        let certificate = secure.certificate();
        let ports = Ports {
            http: listener.local_addr().unwrap().port(),
            https: secure.port(),
        };
        let (seen, requests) = mpsc::unbounded_channel();
        let seen_securely = seen.clone();
        tokio::spawn(async move {
            loop {
                let connection = h2::server::handshake(secure.accept().await).await.unwrap();
                tokio::spawn(serve_http2(connection, seen_securely.clone()));
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, seen.clone()));
            }
        });
        Self {
            ports,
            certificate,
            requests,
        }
    }

    /// The requests since the last time. They are kept before they are answered.
    pub(crate) fn received(&mut self) -> Vec<Wire> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }
}

async fn serve_http2<S>(
    mut connection: h2::server::Connection<S, bytes::Bytes>,
    seen: mpsc::UnboundedSender<Wire>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok((request, mut answer))) = connection.accept().await {
        let (head, mut stream) = request.into_parts();
        let seen = seen.clone();
        let mut body = Vec::new();
        // The connection is driven while the body is read.
        let reading = async {
            while let Some(data) = stream.data().await {
                let data = data.unwrap();
                let _ = stream.flow_control().release_capacity(data.len());
                body.extend(data);
            }
        };
        tokio::select! {
            () = reading => {}
            _ = std::future::poll_fn(|context| connection.poll_closed(context)) => return,
        }
        let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &head.headers {
            let value = value.to_str().unwrap().to_owned();
            headers.entry(name.to_string()).or_default().push(value);
        }
        assert_eq!(headers.get("host"), None, "HTTP/2 has an authority instead");
        let authority = head.uri.authority().unwrap().to_string();
        headers.insert("host".to_owned(), vec![authority]);
        let wire = Wire {
            line: format!(
                "{} {} HTTP/2",
                head.method,
                head.uri.path_and_query().unwrap()
            ),
            headers,
            body: String::from_utf8(body).unwrap(),
        };
        if seen.send(wire).is_err() {
            return;
        }
        answer.send_response(http::Response::new(()), true).unwrap();
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
