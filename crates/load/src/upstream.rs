//! The upstream: it answers every request with a short completion, or with a stream of events where
//! the query asks for one.

use crate::{Error, events};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{Interval, interval};

/// A short completion.
const COMPLETION: &str = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1760000000,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":"Paris is the capital of France."},"finish_reason":"stop"}],"usage":{"prompt_tokens":14,"completion_tokens":7,"total_tokens":21}}"#;

/// Serves until the process is ended.
pub(crate) async fn serve() -> Result<(), Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)),
        );
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<AnswerBody>, Error> {
    let body = match Events::asked_for(request.uri().query().unwrap_or_default()) {
        Some(events) => AnswerBody::Events(events),
        None => AnswerBody::Completion(Some(Bytes::from_static(COMPLETION.as_bytes()))),
    };
    let kind = match body {
        AnswerBody::Events(_) => "text/event-stream",
        AnswerBody::Completion(_) => "application/json",
    };
    let mut received = request.into_body();
    while let Some(frame) = received.frame().await {
        frame?;
    }
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

enum AnswerBody {
    Completion(Option<Bytes>),
    Events(Events),
}

/// A stream of events.
struct Events {
    stream: u64,
    count: u64,
    next: u64,
    pace: Option<Interval>,
}

impl Events {
    /// The stream that a query asks for: `events=3&stream=7&milliseconds=100`.
    fn asked_for(query: &str) -> Option<Self> {
        let number = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let mut values = pairs.filter(|(key, _)| *key == name);
            values.next().and_then(|(_, value)| value.parse().ok())
        };
        Some(Self {
            stream: number("stream").unwrap_or(0),
            count: number("events")?,
            next: 0,
            pace: number("milliseconds").map(|pause| interval(Duration::from_millis(pause))),
        })
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let events = match &mut *self {
            Self::Completion(bytes) => {
                return Poll::Ready(bytes.take().map(|it| Ok(Frame::data(it))));
            }
            Self::Events(events) => events,
        };
        if events.next > events.count {
            return Poll::Ready(None);
        }
        if let Some(pace) = &mut events.pace
            && pace.poll_tick(context).is_pending()
        {
            return Poll::Pending;
        }
        let mut text = String::with_capacity(256);
        events::write(&mut text, events.stream, events.next, events.count);
        events.next += 1;
        Poll::Ready(Some(Ok(Frame::data(text.into()))))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Completion(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64)
            }
            Self::Events(_) => SizeHint::default(),
        }
    }
}
