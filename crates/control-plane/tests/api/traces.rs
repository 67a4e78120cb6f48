//! Traces that a collector receives.

use crate::forwarding::{chat, set_up};
use crate::support::{Options, Server};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use waypost_control_plane::traces::{TraceSettings, Traces};
use waypost_egress::Egress;
use waypost_egress::test_support::{Reply, Upstream};

fn attributes(span: &Value) -> BTreeMap<&str, &str> {
    let all = span["attributes"].as_array().unwrap().iter();
    all.map(|attribute| {
        let value = &attribute["value"];
        let text = value["stringValue"].as_str();
        let text = text.or(value["intValue"].as_str()).unwrap();
        (attribute["key"].as_str().unwrap(), text)
    })
    .collect()
}

/// A server that sends its traces to a collector.
async fn traced(collector: &Upstream) -> (Server, Arc<Traces>) {
    let endpoint = format!("http://{}", collector.address);
    let settings = TraceSettings::read(|name| match name {
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(endpoint.clone()),
        "OTEL_EXPORTER_OTLP_HEADERS" => Some("x-scope=team%20one".to_owned()),
        _ => None,
    });
    let egress = Egress::new("127.0.0.1:1".parse().unwrap());
    let traces = Arc::new(Traces::start(settings.unwrap().unwrap(), &egress));
    let server = Server::start_with(Options {
        traces: Some(traces.clone()),
        ..Options::default()
    });
    (server.await, traces)
}

/// The spans that a collector received, of requests (2) or of attempts (3).
fn spans(collector: &Upstream, kind: u8) -> Vec<Value> {
    let mut spans = Vec::new();
    for request in collector.received() {
        let document: Value = serde_json::from_slice(&request.body).unwrap();
        let sent = &document["resourceSpans"][0]["scopeSpans"][0]["spans"];
        spans.extend(sent.as_array().unwrap().iter().cloned());
    }
    spans.retain(|span| span["kind"] == kind);
    spans
}

fn with_traceparent(token: &str, flags: &str) -> axum::http::Request<axum::body::Body> {
    let mut request = chat(token);
    let value = format!("00-{TRACE}-{SPAN}-{flags}").parse().unwrap();
    request.headers_mut().insert("traceparent", value);
    request
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

#[tokio::test]
async fn each_attempt_is_a_child_and_the_callers_trace_goes_on() {
    let collector = Upstream::always(Reply::json(200, "{}")).await;
    let (server, traces) = traced(&collector).await;
    let admin = server.admin().await;
    let usage = r#"{"usage":{"prompt_tokens":12,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}}"#;
    let upstream = Upstream::always(Reply::json(200, usage)).await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    assert_eq!(
        server.send(with_traceparent(&token, "01")).await.status,
        200
    );
    // What the caller does not record is not recorded here either.
    assert_eq!(
        server.send(with_traceparent(&token, "00")).await.status,
        200
    );
    traces.close().await;

    let (requests, attempts) = (spans(&collector, 2), spans(&collector, 3));
    let ([request], [attempt]) = (&requests[..], &attempts[..]) else {
        panic!("{requests:?} {attempts:?}");
    };
    assert_eq!(
        (&request["traceId"], &request["parentSpanId"]),
        (&TRACE.into(), &SPAN.into())
    );
    assert_eq!(attempt["traceId"], TRACE);
    assert_eq!(attempt["parentSpanId"], request["spanId"]);
    assert_ne!(attempt["spanId"], request["spanId"]);
    assert_eq!(attempt["name"], "chat openai/gpt-4o");
    let moment = |span: &Value, name: &str| span[name].as_str().unwrap().parse::<u128>().unwrap();
    assert!(moment(request, "startTimeUnixNano") <= moment(attempt, "startTimeUnixNano"));
    assert!(moment(attempt, "endTimeUnixNano") <= moment(request, "endTimeUnixNano"));
    let shown = attributes(attempt);
    assert_eq!(shown["http.response.status_code"], "200");
    assert!(shown.contains_key("waypost.connect.duration_us"));
    assert!(shown.contains_key("waypost.first_byte.duration_us"));
    let shown = attributes(request);
    assert_eq!(shown["gen_ai.usage.input_tokens"], "12");
    assert_eq!(shown["gen_ai.usage.output_tokens"], "3");
    assert_eq!(shown["gen_ai.usage.cache_read.input_tokens"], "4");
    // The upstream sees what the caller sent, as the preview says.
    let seen = upstream.received();
    assert_eq!(
        seen[0].header("traceparent").unwrap(),
        format!("00-{TRACE}-{SPAN}-01")
    );
}

#[tokio::test]
async fn spans_that_the_collector_refuses_are_counted() {
    let collector = Upstream::always(Reply::json(503, "{}")).await;
    let (server, traces) = traced(&collector).await;
    let admin = server.admin().await;
    let upstream = Upstream::always(Reply::json(200, "{}")).await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    let dropped = |text: String| {
        let mut lines = text.lines();
        let line = lines.find_map(|line| line.strip_prefix("waypost_trace_spans_dropped_total "));
        line.unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(dropped(server.app.metrics_text()), 0);
    assert_eq!(server.send(chat(&token)).await.status, 200);
    traces.close().await;
    assert_eq!(
        dropped(server.app.metrics_text()),
        2,
        "the request and its attempt"
    );
}

#[tokio::test]
async fn each_request_is_a_span_without_prompt_or_key() {
    let collector = Upstream::always(Reply::json(200, "{}")).await;
    let (server, traces) = traced(&collector).await;
    let upstream = Upstream::always(Reply::json(200, "{\"answer\":\"canary\"}")).await;
    let admin = server.admin().await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    assert_eq!(server.send(chat(&token)).await.status, 200);
    let mut refused = chat(&token);
    refused.headers_mut().remove("authorization");
    assert_eq!(server.send(refused).await.status, 401);
    // A model that no document names is the caller's own text.
    let mut other = chat(&token);
    let body = br#"{"model":"gw/canary/of-the-caller"}"#;
    *other.body_mut() = axum::body::Body::from(&body[..]);
    assert_eq!(server.send(other).await.status, 200);
    traces.close().await;

    let received = collector.received();
    for request in &received {
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/v1/traces")
        );
        assert_eq!(request.header("x-scope"), Some("team one"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        let text = std::str::from_utf8(&request.body).unwrap();
        for secret in ["canary", &token, "sk-"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        let document: Value = serde_json::from_str(text).unwrap();
        let resource = &document["resourceSpans"][0];
        assert_eq!(
            resource["resource"]["attributes"][0]["value"]["stringValue"],
            "waypost"
        );
    }
    let spans = spans(&collector, 2);
    // A request without a token leaves no trace.
    let [answered, other] = &spans[..] else {
        panic!("{spans:?}");
    };
    assert_eq!(answered["name"], "chat");
    assert_eq!(answered["status"], Value::Null);
    assert_eq!(answered["traceId"].as_str().unwrap().len(), 32);
    let nanoseconds = |name: &str| answered[name].as_str().unwrap().parse::<u128>().unwrap();
    assert!(nanoseconds("startTimeUnixNano") < nanoseconds("endTimeUnixNano"));
    let shown = attributes(answered);
    for (key, value) in [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "gw"),
        ("gen_ai.request.model", "openai/gpt-4o"),
        ("waypost.agent.name", "bot"),
        ("waypost.route.kind", "gateway"),
        ("http.response.status_code", "200"),
    ] {
        assert_eq!(shown.get(key), Some(&value), "{shown:?}");
    }
    assert_eq!(other["name"], "chat");
    assert_eq!(attributes(other)["gen_ai.request.model"], "other");
}
