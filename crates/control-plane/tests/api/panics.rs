//! Handlers that panic. Waypost has none, so these are in a test router, behind the middleware of
//! every request.

use crate::support::{HOST, Server};
use axum::Router;
use axum::routing::get;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use waypost_control_plane::http::app::App;
use waypost_control_plane::http::guarded;

const CANARY: &str = "sk-canary-0123456789";

async fn at_once() -> &'static str {
    panic!("{CANARY}");
}

async fn after_a_while() -> &'static str {
    tokio::task::yield_now().await;
    panic!("{CANARY}");
}

/// Sends a request and reads its whole answer, which says how long it is.
async fn ask(connection: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    loop {
        let mut bytes = [0; 4096];
        let read = connection.read(&mut bytes).await.unwrap();
        assert!(read > 0, "the connection was dropped after: {answer}");
        answer.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        let Some((head, body)) = answer.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if length.unwrap().parse::<usize>().unwrap() == body.len() {
            return answer;
        }
    }
}

#[tokio::test]
async fn a_panic_is_an_answer_without_details_and_keeps_the_connection() {
    let server = Server::start().await;
    let router: Router<App> = Router::new()
        .route("/api/at-once", get(at_once))
        .route("/api/after-a-while", get(after_a_while))
        .route("/api/fine", get(async || "fine"));
    let service = guarded(router, &server.app);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let mut connection = TcpStream::connect(address).await.unwrap();
    for path in ["/api/at-once", "/api/after-a-while"] {
        let answer = ask(&mut connection, path).await;
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        for header in [
            "content-type: application/problem+json",
            "x-content-type-options: nosniff",
            "cache-control: no-store",
        ] {
            assert!(answer.contains(header), "{header} is not in {answer}");
        }
        assert!(!answer.contains("canary"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!(
            (&problem["code"], &problem["status"]),
            (&"internal".into(), &500.into())
        );
        let fine = ask(&mut connection, "/api/fine").await;
        assert!(fine.starts_with("HTTP/1.1 200 "), "{fine}");
    }
}
