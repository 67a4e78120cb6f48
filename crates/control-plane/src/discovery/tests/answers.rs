//! One answer each.

use super::*;

const THREE: &str = r#"{"object":"list","data":[{"id":"a"},{"id":"b"},{"id":"c"}]}"#;

#[tokio::test]
async fn a_list_says_what_it_proves() {
    let upstream = Upstream::always(Reply::json(200, THREE)).await;
    let base = upstream.base("/v1");
    let url = format!("GET {base}/models");
    let discovery = discovered(&with_key(base)).await;
    assert_eq!(discovery.outcome, CheckOutcome::Ok);
    assert_eq!(discovery.message, "The endpoint lists 3 models.");
    assert_eq!(discovery.status, Some(200));
    assert_eq!(discovery.request, url);
    assert_eq!(ids(&discovery), ["a", "b", "c"]);
    assert_eq!(
        upstream.received()[0].header("authorization"),
        Some("Bearer sk-canary-1234")
    );
    let keyless = endpoint(upstream.base(""), &[], AuthSent::None);
    let discovery = discovered(&keyless).await;
    assert_eq!(
        discovery.message,
        "The endpoint lists 3 models without a key."
    );
    assert_eq!(upstream.received()[1].header("authorization"), None);
}

#[tokio::test]
async fn what_was_left_out_is_said() {
    let one = of(Reply::json(200, r#"[{"id":"a"}, 5]"#)).await;
    assert_eq!(
        one.message,
        "The endpoint lists 1 model. 1 entry had no usable id and was skipped."
    );
    assert_eq!(one.skipped, 1);
    let none = of(Reply::json(200, r#"{"data":[5, 6]}"#)).await;
    assert_eq!(none.outcome, CheckOutcome::NoModels);
    assert!(
        none.message
            .ends_with("2 entries had no usable id and were skipped.")
    );
}

/// The result of one reply to a request without a key, at a base URL with this path.
async fn below(path: &str, reply: Reply) -> Discovery {
    let upstream = Upstream::always(reply).await;
    discovered(&endpoint(upstream.base(path), &[], AuthSent::None)).await
}

#[tokio::test]
async fn an_error_at_a_base_url_without_a_version_suggests_v1() {
    for body in [
        // LM Studio, Ollama, a gateway's greeting, Cloudflare.
        r#"{"error":"Unexpected endpoint or method. (GET /models)"}"#,
        "Ollama is running",
        r#"{"message":"Welcome"}"#,
        r#"{"success":false,"errors":[{"code":7003}]}"#,
        r#"{"error":{"message":"no such route","code":"not_found"}}"#,
    ] {
        let without = below("", Reply::json(200, body)).await;
        assert_eq!(without.outcome, CheckOutcome::BadResponse, "{body}");
        let words = "The base URL has no version. Try http://127.0.0.1:";
        assert!(without.message.contains(words), "{}", without.message);
        assert!(without.message.ends_with("/v1."), "{}", without.message);
        for versioned in ["/v1", "/v1beta/openai"] {
            let with = below(versioned, Reply::json(200, body)).await;
            assert_eq!(with.outcome, CheckOutcome::BadResponse, "{body}");
            assert!(!with.message.contains("version"), "{}", with.message);
        }
    }
}

#[tokio::test]
async fn a_missing_header_is_named_and_offered() {
    let portkey = r#"{"status":"failure","message":"Either x-portkey-config or x-portkey-provider header is required"}"#;
    let discovery = of(Reply::json(400, portkey)).await;
    assert_eq!(discovery.outcome, CheckOutcome::UnexpectedStatus);
    assert_eq!(
        discovery.missing_headers,
        ["x-portkey-config", "x-portkey-provider"]
    );
    let words = "requires a header that was not sent (400). Add `x-portkey-config` or \
                 `x-portkey-provider` as a static header.";
    assert!(discovery.message.ends_with(words), "{}", discovery.message);

    let key = r#"{"error":{"message":"x-api-key header is required"}}"#;
    let discovery = below("/v1", Reply::json(401, key)).await;
    assert_eq!(discovery.outcome, CheckOutcome::Unauthorized);
    assert_eq!(discovery.missing_headers, ["x-api-key"]);
    let words = "Set the auth header to `x-api-key` and enter the key.";
    assert!(discovery.message.ends_with(words), "{}", discovery.message);

    // A header that was sent is not missing, and neither is one of another status.
    let upstream = Upstream::always(Reply::json(401, key)).await;
    let headers = [("x-api-key", "sk-canary-1234")];
    let sent = endpoint(upstream.base("/v1"), &headers, AuthSent::Scheme);
    assert_eq!(discovered(&sent).await.missing_headers, [""; 0]);
    let other = of(Reply::json(500, portkey)).await;
    assert_eq!(other.missing_headers, [""; 0]);
}

#[tokio::test]
async fn an_empty_list_is_no_failure_and_no_success() {
    for body in [
        "[]",
        r#"{"data":[]}"#,
        r#"{"data":null}"#,
        r#"{"object":"list","data":null}"#,
    ] {
        let discovery = of(Reply::json(200, body)).await;
        assert_eq!(discovery.outcome, CheckOutcome::NoModels);
        assert_eq!(
            discovery.message,
            "The endpoint lists no models. Check which models the key may use."
        );
    }
}

#[tokio::test]
async fn each_status_has_its_class_and_its_words() {
    for (status, outcome, words) in [
        (
            400,
            CheckOutcome::UnexpectedStatus,
            "responded with the unexpected status 400",
        ),
        (401, CheckOutcome::Unauthorized, "refused the key (401)"),
        (403, CheckOutcome::Unauthorized, "refused the key (403)"),
        (
            404,
            CheckOutcome::NotFound,
            "/v1/models was not found (404)",
        ),
        (
            405,
            CheckOutcome::UnexpectedStatus,
            "responded with the unexpected status 405",
        ),
        (
            418,
            CheckOutcome::UnexpectedStatus,
            "responded with the unexpected status 418",
        ),
        (
            304,
            CheckOutcome::UnexpectedStatus,
            "responded with the unexpected status 304",
        ),
        (
            429,
            CheckOutcome::RateLimited,
            "is limiting requests (429). Try again later.",
        ),
        (500, CheckOutcome::ServerError, "failed (500)"),
        (502, CheckOutcome::ServerError, "failed (502)"),
        (503, CheckOutcome::ServerError, "failed (503)"),
        (204, CheckOutcome::BadResponse, "other than JSON"),
    ] {
        let body = if matches!(status, 204 | 304) {
            ""
        } else {
            "Nope"
        };
        let discovery = of(Reply::json(status, body)).await;
        assert_eq!(discovery.outcome, outcome, "{status}");
        assert_eq!(discovery.status, Some(status));
        assert!(discovery.message.contains(words), "{}", discovery.message);
    }
}

#[tokio::test]
async fn how_long_to_wait_is_said_where_it_is_known() {
    for (value, words) in [
        ("30", "Try again in 30 seconds."),
        ("999999999", "Try again later."),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "Try again later."),
    ] {
        let discovery = of(Reply::new(429, &[("retry-after", value)], "")).await;
        assert!(discovery.message.ends_with(words), "{}", discovery.message);
    }
}

#[tokio::test]
async fn a_path_that_is_not_there_gets_a_hint() {
    let upstream = Upstream::always(Reply::json(404, "{}")).await;
    let origin = upstream.base("").origin();
    for (path, hint) in [
        ("", format!("The base URL has no version. Try {origin}/v1.")),
        (
            "/openai",
            format!("The base URL has no version. Try {origin}/openai/v1."),
        ),
        ("/v1", "Check the path of the base URL.".to_owned()),
        (
            "/v1/v1",
            format!("The base URL has its version twice. Try {origin}/v1."),
        ),
    ] {
        let discovery = discovered(&with_key(upstream.base(path))).await;
        assert_eq!(discovery.outcome, CheckOutcome::NotFound);
        assert_eq!(
            discovery.message,
            format!("{origin}{path}/models was not found (404). {hint}")
        );
    }
}

#[tokio::test]
async fn a_redirect_is_named_and_its_target_left_alone() {
    let trap = Tripwire::on("127.0.0.1");
    let location = format!("http://{}/v1/models?key=sk-canary-1234", trap.address);
    let upstream = Upstream::always(Reply::new(308, &[("location", &location)], "")).await;
    let base = upstream.base("/v1");
    let discovery = discovered(&with_key(base.clone())).await;
    assert_eq!(discovery.outcome, CheckOutcome::Redirected);
    assert_eq!(
        discovery.message,
        format!(
            "{base}/models redirects to http://{}/v1/models (308). Waypost does not follow redirects, because that would send the key along. If the API is there, enter that address as the base URL.",
            trap.address
        )
    );
    trap.assert_untouched("the target of a redirect");
    // A target that holds the key, or none at all, is not repeated.
    for location in [
        "http://x.example/sk-canary-1234",
        "http://x.example/%73k-canary%2D1234",
        "http://sk-canary-1234.example/",
        "javascript:alert(1)",
        "http://",
    ] {
        let discovery = of(Reply::new(302, &[("location", location)], "")).await;
        assert!(
            discovery.message.contains("redirects (302)"),
            "{}",
            discovery.message
        );
    }
}

#[tokio::test]
async fn what_is_no_list_says_what_it_may_be() {
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    for (body, outcome, words) in [
        (
            "<!doctype html><p>Sign in",
            CheckOutcome::BadResponse,
            "a web page instead of a model list",
        ),
        (
            "hello",
            CheckOutcome::BadResponse,
            "something other than JSON",
        ),
        ("", CheckOutcome::BadResponse, "something other than JSON"),
        (
            r#"{"models":[{"name":"llama3.1:8b"}]}"#,
            CheckOutcome::BadResponse,
            "`models` instead of `data`",
        ),
        (
            deep.as_str(),
            CheckOutcome::BadResponse,
            "nested more than 32 levels deep",
        ),
        (
            r#"{"error":"down"}"#,
            CheckOutcome::BadResponse,
            "an error with a success status",
        ),
        (
            r#"{"error":{"code":502,"message":"x"}}"#,
            CheckOutcome::ServerError,
            "(502)",
        ),
        (
            r#"{"error":{"code":401}}"#,
            CheckOutcome::Unauthorized,
            "refused the key (401)",
        ),
        (
            r#"{"data":["a"],"has_more":true}"#,
            CheckOutcome::BadResponse,
            "reports more models without a link",
        ),
    ] {
        let discovery = of(Reply::json(200, body)).await;
        assert_eq!(discovery.outcome, outcome, "{body}");
        assert!(
            discovery.message.contains(words),
            "{body}: {}",
            discovery.message
        );
    }
    let many = format!("[{}]", vec!["\"m\""; 50_001].join(","));
    let discovery = of(Reply::json(200, &many)).await;
    assert_eq!(discovery.outcome, CheckOutcome::TooLarge);
    assert!(
        discovery.message.contains("more than 50,000 models"),
        "{}",
        discovery.message
    );
}

/// Real services echo the key that they refuse, and a hostile one writes what it likes.
#[tokio::test]
async fn nothing_of_an_upstreams_prose_is_repeated() {
    for body in [
        r#"{"error":{"message":"Incorrect API key provided: sk-canary-1234","type":"invalid_request_error"}}"#,
        r#"{"error":{"message":"x","type":"sk-canary-1234","code":"sk-canary-1234"}}"#,
        r#"{"error":{"type":"canary","code":"<script>alert(1)</script>"}}"#,
        r#"{"error":{"type":"a\u202eb\u0007","message":"SPEAK-FRIEND"}}"#,
        "SPEAK-FRIEND sk-canary-1234",
    ] {
        for status in [400, 401, 404, 429, 500, 200] {
            let words = format!("{:?}", of(Reply::json(status, body)).await);
            for echoed in ["canary", "script", "SPEAK", "\\u{202e}", "Incorrect"] {
                assert!(!words.contains(echoed), "{words}");
            }
        }
    }
    let answer = r#"{"error":{"message":"…","type":"insufficient_quota"}}"#;
    let discovery = of(Reply::json(403, answer)).await;
    assert!(
        discovery.message.contains("(403, insufficient_quota)"),
        "{}",
        discovery.message
    );
}

/// `discovered` checks that the result repeats no secret of the request.
#[tokio::test]
async fn a_model_that_repeats_a_secret_is_left_out_and_counted() {
    let body = r#"{"data":[
        {"id":"gpt-4o"},
        {"id":"sk-canary-1234"},
        {"id":"openai/SK-CANARY-1234:free"},
        {"id":"\u0073k-canary-1234"},
        {"id":"b","name":"key sk-canary-1234"},
        {"id":"c","name":"sk\u200b-can\u00adary-1234"},
        {"id":"d","mode":"sk-canary-1234"},
        {"id":"e","name":"PADDING sk-canary-1234"},
        {"id":"tenant-4711/f"},
        "sk-canary-1234",
        5,
        {"id":"openai/g"}]}"#
        .replace("PADDING", &"x".repeat(110));
    let upstream = Upstream::always(Reply::json(200, &body)).await;
    let headers = [
        ("authorization", "Bearer sk-canary-1234"),
        ("x-tenant", "tenant-4711"),
        ("x-provider", "openai"),
    ];
    let endpoint = endpoint(upstream.base("/v1"), &headers, AuthSent::Scheme);
    let egress = TestEgress::new().client();
    let discovery = discover(&egress, &endpoint, &|_, _| {}).await;
    assert_eq!(ids(&discovery), ["gpt-4o", "openai/g"]);
    assert_eq!(discovery.skipped, 10);
    assert_eq!(
        discovery.message,
        "The endpoint lists 2 models. 1 entry had no usable id and was skipped. \
         9 entries contained the key or a header that was sent and were skipped."
    );
}

#[tokio::test]
async fn a_list_that_any_key_opens_is_preceded_by_one_that_only_a_valid_key_opens() {
    let upstream = Upstream::start(|request| match request.target.as_str() {
        "/api/v1/key" if request.header("authorization") == Some("Bearer good") => {
            Reply::json(200, r#"{"data":{"label":"sk-or-…","limit":null}}"#)
        }
        "/api/v1/key" => Reply::json(401, r#"{"error":{"code":401}}"#),
        _ => Reply::json(200, THREE),
    })
    .await;
    let check = |key: &str| {
        let header = format!("Bearer {key}");
        let headers = [("authorization", header.as_str())];
        let mut endpoint = endpoint(upstream.base("/api/v1"), &headers, AuthSent::Scheme);
        endpoint.check_key_path = Some("/key");
        endpoint
    };
    let bad = discovered(&check("wrong-key")).await;
    assert_eq!(bad.outcome, CheckOutcome::Unauthorized);
    assert_eq!(
        upstream.received().len(),
        1,
        "the list is not asked for then"
    );
    let base = upstream.base("/api/v1");
    assert_eq!(
        bad.request,
        format!("GET {base}/key, then GET {base}/models")
    );

    let good = discovered(&check("good")).await;
    assert_eq!(good.message, "The key works. The endpoint lists 3 models.");

    let mut none = endpoint(upstream.base("/api/v1"), &[], AuthSent::None);
    none.check_key_path = Some("/key");
    let none = discovered(&none).await;
    assert_eq!(none.outcome, CheckOutcome::Unauthorized);
    assert!(
        none.message.contains("none was sent (401)"),
        "{}",
        none.message
    );
}

#[tokio::test]
async fn calls_that_come_to_no_answer_keep_their_class() {
    for (reply, outcome) in [
        (
            Reply::Endless(b"HTTP/1.1 200 OK\r\n\r\n[".to_vec()),
            CheckOutcome::TooLarge,
        ),
        (Reply::Bytes(b"nothing".to_vec()), CheckOutcome::BadResponse),
        (
            Reply::new(200, &[("content-encoding", "gzip")], "x"),
            CheckOutcome::BadResponse,
        ),
    ] {
        assert_eq!(of(reply).await.outcome, outcome);
    }
    let silent = Upstream::always(Reply::Stall(Vec::new())).await;
    let endpoint = with_key(silent.base("/v1"));
    let discovery = discovered_by(TestEgress::new().impatient(), &endpoint).await;
    assert_eq!(discovery.outcome, CheckOutcome::Timeout);

    let free = Tripwire::on("127.0.0.1").address;
    let gone = BaseUrl::parse(&format!("http://{free}/v1")).unwrap();
    let discovery = discovered(&with_key(gone)).await;
    assert_eq!(discovery.outcome, CheckOutcome::ConnectFailed);
    assert_eq!(discovery.status, None);

    let upstream = Upstream::always(Reply::json(200, THREE)).await;
    let secure = format!("https://{}/v1", upstream.address);
    let discovery = discovered(&with_key(BaseUrl::parse(&secure).unwrap())).await;
    assert_eq!(discovery.outcome, CheckOutcome::TlsFailed);

    let mut private = with_key(upstream.base("/v1"));
    private.granted = false;
    let discovery = discovered(&private).await;
    assert_eq!(discovery.outcome, CheckOutcome::AddressNotAllowed);
    assert!(discovery.message.contains("allow private addresses for it"));
    assert!(upstream.received().is_empty());
}
