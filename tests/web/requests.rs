//! Requests: rows that appear as requests end, at most so many, and one of them beside the list.

use crate::save::{server, until, until_gone};
use crate::server::Server;
use crate::stage::{Stage, drawn, focused};
use wasm_bindgen_test::wasm_bindgen_test;
use waypost_dashboard::app::App;

const ROW: &str = "[data-request]";
const PAUSE: &str = ".requests-live button";
const RETRY: &str = ".requests-list .notice button";
const STATE: &str = ".live-state";
const NOTICE: &str = ".requests > .notice[data-tone=warn]";
const OLDER: &str = ".requests-more button";
const SIGN_OUT: &str = ".rail-foot-controls button";
const LIST: &str = "/api/v1/requests";

/// A request of the list.
fn request(number: i64) -> String {
    format!(
        r#"{{
            "number": {number}, "id": "id{number}", "at": 1796000000, "agent": "bot",
            "subagent": null, "operation": "chat", "model": "edge/model-{number}",
            "kind": "gateway", "provider": "edge", "origin": "https://edge.example",
            "wire_model": "model-{number}",
            "outcome": "ok", "status": 200, "code": null, "fallback": null, "attempts": 1,
            "first_byte_us": 320000, "total_us": 1840000,
            "tokens": {{ "input": 8120, "output": 902, "cached": 6400 }},
            "bytes_in": 14200, "bytes_out": 900, "flags": []
        }}"#
    )
}

/// A page of the list, newest first.
fn page(numbers: impl DoubleEndedIterator<Item = i64>) -> String {
    let numbers: Vec<i64> = numbers.rev().collect();
    let latest = numbers.first().copied().unwrap_or_default();
    let items: Vec<String> = numbers.into_iter().map(request).collect();
    format!(
        r#"{{
            "items": [{}], "next_cursor": null, "latest": {latest},
            "log": {{ "state": "ok", "message": null, "dropped": 0, "keep_days": 7, "keep_records": 1000000 }}
        }}"#,
        items.join(",")
    )
}

/// The same, with older ones on a further page.
fn page_before(numbers: impl DoubleEndedIterator<Item = i64>, cursor: &str) -> String {
    page(numbers).replace(
        r#""next_cursor": null"#,
        &format!(r#""next_cursor": "{cursor}""#),
    )
}

/// One request with an attempt and a difference.
fn detail(number: i64) -> String {
    format!(
        r#"{{
            "request": {}, "agent_id": null, "token": "f0695afab27cea63", "generation": 12,
            "attempts": [{{
                "kind": "gateway", "rule": "gateway", "provider": "edge",
                "origin": "https://edge.example", "wire_model": "model", "credential": null,
                "status": 200, "code": null, "sent": true, "begun_us": 0, "connect_us": 200000,
                "first_byte_us": 320000, "total_us": 1840000
            }}],
            "route": null,
            "now": {{
                "comparison": "differs", "agent": null, "route": null,
                "differences": [{{ "field": "wire_model", "then": "model", "now": "other" }}]
            }}
        }}"#,
        request(number)
    )
}

/// The page with three requests, connected to its stream.
async fn open() -> (Server, Stage) {
    open_at("/requests?agent=bot").await
}

/// The same at an address.
async fn open_at(address: &str) -> (Server, Stage) {
    let server = server();
    server.change(LIST, &page(1..=3));
    server.change("/api/v1/requests/id2", &detail(2));
    server.open_at(address);
    let stage = Stage::show(App).await;
    until(&stage, ROW).await;
    server.connect_stream().await;
    (server, stage)
}

/// Waits until so many rows are shown.
async fn until_rows(stage: &Stage, rows: u32) {
    for _ in 0..200 {
        if stage.count(ROW) == rows {
            return;
        }
        drawn().await;
    }
    panic!("{} rows, not {rows}", stage.count(ROW));
}

#[wasm_bindgen_test]
async fn a_request_that_ends_appears_first_and_once() {
    let (server, stage) = open().await;
    let streams = server.open_streams();
    assert_eq!(
        streams,
        ["/api/v1/requests/live?after=3"],
        "from where the page ends"
    );
    assert!(stage.text(".live-state").contains("Live"));
    server.send_event("request", &request(5));
    server.send_event("request", &request(5));
    server.send_event("request", "no request");
    let other = request(6).replace("\"bot\"", "\"other\"");
    server.send_event("request", &other);
    until_rows(&stage, 4).await;
    assert_eq!(stage.attribute(ROW, "data-request").as_deref(), Some("id5"));
    assert!(stage.text(ROW).contains("1.84 s"));
}

#[wasm_bindgen_test]
async fn a_search_for_the_host_follows_what_arrives() {
    let (server, stage) = open_at("/requests?q=edge.example").await;
    server.send_event("request", &request(4));
    let elsewhere = request(5).replace("edge.example", "other.example");
    server.send_event("request", &elsewhere);
    server.send_event("request", &request(6));
    until_rows(&stage, 5).await;
    assert_eq!(stage.attribute(ROW, "data-request").as_deref(), Some("id6"));
}

#[wasm_bindgen_test]
async fn no_stream_is_open_while_the_tab_is_hidden() {
    let (server, stage) = open().await;
    server.show_tab(false).await;
    assert_eq!(server.open_streams(), [""; 0]);
    server.change(LIST, &page(1..=5));
    server.show_tab(true).await;
    until_rows(&stage, 5).await;
    assert_eq!(server.open_streams(), ["/api/v1/requests/live?after=5"]);
}

#[wasm_bindgen_test]
async fn no_stream_is_open_after_the_page_is_left() {
    let (server, stage) = open().await;
    server.go_to("/models/gateways");
    until_gone(&stage, ROW).await;
    assert_eq!(server.open_streams(), [""; 0]);
}

#[wasm_bindgen_test]
async fn no_stream_is_open_after_signing_out() {
    let (server, stage) = open().await;
    stage.press(SIGN_OUT).await;
    assert_eq!(
        server.waiting().as_deref(),
        Some("DELETE /api/v1/session null")
    );
    server.finish(204, "").await;
    until_gone(&stage, ROW).await;
    assert_eq!(server.open_streams(), [""; 0]);
}

#[wasm_bindgen_test]
async fn a_stream_that_breaks_is_not_called_live() {
    let (server, stage) = open().await;
    server.interrupt_stream().await;
    assert_eq!(stage.text(STATE), "Connecting");
    assert_eq!(server.open_streams().len(), 1, "the browser connects again");
    server.connect_stream().await;
    assert_eq!(stage.text(STATE), "Live");
}

#[wasm_bindgen_test]
async fn a_stream_that_is_not_opened_is_tried_less_and_less_often() {
    let (server, stage) = open().await;
    server.hold_timers();
    server.end_stream().await;
    assert_eq!(stage.text(STATE), "Connecting", "it may be back at once");
    for (pause, next) in [(3, 10), (10, 30), (30, 30)] {
        server.run_timers(pause * 1_000).await;
        assert_eq!(server.open_streams().len(), 1, "after {pause} s");
        server.end_stream().await;
        assert_eq!(stage.text(STATE), "Not live");
        let notice = stage.text(NOTICE);
        assert!(notice.contains(&format!("every {next} s")), "{notice}");
        // The rest after the catch-up.
        server.run_timers(3_000).await;
    }
    server.change(LIST, &page(1..=4));
    server.run_timers(30_000).await;
    until_rows(&stage, 4).await;
    server.connect_stream().await;
    assert_eq!(stage.text(STATE), "Live");
    assert_eq!(stage.count(NOTICE), 0);
}

#[wasm_bindgen_test]
async fn what_arrives_while_it_is_paused_waits() {
    let (server, stage) = open().await;
    stage.press(PAUSE).await;
    server.send_event("request", &request(4));
    server.send_event("request", &request(5));
    for _ in 0..200 {
        if stage.text(PAUSE).contains('2') {
            break;
        }
        drawn().await;
    }
    assert_eq!(stage.text(PAUSE), "Resume · 2");
    assert_eq!(stage.count(ROW), 3);
    stage.press(PAUSE).await;
    until_rows(&stage, 5).await;
    assert_eq!(stage.text(PAUSE), "Pause");
}

#[wasm_bindgen_test]
async fn a_burst_leaves_as_many_rows_as_the_page_holds() {
    let (server, stage) = open().await;
    for number in 4..1_204 {
        server.send_event("request", &request(number));
    }
    until_rows(&stage, 500).await;
    assert_eq!(
        stage.attribute(ROW, "data-request").as_deref(),
        Some("id1203")
    );
}

#[wasm_bindgen_test]
async fn what_the_stream_leaves_out_is_read_before_it_goes_on() {
    let (server, stage) = open().await;
    server.send_event("request", &request(4));
    server.hold(LIST);
    server.send_event("reset", "{}");
    assert!(
        server.open_streams().is_empty(),
        "a later request would hide those that are missing"
    );
    until_rows(&stage, 4).await;
    server.change(LIST, &page(1..=9));
    server.release(LIST).await;
    until_rows(&stage, 9).await;
    assert_eq!(
        server.open_streams(),
        ["/api/v1/requests/live?after=9"],
        "from where the page ends"
    );
}

#[wasm_bindgen_test]
async fn a_list_that_missed_more_than_a_page_begins_anew() {
    let (server, stage) = open().await;
    server.show_tab(false).await;
    server.change(LIST, &page_before(101..=104, "101"));
    server.show_tab(true).await;
    until_rows(&stage, 4).await;
    assert_eq!(
        stage.attribute(ROW, "data-request").as_deref(),
        Some("id104")
    );
    assert_eq!(stage.count("[data-request=id3]"), 0, "no hole in the list");
    assert_eq!(stage.count(OLDER), 1);
    assert_eq!(server.open_streams(), ["/api/v1/requests/live?after=104"]);
}

#[wasm_bindgen_test]
async fn what_arrives_while_an_older_page_loads_comes_with_it() {
    let server = server();
    server.change(LIST, &page_before(4..=6, "4"));
    server.open_at("/requests");
    let stage = Stage::show(App).await;
    until(&stage, ROW).await;
    server.connect_stream().await;
    server.hold(LIST);
    stage.press(OLDER).await;
    server.send_event("request", &request(7));
    drawn().await;
    server.change(LIST, &page(1..=3));
    server.release(LIST).await;
    until_rows(&stage, 7).await;
    let numbers: Vec<_> = stage.attributes(ROW, "data-request");
    assert_eq!(numbers, ["id7", "id6", "id5", "id4", "id3", "id2", "id1"]);
    assert_eq!(stage.count(OLDER), 0);
}

#[wasm_bindgen_test]
async fn without_forwarding_the_page_says_so() {
    let server = forwarding(r#""forwards": false"#);
    let stage = Stage::show(App).await;
    until(&stage, ".empty").await;
    assert!(stage.text(".empty").contains("does not forward"));
    assert_eq!(stage.count(".command"), 0);
    drop(server);
}

#[wasm_bindgen_test]
async fn an_sdk_is_pointed_at_the_port_that_takes_its_requests() {
    let server = forwarding(r#""inference_port": 8701"#);
    let stage = Stage::show(App).await;
    until(&stage, ".command").await;
    let lines = stage.text(".command");
    assert!(lines.contains(":8701/v1 OPENAI_API_KEY"), "{lines}");
    drop(server);
}

/// A control plane without requests, with something else in its settings.
fn forwarding(setting: &str) -> Server {
    let server = server();
    server.change_setting(setting);
    server.change(LIST, &page(std::iter::empty()));
    server.open_at("/requests");
    server
}

#[wasm_bindgen_test]
async fn a_busy_log_is_not_read_all_the_time() {
    let (server, stage) = open().await;
    server.polls(LIST);
    server.change(LIST, &page(1..=4));
    server.send_event("reset", "{}");
    until_rows(&stage, 4).await;
    assert_eq!(server.open_streams().len(), 1);
    server.change(LIST, &page(1..=5));
    server.send_event("reset", "{}");
    drawn().await;
    drawn().await;
    assert_eq!(server.polls(LIST), [true], "the next read waits");
    until_rows(&stage, 5).await;
    assert_eq!(server.polls(LIST), [true]);
}

#[wasm_bindgen_test]
async fn a_log_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let server = server();
    let unread = page(std::iter::empty()).replace("\"ok\"", "\"failing\"");
    server.change(LIST, &unread);
    server.open_at("/requests");
    let stage = Stage::show(App).await;
    until(&stage, RETRY).await;
    assert!(!stage.text(".requests").contains("No requests yet"));
    server.change(LIST, &page(1..=3));
    stage.press(RETRY).await;
    until_rows(&stage, 3).await;
    assert_eq!(stage.count(RETRY), 0);
}

#[wasm_bindgen_test]
async fn a_row_that_has_the_focus_keeps_it_when_others_arrive() {
    let (server, stage) = open().await;
    let link = "[data-request=\"id2\"] a";
    stage.find(link).focus().expect("a link takes the focus");
    server.send_event("request", &request(4));
    until_rows(&stage, 4).await;
    let text = focused().and_then(|element| element.text_content());
    assert_eq!(text.as_deref(), Some("edge/model-2"));
}

#[wasm_bindgen_test]
async fn a_request_is_shown_beside_the_list_and_closes_to_its_row() {
    let (_server, stage) = open_at("/requests/id2?agent=bot").await;
    until(&stage, ".attempts").await;
    assert!(
        stage
            .text(".request-outcome")
            .starts_with("Answered in 1.84 s")
    );
    assert!(
        stage
            .text(".facts")
            .contains("8,120 in (6,400 cached), 902 out")
    );
    assert!(stage.text(".differences").contains("Wire model"));
    assert_eq!(stage.count(".attempt-track > i"), 3);
    assert_eq!(
        stage.attribute(".attempt-scale", "aria-hidden").as_deref(),
        Some("true"),
        "the table has the same times in words"
    );
    stage.press(".request-close button").await;
    until_gone(&stage, ".request-panel").await;
    for _ in 0..200 {
        let text = focused().and_then(|element| element.text_content());
        if text.as_deref() == Some("edge/model-2") {
            return;
        }
        drawn().await;
    }
    panic!("the focus is not in the row");
}
