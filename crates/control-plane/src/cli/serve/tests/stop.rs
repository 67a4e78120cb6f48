//! The end of a server: what is under way may finish, what is new is refused.

use super::listener::{Server, in_no_time};
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_requests_under_way_and_for_nothing_else() {
    let mut server = Server::start().await;
    let mut idle = server.connect().await;
    idle.quick().await;
    let mut half = server.connect().await;
    half.quick().await;
    half.send("GET /api/quick HTTP/1.1\r\n").await;
    let mut held = server.held().await;
    let begun = Instant::now();
    server.ask_to_stop();
    assert_eq!(in_no_time(idle.closed()).await, "");
    assert_eq!(in_no_time(half.closed()).await, "");
    server.release.add_permits(1);
    held.expect("held\n").await;
    assert_eq!(in_no_time(held.closed()).await, "");
    (&mut server.task).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn while_it_stops_new_requests_are_refused_and_probes_answered() {
    let mut server = Server::start().await;
    let mut held = server.held_at("/v1/held").await;
    let mut idle = server.connect().await;
    idle.quick().await;
    server.ask_to_stop();
    // It has stopped accepting requests once it closes what is idle.
    assert_eq!(in_no_time(idle.closed()).await, "");
    for (path, expected) in [
        (
            "/v1/messages",
            &[
                "503 ",
                "x-waypost-code: shutting_down\r\n",
                "overloaded_error",
            ][..],
        ),
        ("/v1/responses", &["503 ", "\"server_error\""]),
        ("/api/quick", &["503 ", "\"code\":\"shutting_down\""]),
        ("/readyz", &["200 ", "ready\n"]),
    ] {
        let answer = in_no_time(async {
            let mut late = server.connect().await;
            let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
            late.send(&request).await;
            late.closed().await
        })
        .await;
        for part in expected.iter().chain(&["connection: close\r\n"]) {
            assert!(answer.contains(part), "{part}: {answer}");
        }
    }
    server.release.add_permits(1);
    held.expect("held\n").await;
    (&mut server.task).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_ever() {
    let mut server = Server::start().await;
    let mut forwarded = server.held_at("/v1/held").await;
    let mut dashboard = server.held().await;
    let begun = Instant::now();
    server.ask_to_stop();
    assert_eq!(dashboard.closed().await, "");
    assert_eq!(begun.elapsed().as_secs(), 10);
    (&mut server.task).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 20);
    assert_eq!(forwarded.closed().await, "");
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_stops_at_once() {
    let mut server = Server::start().await;
    let mut held = server.held_at("/v1/held").await;
    let begun = Instant::now();
    server.ask_to_stop();
    server.ask_to_stop();
    in_no_time(&mut server.task).await.unwrap();
    assert_eq!(held.closed().await, "");
    assert_eq!(begun.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_the_dashboard_does_not_hold_up_a_stop() {
    let mut server = Server::start().await;
    let mut stream = server.connect().await;
    stream
        .send("GET /api/stream HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    stream.expect("data: 1\n\n").await;
    let begun = Instant::now();
    server.ask_to_stop();
    in_no_time(stream.closed()).await;
    in_no_time(&mut server.task).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_to_make_room_does_not_hold_up_a_stop() {
    let mut server = Server::start().await;
    // It is evicted while its answer is not read, and then its handler takes its time.
    let mut slow = server.connect().await;
    slow.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    slow.expect("\r\n\r\n").await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(server.held().await);
    }
    let begun = Instant::now();
    server.ask_to_stop();
    for client in &mut held {
        assert_eq!(client.closed().await, "");
    }
    (&mut server.task).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 10);
}
