//! Serves one connection: TLS first, where it ends here, then the version of HTTP that was agreed on.

use super::activity::Socket;
use super::site::{Phase, Served};
use super::{http1, http2};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Serves until the client leaves, a limit is exceeded, the connection is evicted, or the server
/// stops.
pub(super) async fn serve(stream: TcpStream, served: Served, phase: Phase) {
    // An answer is written in one piece; holding its end back would only delay it.
    let _ = stream.set_nodelay(true);
    let activity = Arc::clone(&served.activity);
    let socket = Socket::new(stream, Arc::clone(&activity));
    let Some(tls) = &served.site.tls else {
        return http1::serve(socket, served, phase).await;
    };
    let handshake = timeout(served.limits.head, tls.acceptor().accept(socket));
    let stream = tokio::select! {
        accepted = handshake => match accepted {
            Ok(Ok(stream)) => stream,
            // A client that does not trust the certificate, or speaks no TLS.
            _ => return,
        },
        () = activity.evicted() => return,
        () = phase.stop() => return,
    };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        return http2::serve(stream, served, phase).await;
    }
    activity.wait_for_request();
    http1::serve(stream, served, phase).await;
}
