//! A connection that stays open, with one request at a time.

use crate::Error;
use crate::target::Target;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// A connection to a server.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    pub(crate) async fn open(target: &Target) -> Result<Self, Error> {
        let stream = TcpStream::connect(&target.host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // The request that was under way fails with the connection, and is reported.
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request and gives the head of its answer, which must be a 200.
    pub(crate) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Error> {
        self.0.ready().await?;
        let response = self.0.send_request(request).await?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into())
    }

    /// Sends a request, reads its answer to the end and gives the time that took.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Duration, Error> {
        let begun = Instant::now();
        let mut body = self.send(request).await?.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        Ok(begun.elapsed())
    }
}
