//! What goes over the wire is what Route preview shows, byte for byte.
//!
//! Random workspaces, agents and requests are forwarded to a capturing upstream, and every byte that
//! it receives is compared with the resolution, over HTTP/1.1 and HTTP/2. `WAYPOST_WIRE_CASES` sets the number of workspaces;
//! each one is asked five times.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod capture;
#[path = "../../../routing/tests/properties/strategies.rs"]
#[allow(dead_code, reason = "the properties of routing use the others")]
mod strategies;
mod workspace;

use bytes::Bytes;
use capture::{Capture, Wire};
use http::Request;
use http_body_util::Full;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution, Route};
use waypost_routing::resolve::{self, FallbackUse, fallback_use, resolve};
use waypost_routing::routing_table::RoutingTable;

/// The workspaces in the suite.
const CASES: u32 = 2_000;

/// The requests to each of them.
const REQUESTS: usize = 5;

/// A request of one of the agents.
#[derive(Clone, Debug)]
struct Asked {
    agent: prop::sample::Index,
    /// One of the agent's own models, or this.
    own_model: Option<prop::sample::Index>,
    model: String,
    operation: Operation,
    query: Option<&'static str>,
    headers: Vec<(&'static str, &'static str)>,
    /// The members before and after `model`, and the space around it.
    before: String,
    after: String,
    space: &'static str,
}

fn asked() -> impl Strategy<Value = Asked> {
    let forwarded = Operation::ALL.into_iter();
    let forwarded = forwarded.filter(|operation| *operation != Operation::Models);
    let operation = prop::sample::select(forwarded.collect::<Vec<_>>());
    let query = prop::option::of(prop::sample::select(vec![
        "beta=true",
        "x=%7e&y",
        "a=b+c&a=%2F",
        "",
    ]));
    let headers = prop::sample::subsequence(
        vec![
            ("accept", "text/event-stream"),
            ("user-agent", "caller/1"),
            ("anthropic-version", "2023-06-01"),
            ("anthropic-beta", "one"),
            ("anthropic-beta", "two"),
            ("x-stainless-lang", "rust"),
            ("x-request-id", "abc"),
            ("traceparent", "00-1"),
            ("openai-organization", "callers"),
            ("x-tenant-id", "callers"),
            ("x-team", "callers"),
            ("http-referer", "callers"),
            ("authorization", "Bearer callers"),
            ("cookie", "a=b"),
            ("content-type", "text/plain"),
            ("accept-encoding", "br"),
        ],
        0..16,
    );
    let member = prop_oneof![
        "\"[a-z]{1,3}\": ?(-?[1-9]\\.[0-9]e[1-9]|true|\"(\\\\u00e4|ä|\\\\/|<)*\")",
        Just("\"messages\":[{\"model\":\"inner\",\"content\":\"\\\"model\\\":1\"}]".to_owned()),
    ];
    let model = prop_oneof![
        1 => strategies::ref_like(),
        2 => "(litellm|openrouter|nvidia|own|quiet)/[a-z]{1,4}(/[a-z:]{1,4})?",
    ];
    let members = prop::collection::vec(member, 0..3);
    let space = prop::sample::select(vec!["", " ", "\n\t", "\r\n"]);
    (
        (
            any::<prop::sample::Index>(),
            prop::option::of(any::<prop::sample::Index>()),
        ),
        (model, operation, query, headers),
        (members.clone(), members, space),
    )
        .prop_map(
            |((agent, own_model), (model, operation, query, headers), (before, after, space))| {
                Asked {
                    agent,
                    own_model,
                    model,
                    operation,
                    query,
                    headers,
                    before: before.iter().map(|member| format!("{member},")).collect(),
                    after: after.iter().map(|member| format!(",{member}")).collect(),
                    space,
                }
            },
        )
}

impl Asked {
    fn body(&self, model: &str) -> String {
        let model = serde_json::to_string(model).unwrap();
        let Self {
            before,
            after,
            space,
            ..
        } = self;
        format!("{space}{{{before}{space}\"model\"{space}:{space}{model}{space}{after}}}{space}")
    }

    fn path(&self) -> String {
        let path = match self.operation {
            Operation::Messages | Operation::CountTokens => self.operation.path().to_owned(),
            other => format!("/v1{}", other.path()),
        };
        match self.query {
            Some(query) => format!("{path}?{query}"),
            None => path,
        }
    }
}

/// The resolution that is sent, if any is: that of the primary, or where that is rejected, of the
/// fallback under the conditions of the fallback.
fn sent(resolution: &Resolution) -> Option<&Route> {
    if resolution.outcome == Outcome::Routed {
        return resolution.route.as_ref();
    }
    let is_used = fallback_use(resolution) == Some(FallbackUse::Immediately);
    let fallback = resolution.fallback.as_deref()?;
    fallback.route.as_ref().filter(|_| is_used)
}

/// The request that a resolution promises.
fn promised(route: &Route, asked: &Asked) -> Wire {
    let url = route.url.as_deref().unwrap();
    let origin = BaseUrl::parse(&route.base_url.as_ref().unwrap().value)
        .unwrap()
        .origin();
    let path = url.strip_prefix(&*origin).unwrap();
    let target = match asked.query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let body = asked.body(&route.wire_model);
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &asked.headers {
        let is_listed = |listed: &str| match listed.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => listed == *name,
        };
        if route.caller_headers.iter().any(|listed| is_listed(listed)) {
            headers
                .entry((*name).to_owned())
                .or_default()
                .push((*value).to_owned());
        }
    }
    for header in &route.headers {
        let value = workspace::filled_in(&header.value);
        headers.insert(header.name.clone(), vec![value]);
    }
    let host = origin.split_once("://").unwrap().1;
    for (name, value) in [
        ("host", host.to_owned()),
        ("accept-encoding", "identity".to_owned()),
        ("content-length", body.len().to_string()),
    ] {
        headers.insert(name.to_owned(), vec![value]);
    }
    Wire {
        line: match origin.starts_with("https://") {
            true => format!("{} {target} HTTP/2", route.method),
            false => format!("{} {target} HTTP/1.1", route.method),
        },
        headers,
        body,
    }
}

#[test]
fn the_wire_is_what_the_preview_shows() {
    let cases = std::env::var("WAYPOST_WIRE_CASES");
    let cases = cases.map_or(CASES, |cases| cases.parse().expect("a number"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (capture, forwarding, table) = runtime.block_on(async {
        let capture = Capture::start().await;
        let (forwarding, table) = workspace::forwarding(capture.certificate.clone());
        (capture, forwarding, table)
    });
    let capture = std::cell::RefCell::new(capture);
    let (sent_requests, over_http2) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let workspaces = workspace::snapshots(capture.borrow().ports);
    let requests = prop::collection::vec(asked(), REQUESTS);
    let result = runner.run(&(workspaces, requests), |(snapshot, requests)| {
        table.store(RoutingTable::new(snapshot));
        for asked in requests {
            let table = table.load();
            let agents: Vec<_> = table.agents().iter().collect();
            let agent = *asked.agent.get(&agents);
            let own = workspace::models(agent);
            let model = match asked.own_model {
                Some(index) if !own.is_empty() => index.get(&own).clone(),
                _ => asked.model.clone(),
            };
            let question = resolve::Request::new(&model, asked.operation).sent_by(agent, None);
            let resolution = resolve(&table, &question);

            let mut request = Request::post(asked.path());
            for (name, value) in &asked.headers {
                request = request.header(*name, *value);
            }
            let body = Full::new(Bytes::from(asked.body(&model)));
            let request = request
                .header("x-api-key", format!("agent:{}", agent.name))
                .body(body)
                .unwrap();
            let answer = forwarding.answer(request, Ipv4Addr::LOCALHOST.into());
            let answer = runtime.block_on(answer);
            let received = capture.borrow_mut().received();
            match sent(&resolution) {
                Some(route) => {
                    let base_url = &route.base_url.as_ref().unwrap().value;
                    let is_secure = base_url.starts_with("https://");
                    over_http2.set(over_http2.get() + u32::from(is_secure));
                    prop_assert_eq!(answer.status(), 200, "{:?}", answer.headers());
                    prop_assert_eq!(received, vec![promised(route, &asked)]);
                    sent_requests.set(sent_requests.get() + 1);
                }
                None => {
                    prop_assert_eq!(received, vec![]);
                    prop_assert_eq!(answer.status(), 422);
                    let code = answer.headers()["x-waypost-code"].to_str().unwrap();
                    prop_assert_eq!(code, &*resolution.error.unwrap().code);
                }
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let requests = cases * REQUESTS as u32;
    assert!(
        sent_requests.get() * 4 > requests,
        "only {} of {requests} requests were sent, so the property says little",
        sent_requests.get()
    );
    assert!(
        over_http2.get() * 20 > requests,
        "only {} were sent over HTTP/2",
        over_http2.get()
    );
}
