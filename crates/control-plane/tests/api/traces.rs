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

#[tokio::test]
async fn each_request_is_a_span_without_prompt_or_key() {
    let collector = Upstream::always(Reply::json(200, "{}")).await;
    let endpoint = format!("http://{}", collector.address);
    let settings = TraceSettings::read(|name| match name {
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(endpoint.clone()),
        "OTEL_EXPORTER_OTLP_HEADERS" => Some("x-scope=team%20one".to_owned()),
        _ => None,
    });
    let egress = Egress::new("127.0.0.1:1".parse().unwrap());
    let traces = Arc::new(Traces::start(settings.unwrap().unwrap(), &egress));
    let upstream = Upstream::always(Reply::json(200, "{\"answer\":\"canary\"}")).await;
    let server = Server::start_with(Options {
        traces: Some(traces.clone()),
        ..Options::default()
    });
    let server = server.await;
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
    let mut spans = Vec::new();
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
        let sent = resource["scopeSpans"][0]["spans"].as_array().unwrap();
        spans.extend(sent.iter().cloned());
    }
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
