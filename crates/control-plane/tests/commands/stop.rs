//! The end of a server whose requests are still under way.

use crate::serving::{Serving, send_to};
use crate::support::Home;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// An upstream that begins a stream of events, and ends it once it may.
fn streaming_upstream() -> (SocketAddr, Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (release, released) = mpsc::channel();
    thread::spawn(move || serve_stream(&listener, &released));
    (address, release)
}

fn serve_stream(listener: &TcpListener, released: &Receiver<()>) {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).unwrap();
        if let Some(text) = line.strip_prefix("content-length: ") {
            length = text.trim_end().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let stream = reader.get_mut();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    write!(stream, "{head}data: first\n\n").unwrap();
    // Where the test has ended early, the rest is not read.
    let _ = released.recv();
    let _ = write!(stream, "data: [DONE]\n\n");
}

/// A gateway that leads to the upstream, and the token of an agent that uses it.
fn set_up(serving: &Serving, upstream: SocketAddr) -> String {
    let cookie = serving.cookie();
    let gateway = format!(
        "{{\"name\":\"gw\",\"kind\":\"gateway\",\"base_url\":\"http://{upstream}/v1\",\"allow_private\":true}}"
    );
    let mut answer = String::new();
    for (method, path, body) in [
        ("POST", "/api/v1/providers", gateway.as_str()),
        (
            "PUT",
            "/api/v1/providers/gw/key",
            "{\"value\":\"sk-0123456789\"}",
        ),
        (
            "POST",
            "/api/v1/agents",
            "{\"yaml\":\"name: bot\\nmodel: { primary: gw/openai/m }\\n\"}",
        ),
        (
            "POST",
            "/api/v1/tokens",
            "{\"kind\":\"agent\",\"agent\":\"bot\"}",
        ),
    ] {
        answer = serving.ask_as(&cookie, method, path, body);
        assert!(answer.starts_with("HTTP/1.1 20"), "{path}: {answer}");
    }
    let (_, token) = answer.split_once("\"token\":\"").unwrap();
    token.split('"').next().unwrap().to_owned()
}

fn chat(address: SocketAddr, token: &str) -> TcpStream {
    let authorization = format!("authorization: Bearer {token}\r\n");
    let body = "{\"model\":\"gw/openai/m\",\"stream\":true}";
    send_to(
        address,
        "POST",
        "/v1/chat/completions",
        &authorization,
        body,
    )
}

fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = Vec::new();
    while !text.ends_with(end.as_bytes()) {
        let mut byte = [0];
        let read = stream.read(&mut byte).unwrap();
        assert_ne!(read, 0, "{}", String::from_utf8_lossy(&text));
        text.push(byte[0]);
    }
    String::from_utf8(text).unwrap()
}

fn whole(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // An answer that is broken off may end in a reset.
    let _ = stream.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

/// An address that nothing listens on.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Waits until both listeners have heard of the stop.
fn wait_until_draining(serving: &Serving, inference: SocketAddr) {
    let begun = Instant::now();
    for address in [serving.address(), inference] {
        loop {
            let probe = whole(send_to(address, "GET", "/readyz", "", ""));
            if probe.starts_with("HTTP/1.1 503 ") {
                assert!(probe.contains("\"shutting_down\""), "{probe}");
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{probe}");
        }
    }
}

#[test]
fn a_stream_under_way_is_finished_while_new_requests_are_refused() {
    let home = Home::new();
    let inference = free_address();
    let listen = inference.to_string();
    let serving = Serving::start_with(&home, &["--inference-listen", &listen, "--drain", "60s"]);
    let (upstream, release) = streaming_upstream();
    let token = set_up(&serving, upstream);
    let mut stream = chat(inference, &token);
    read_until(&mut stream, "data: first\n\n");

    serving.ask_to_stop();
    wait_until_draining(&serving, inference);
    let refused = whole(chat(inference, &token));
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(
        refused.contains("x-waypost-code: shutting_down"),
        "{refused}"
    );
    let refused = serving.ask("GET", "/api/v1/session", "");
    assert!(refused.contains("\"code\":\"shutting_down\""), "{refused}");

    release.send(()).unwrap();
    read_until(&mut stream, "data: [DONE]\n\n");
    let (status, _, log) = serving.ended();
    assert_eq!(status, Some(0), "{log}");
    assert!(!log.contains("still running"), "{log}");
}

#[test]
fn a_stream_under_way_ends_with_the_time_or_at_a_second_signal() {
    for by_signal in [false, true] {
        let home = Home::new();
        let inference = free_address();
        let drain = if by_signal { "60s" } else { "1s" };
        let serving = Serving::start_with(
            &home,
            &[
                "--inference-listen",
                &inference.to_string(),
                "--drain",
                drain,
            ],
        );
        let (upstream, _release) = streaming_upstream();
        let token = set_up(&serving, upstream);
        let mut stream = chat(inference, &token);
        read_until(&mut stream, "data: first\n\n");
        serving.ask_to_stop();
        if by_signal {
            wait_until_draining(&serving, inference);
            serving.ask_to_stop();
        }
        let (status, _, log) = serving.ended();
        assert_eq!(status, Some(0), "{log}");
        assert!(log.contains("stopped with requests still running"), "{log}");
        assert_eq!(log.contains("second_signal"), by_signal, "{log}");
        assert!(!whole(stream).contains("[DONE]"));
    }
}

#[test]
fn forwarding_may_be_beyond_loopback_on_a_separate_port() {
    let home = Home::new();
    let serving = Serving::start_with(&home, &["--inference-listen", "0.0.0.0:0"]);
    let refused = serving.ask("POST", "/v1/chat/completions", "{}");
    assert!(refused.starts_with("HTTP/1.1 404 "), "{refused}");
    let (status, _, log) = serving.stop();
    assert_eq!(status, Some(0), "{log}");
    let warnings = log.matches("arrive unencrypted").count();
    assert_eq!(warnings, 1, "{log}");

    let both = [
        "serve",
        "--inference-listen",
        "127.0.0.1:0",
        "--no-forwarding",
    ];
    assert_eq!(home.run(&both, &[]).status(), 2);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = home.run(
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--inference-listen",
            &address,
        ],
        &[],
    );
    assert_eq!(done.status(), 1);
    assert!(
        done.errors()
            .contains("choose another port: --inference-listen"),
        "{}",
        done.errors()
    );
    let large = home.run(&["serve", "--max-body", "1GiB"], &[]);
    assert_eq!(large.status(), 1);
    assert!(
        large.errors().contains("--max-buffered"),
        "{}",
        large.errors()
    );
}
